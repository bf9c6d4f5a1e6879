"""Which messages hold a link that may still be opened: of alerts that are open, or were lately.

Read-only. Which token belongs to which message is `core.links`; what it opens, the console's.
"""

from pathlib import Path
from typing import NamedTuple

from telecared.adapters.sqlite.connection import reading
from telecared.core.vocabulary import Channel, Instant


class LinkedMessage(NamedTuple):
    """A message to somebody about an alert.

    Attributes:
        id: of the notification.
        to: the id of whoever was told.
        queued_at: engine time.
    """

    id: str
    home: str
    alert: int
    to: str
    queued_at: Instant


def linked_messages(path: Path, since: Instant) -> list[LinkedMessage]:
    """Return the SMS about alerts that are unresolved or were resolved since an instant.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(path) as connection:
        found = connection.execute(
            "SELECT n.id, h.name, n.alert, n.recipient, n.queued_at FROM ("
            "  SELECT home_id, n FROM alerts WHERE state <> 'resolved'"
            "  UNION ALL"
            "  SELECT home_id, n FROM alerts WHERE state = 'resolved' AND resolved_at >= ?"
            ") a JOIN notifications n ON n.home_id = a.home_id AND n.alert = a.n"
            " JOIN homes h ON h.id = n.home_id WHERE n.channel = ?",
            (since, Channel.SMS),
        ).fetchall()
    return [LinkedMessage(*row) for row in found]

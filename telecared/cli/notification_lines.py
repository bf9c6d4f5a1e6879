"""What `notifications` prints with `--json`: one object a notification, with its moments.

Plain structs, from which `telecared schema --output` is made. No number and no text is in them.
"""

import msgspec

from telecared.cli.lines import Time
from telecared.core.vocabulary import Channel, NotificationState, Priority, Stage


class MomentLine(msgspec.Struct, frozen=True):
    """One moment, as it was heard of: late, repeated and disordered ones are all there.

    `provider` and `provider_id` are empty where no provider had a part in it; `code` is the
    provider's code or the pressed key.
    """

    at: Time
    stage: Stage
    provider: str
    provider_id: str
    code: str


class NotificationLine(msgspec.Struct, frozen=True):
    """One notification and its life.

    `to` is the recipient's id. `state` is what is known of it now; `withdrawn` ones were taken
    back before they had left. `provider` is the one of the last attempt, or empty.
    """

    notification: str
    alert: str
    to: str
    channel: Channel
    priority: Priority
    queued_at: Time
    state: NotificationState
    withdrawn: bool
    attempts: int
    provider: str
    evidence: list[MomentLine]

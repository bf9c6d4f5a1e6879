"""Everything that the console serves: the union of what its views export.

A new view module is added here and nowhere else.
"""

from importlib import import_module
from typing import Final

from telecared.web.routes import Entry

VIEWS: Final = (
    "sign_in",
    "account",
    "people",
    "tokens",
    "queue",
    "board",
    "alert",
    "resident",
    "homes",
    "home_edit",
    "home_import",
    "responder",
    "api",
    "handover",
    "outages",
    "incidents",
    "attention",
    "strangers",
    "reports",
)


def all_entries() -> tuple[Entry, ...]:
    """Return the whole route table. Raises ValueError when two entries share a name."""
    entries: list[Entry] = []
    for view in VIEWS:
        entries += import_module(f"telecared.web.views.{view}").ENTRIES
    names = [entry.name for entry in entries]
    if len(names) != len(set(names)):
        raise ValueError(f"two entries share a name: {sorted(names)}")
    return tuple(entries)

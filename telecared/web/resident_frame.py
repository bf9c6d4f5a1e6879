"""What all pages about a resident have around them: their tabs, the home's zone, its state.

What stands on each is its view's.
"""

from typing import Final

from starlette.responses import Response

from telecared.core.operators import Act
from telecared.core.state import HomeState
from telecared.web.visit import Visit

TABS: Final[tuple[tuple[str, str, Act], ...]] = (
    ("resident", "Record", Act.SEE_HOMES),
    ("resident_day", "Day", Act.SEE_HOMES),
    ("resident_week", "Week", Act.SEE_HOMES),
    ("resident_devices", "Devices", Act.SEE_HOMES),
    ("resident_rules", "Rules", Act.SEE_HOMES),
    ("resident_pauses", "Suspensions", Act.SEE_HOMES),
    ("resident_preview", "What happens if…", Act.SEE_HOMES),
    ("resident_history", "History", Act.SEE_HOMES),
)


def shown(
    visit: Visit, template: str, tab: str, *, status: int = 200, **values: object
) -> Response:
    """Return a page about a resident under its tabs.

    Args:
        visit: of a registered home.
        template: which extends `resident/frame.html`.
        tab: the entry whose tab is the current one.
        status: of the answer.
        values: what the template shows.

    Raises:
        NotThere: the path names no registered home that they may see.
    """
    record = visit.record
    tabs = [
        (visit.url(name, home=record.id), words, name == tab)
        for name, words, act in TABS
        if visit.operator.may(act)
    ]
    return visit.render(
        template, status=status, home=record.id, record=record, zone=record.timezone, tabs=tabs,
        **values,
    )  # fmt: skip


def calm_state(visit: Visit) -> HomeState:
    """Return the state of the home that is visited; one of which nothing is known when new.

    Raises:
        NotThere: the path names no registered home that they may see.
    """
    record = visit.record
    return visit.sight.state(record.id) or HomeState(home=record.id)

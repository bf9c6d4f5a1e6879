"""Of several homes that are due at once, which is the most dangerous, and when one is due sooner.

Nothing fires here: that is `stepping`.
"""

from collections.abc import Callable, Iterable
from typing import Final

from telecared.core.compile import HomePlan, RuleFailed
from telecared.core.incidents import SCHEME
from telecared.core.site import SiteFacts
from telecared.core.state import HomeState, next_deadline
from telecared.core.vocabulary import Instant, Priority

_LEAST_DANGER: Final = len(Priority)


def danger(state: HomeState, plan: HomePlan, site: SiteFacts, until: Instant) -> int:
    """Return 0 for the most dangerous home: what is overdue is caught up in this order."""
    due: list[int] = []
    if state.alerts_due is not None and state.alerts_due <= until:
        due = [alert.priority.rank for alert in state.alerts.values()]
    try:
        deadlines = plan.rule_deadlines(state, site)
    except RuleFailed:
        return 0  # whatever it stands for; the step sets it aside
    due += [one.compiled.rule.priority.rank for one in deadlines if one.at <= until]
    return min(due, default=_LEAST_DANGER)


def in_turn(
    taken: Iterable[str], limit: int | None, ranks: dict[str, int], rank: Callable[[str], int]
) -> tuple[list[str], list[str], list[str]]:
    """Return who is looked at now, the schemes behind them, and who is left for another turn.

    What a scheme hears of its homes it judges when they have been looked at.

    Args:
        taken: those that are due.
        limit: the most dangerous so many; None for all.
        ranks: home -> how dangerous, as far as it was asked; filled here.
        rank: tells it, 0 for the most dangerous.
    """
    homes: list[str] = []
    schemes: list[str] = []
    for home in taken:
        (schemes if home.startswith(SCHEME) else homes).append(home)
    if limit is None or len(homes) <= limit:
        return homes, schemes, []
    for home in homes:
        if home not in ranks:
            ranks[home] = rank(home)
    homes.sort(key=lambda home: (ranks[home], home))
    return homes[:limit], schemes, homes[limit:]


def is_due_sooner(before: HomeState, after: HomeState) -> bool:
    """Whether a home is due sooner than it was: its stored bound would be too late."""
    bound, newer = next_deadline(before), next_deadline(after)
    return newer is not None and (bound is None or newer < bound)

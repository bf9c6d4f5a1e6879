"""Who goes to an alert, how many are needed, and whether they are enough. Asks, changes nothing.

What people say is taken up by `going`; who is told meanwhile is `escalation`.
"""

from collections.abc import Collection

import msgspec

from telecared.core.policy import MONITORING_CENTRE
from telecared.core.state import Alert
from telecared.core.stated import Going
from telecared.core.telling import recipients, same_phone
from telecared.core.vocabulary import Instant, Priority
from telecared.core.work import Work


def needed(alert: Alert) -> int:
    """Return how many people must go before others are left alone.

    More than one only for life safety by its policy, or where somebody asked for more help.
    """
    by_policy = alert.policy.needed if alert.priority is Priority.LIFE_SAFETY else 1
    return max(1, by_policy, alert.handled.wanted)


def enough(alert: Alert) -> bool:
    """Whether as many go as are needed, or one who counts for all."""
    return any(one.for_all for one in alert.going) or len(alert.going) >= needed(alert)


def first_of(going: Collection[Going]) -> Going:
    """Return who has the alert among those who go: who counts for all, else the first."""
    return min(going, key=lambda one: not one.for_all)


def among(work: Work, alert: Alert, by: str, contact: str | None) -> Going | None:
    """Return somebody's own word that they go; whoever shares their phone speaks for them.

    The centre's own phone speaks for its operators: what they are told again is told there.
    """
    for one in alert.going:
        if contact == MONITORING_CENTRE and one.contact is None:
            return one
        if contact is None or one.contact is None:
            if (one.by, one.contact) == (by, contact):
                return one
        elif same_phone(work, one.contact, contact):
            return one
    return None


def goes(work: Work, alert: Alert, to: str) -> bool:
    """Whether a recipient has said that they go: they are not paged again."""
    return any(same_phone(work, one.contact, to) for one in alert.going)


def counts_for_all(work: Work, alert: Alert, contact: str | None) -> bool:
    """Whether somebody's word is enough, however many are needed.

    An operator's, the centre's and its supervisor's; where a policy ends at other staff, theirs.
    """
    if contact is None or stays_away(work, contact):
        return True
    end = alert.policy.steps[-1].notify
    staff = () if MONITORING_CENTRE in end else end
    return contact in recipients(work, staff, at_any_hour=True)


def stays_away(work: Work, contact: str | None) -> bool:
    """Whether somebody answers from their desk: an operator, the centre or its supervisor."""
    if contact is None or contact == MONITORING_CENTRE:
        return True
    supervisor = work.home.plan.centre.supervisor
    names = (supervisor,) if supervisor else ()
    return contact in recipients(work, names, at_any_hour=True)


def with_goer(alert: Alert, mine: Going | None, newer: Going) -> Alert:
    """Return an alert to which somebody goes, in place of `mine`, else as the last."""
    if mine is None:
        going = (*alert.going, newer)
    else:
        going = tuple(newer if one == mine else one for one in alert.going)
    return msgspec.structs.replace(alert, going=going)


def without_goers(alert: Alert, leaving: Collection[Going]) -> Alert:
    """Return an alert to which some no longer go.

    Where more help was asked for, one more than those who are left is wanted.
    """
    rest = tuple(one for one in alert.going if one not in leaving)
    wanted = min(alert.handled.wanted, len(rest) + 1) if rest else 0
    there = any(one.arrived is not None for one in rest)
    ask_at = alert.handled.ask_at if there else None
    handled = msgspec.structs.replace(alert.handled, wanted=wanted, ask_at=ask_at)
    return msgspec.structs.replace(alert, going=rest, handled=handled)


def expired(alert: Alert, at: Instant) -> list[Going]:
    """Return whose word has lapsed by an instant."""
    return [one for one in alert.going if one.until <= at]

"""The monitoring centre that does not answer: its supervisor is paged, again and again.

Nobody may stand unanswered at the end of a policy for longer than a commissioner allows. When the
centre itself is told, and told again, is `escalation`.
"""

from typing import Final

import msgspec

from telecared.core.messages import unanswered
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.state import Alert
from telecared.core.telling import ANY_CHANNEL, FAILED, channels_of, presses, recipients, tell
from telecared.core.vocabulary import SECOND, Duration
from telecared.core.windows import duration_text
from telecared.core.work import Work

SOONEST_PAGE: Final[Duration] = 5 * SECOND
"""The supervisor is not paged more often than this, whatever a deployment says."""


def stands_there(work: Work, alert: Alert) -> Alert:
    """Note that an alert has reached the staffed end of its policy: from now on it must answer.

    What is of life safety or urgent pages the supervisor when nobody there acknowledges it; the
    clock of those pages runs on whatever else is told meanwhile.
    """
    since = work.told_at if alert.centre_at is None else alert.centre_at
    alert = msgspec.structs.replace(alert, centre_at=since)
    centre = work.home.plan.centre
    watched = presses(alert) and centre.supervisor is not None and bool(centre.page_after)
    if not watched or alert.page_at is not None:
        return alert
    wait = max(centre.page_after[0], SOONEST_PAGE)
    return msgspec.structs.replace(alert, page_at=work.told_at + wait)


def page_supervisor(work: Work, alert: Alert) -> Alert:
    """Page the supervisor about an alert that the centre has not acknowledged in time.

    After the last stated time it goes on as often as the centre itself is told again. The clock
    ends when the deployment names no supervisor any more, or the alert has become less dangerous.
    """
    centre = work.home.plan.centre
    if centre.supervisor is None or not presses(alert):
        return work.put(msgspec.structs.replace(alert, page_at=None, paged=0))
    since = work.told_at if alert.centre_at is None else alert.centre_at
    lasted = duration_text(work.told_at - since)
    paged = alert.paged + 1
    if paged < len(centre.page_after):
        next_in = centre.page_after[paged] - centre.page_after[paged - 1]
    else:
        next_in = centre.repeat
    alert = msgspec.structs.replace(
        alert, paged=paged, page_at=work.told_at + max(next_in, SOONEST_PAGE)
    )
    told, reason = _supervisors(work, alert, centre.supervisor)
    unread = f"nobody at the centre has acknowledged it for {lasted}"
    work.record("alert.escalated", alert, f"{reason}: {unread}", to=told[0] if told else None)
    for to in told or [MONITORING_CENTRE]:
        for channel in channels_of(work, centre.page_by, to) or channels_of(work, ANY_CHANNEL, to):
            alert = tell(work, alert, to, channel, unanswered(alert, lasted), pages=True, turn=0)
    return work.put(alert)


def _supervisors(work: Work, alert: Alert, name: str) -> tuple[list[str], str]:
    """Return who is paged, and what the record says of it.

    When nobody is on duty or reachable, or every page to them has failed, those who would be are:
    better woken than not found.
    """
    on_duty = _with_a_sender(work, recipients(work, (name,)))
    if not all(_in_vain(alert, to) for to in on_duty):
        return on_duty, f"{name} is paged"
    rota = work.home.rotas.get(name)
    layers = rota.layers if rota is not None else ()
    names = [person for layer in reversed(layers) for person in layer.people] or [name]
    found = _with_a_sender(work, recipients(work, names, at_any_hour=True))
    if found and not set(found) - set(on_duty):
        return on_duty, f"{name} is paged"
    if found:
        nobody = "could not be reached so far" if on_duty else "has nobody on duty now"
        return found, f"{name} {nobody}, so that all of them are paged"
    return [], f"{name} has nobody who can be paged, so that the centre is told again"


def _in_vain(alert: Alert, to: str) -> bool:
    """Whether somebody was paged as the supervisor, and no page has reached them."""
    pages = [told.state for told in alert.told if told.pages and (told.to, told.turn) == (to, 0)]
    return bool(pages) and FAILED.issuperset(pages)


def _with_a_sender(work: Work, found: list[str]) -> list[str]:
    """Return those who have an address for which there is a sender: the others hear nothing."""
    return [to for to in found if channels_of(work, ANY_CHANNEL, to)]

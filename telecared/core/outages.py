"""Outage lists: after any gap, whose alarm could have been missed, worked to zero by people.

Made in the state of `@scheme/ID` after our link, our provider or we ourselves had failed, and for
an incident. What a gap means to one home is `risk_of`; when there was one is `gap_in`.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec.structs import replace

from telecared.core import alerts
from telecared.core.alerts import Opening
from telecared.core.compile import HomePlan
from telecared.core.facts import LIFE_SAFETY_KINDS
from telecared.core.machinery import technical_key
from telecared.core.messages_storms import list_say
from telecared.core.plan import Ageing
from telecared.core.site import LinkDrained, LinkUp, SiteEvent, SiteFacts
from telecared.core.state import Answer, HomeState, earliest
from telecared.core.storm_events import AtRisk, GapEnded, HomeChecked, HomeHeard
from telecared.core.storms import (
    MAX_INCIDENTS,
    MAX_LISTED,
    Cause,
    CheckOutcome,
    Incident,
    Listed,
    OutageList,
    Silent,
    place_of,
    too_many,
)
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    AlertState,
    DeviceKind,
    Duration,
    Instant,
    Priority,
)
from telecared.core.work import Work

FINDING: Final = "outage-list"

LISTED_FROM: Final[Duration] = 5 * MINUTE
"""A gap that is shorter is no outage; a session that the broker has forgotten always is one."""

TOLD_AFTER: Final[Duration] = 15 * MINUTE
"""A list that comes to zero by itself within this tells nobody: homes are heard again."""

URGENT_AFTER: Final[Duration] = HOUR
"""A list that is not at zero so long after it was told is urgent."""

LONGEST_CHECK_NOTE: Final = 2_000
"""Characters of what somebody notes about a home."""

_AGES: Final = Ageing(every=URGENT_AFTER, priority=Priority.URGENT, of="all", between=())

_LIVES_DEPEND_ON: Final = LIFE_SAFETY_KINDS | {DeviceKind.ALARM_UNIT}


class Gap(NamedTuple):
    """A stretch in which alarms may not have come through, and what is known of it.

    Attributes:
        lossy: messages that were on their way may be gone for good.
    """

    cause: Cause
    since: Instant
    lossy: bool


# --- what a gap is, and what it means to a home -------------------------------------------------


def gap_in(before: SiteFacts, event: SiteEvent) -> Gap | None:
    """Return the gap that an event of the site ends, or None: our link was lost, or we were down.

    It is told when what the broker had kept for us is in, or when the broker has kept nothing.
    """
    down_since = before.down_since
    match event:
        case LinkUp(resumed=False) if before.connected_at:
            since = down_since or before.connected_at
            return Gap(_whose(before, since), since, lossy=True)
        case LinkDrained(at=at) if down_since is not None and at - down_since >= LISTED_FROM:
            return Gap(_whose(before, down_since), down_since, lossy=False)
    return None


def _whose(site: SiteFacts, since: Instant) -> Cause:
    return Cause.US if any(end > since for _, end in site.stops) else Cause.BROKER


def risk_of(home: HomePlan, state: HomeState, gap: Gap) -> AtRisk | None:
    """Return what a gap may have meant to a home; None for one that could not have called.

    What a device sends without delivery guarantee is lost whenever the link is.
    """
    record = home.record
    if record is None or not record.devices:
        return None
    if gap.cause is Cause.PROVIDER and not _paging(state):
        return None
    lives = lives_of(home)
    unsure = any(key.startswith("!qos-zero|") for key in state.findings)
    return AtRisk(
        home=home.home,
        lives=lives,
        tags=len(record.tags),
        heard_at=max((state.heard.get(name, 0) for name in home.speaking), default=0),
        open_alerts=_paging(state),
        contacts=len(record.contacts),
        lossy=gap.cause is Cause.PROVIDER or (bool(lives) and (gap.lossy or unsure)),
    )


def lives_of(home: HomePlan) -> int:
    """Return how many devices of a home a life depends on, its alarm units among them."""
    return sum(device.kind in _LIVES_DEPEND_ON for device in home.devices.values())


def _paging(state: HomeState) -> int:
    open_ = (one for one in state.alerts.values() if one.state is AlertState.OPEN)
    return sum(not one.watch for one in open_)


# --- lists ----------------------------------------------------------------------------------


def open_for_gap(work: Work, event: GapEnded) -> None:
    """Make a list of whose alarm could have been missed; of nobody, none is made."""
    homes = [
        Listed(
            one.home,
            one.lives,
            one.tags,
            one.heard_at,
            one.open_alerts,
            one.contacts,
            one.lossy,
        )
        for one in event.homes
    ]
    of_gaps = [one for one in work.state.storms.lists if not one.incident]
    # One gap may end twice: the broker had forgotten us, and then it was drained.
    known = any(event.since in (one.since, one.latest) for one in of_gaps)
    alike = [one for one in of_gaps if one.cause == event.cause and not one.closed_at]
    if not homes or known:
        return
    if alike:
        _add(work, alike[-1], event.since, homes)
    else:
        _open(work, event.cause, event.since, homes)


def _add(work: Work, known: OutageList, since: Instant, homes: list[Listed]) -> None:
    """Put another gap on a list that is not at zero: a link that flaps makes one list.

    Whoever was looked after before it has to be looked after again.
    """
    before = {one.home: one for one in known.homes}
    news = {one.home: _once_more(before.get(one.home), one) for one in homes}
    listed, more = _by_risk({**before, **news}.values())
    grown = replace(known, latest=since, homes=listed, more=max(known.more, more), done_before=0)
    _put(work, _told_anew(work, known, grown))


def _told_anew(work: Work, before: OutageList, grown: OutageList) -> OutageList:
    """Have a list told again whose alert is over: it was at zero, or a person had closed it."""
    finding = work.state.findings.get(technical_key(FINDING, str(before.n)))
    alert = finding.alert if finding is not None else None
    if alert is not None or not (before.told or before.closed_at):
        return grown
    tell_at = work.at + TOLD_AFTER
    work.state.conditions_due = earliest(work.state.conditions_due, tell_at)
    return replace(grown, told=False, tell_at=tell_at)


def _once_more(before: Listed | None, now: Listed) -> Listed:
    """Return how a home stands on a list after another gap: what was unsure stays so."""
    unsure = before is not None and before.lossy and not before.is_done
    return replace(now, lossy=now.lossy or unsure)


def open_for_incident(work: Work, incident: Incident) -> None:
    """Make the list of an incident: nobody hears its homes while it runs."""
    since = min(one.at for one in incident.members)
    _open(work, incident.cause, since, _of(incident.members), incident=incident.n)


def grow_for_incident(work: Work, incident: Incident, more: Iterable[Silent]) -> None:
    """Put the homes on an incident's list that have joined it."""
    lists = work.state.storms.lists
    mine = next((one for one in lists if one.incident == incident.n), None)
    if mine is None:  # it was at zero, and newer lists have taken its place
        _open(work, incident.cause, work.at, _of(more), incident=incident.n)
        return
    again = {one.home: one for one in _of(more)}
    kept = [one for one in mine.homes if one.home not in again]
    homes, rest = _by_risk((*kept, *again.values()))
    grown = replace(mine, homes=homes, more=mine.more + rest, closed_at=0, done_before=0)
    _put(work, _told_anew(work, mine, grown))


def _of(members: Iterable[Silent]) -> list[Listed]:
    homes = {one.home: one for one in members}
    return [Listed(one.home, one.lives, 0, one.at, 0, 0, lossy=False) for one in homes.values()]


def _open(
    work: Work, cause: str, since: Instant, homes: list[Listed], *, incident: int = 0
) -> None:
    storms = work.state.storms
    listed, more = _by_risk(homes)
    made = OutageList(
        n=storms.next_list,
        cause=cause,
        since=since,
        opened_at=work.at,
        tell_at=work.at + TOLD_AFTER,
        homes=listed,
        more=more,
        incident=incident,
    )
    kept = (*storms.lists, made)
    old = too_many([(one.n, len(one.homes), bool(one.closed_at)) for one in kept])
    if len(kept) - len(old) > MAX_INCIDENTS:
        # Of very many that nobody works on, the oldest goes: its homes stand on the newer ones too.
        old = {kept[0].n}
    lists = tuple(one for one in kept if one.n not in old)
    work.state.storms = replace(storms, next_list=made.n + 1, lists=lists)
    for n in sorted(old):
        alerts.recovered(work, technical_key(FINDING, str(n)), "newer lists have taken its place")
    state = work.state
    state.conditions_due = earliest(state.conditions_due, made.tell_at)


def _by_risk(homes: Iterable[Listed]) -> tuple[tuple[Listed, ...], int]:
    ordered = sorted(homes, key=lambda one: one.risk)
    return tuple(ordered[:MAX_LISTED]), max(len(ordered) - MAX_LISTED, 0)


def _put(work: Work, changed: OutageList) -> None:
    storms = work.state.storms
    lists = tuple(changed if one.n == changed.n else one for one in storms.lists)
    work.state.storms = replace(storms, lists=lists)


# --- worked to zero -------------------------------------------------------------------------------


def note_heard(work: Work, event: HomeHeard) -> None:
    """Note that a home was heard again: it is well, unless a message of it may be lost."""
    for one in work.state.storms.lists:
        n = place_of(event.home, one.homes)
        if n is not None and not one.homes[n].heard_at:
            heard = replace(one.homes[n], heard_at=event.at)
            _put(work, replace(one, homes=(*one.homes[:n], heard, *one.homes[n + 1 :])))
            _note_left(work, one.n)


def check(work: Work, event: HomeChecked) -> Answer:
    """Keep what a named person found when they looked after a home, on every list it stands on."""
    problem = _problem_of(event)
    if problem:
        return Answer(False, problem)
    found = False
    for one in work.state.storms.lists:
        if one.closed_at or all(home.home != event.home for home in one.homes):
            continue
        found = True
        homes = tuple(
            replace(home, outcome=event.outcome, by=event.by, checked_at=work.at, note=event.note)
            if home.home == event.home
            else home
            for home in one.homes
        )
        _put(work, replace(one, homes=homes, done_before=0))
        _note_left(work, one.n)
    if not found:
        return Answer(
            False, f"{event.home} stands on no outage list: `telecared outages` shows them"
        )
    work.record("alert.updated", None, f"{event.home}: {event.outcome}, {event.by}", rule=FINDING)
    if not CheckOutcome(event.outcome).settles:
        return Answer(True, f"{event.home} stays on the list until somebody knows how they are")
    return Answer(True)


def _problem_of(event: HomeChecked) -> str:
    if not event.by.strip():
        return "it names nobody who has looked: say who, with --by"
    if event.outcome not in list(CheckOutcome):
        return f"{event.outcome} is no outcome; write one of {', '.join(CheckOutcome)}"
    if len(event.note) > LONGEST_CHECK_NOTE:
        return f"the note is longer than {LONGEST_CHECK_NOTE} characters: shorten it"
    return ""


def _note_left(work: Work, n: int) -> None:
    """Close a list that is at zero, and its alert; a list too long to be listed never is."""
    one = next(one for one in work.state.storms.lists if one.n == n)
    # Thousands of homes are heard again one by one: what is done is not looked at each time.
    rest = range(one.done_before, len(one.homes))
    done = next((place for place in rest if not one.homes[place].is_done), len(one.homes))
    _put(work, replace(one, done_before=done))
    if not one.closed_at and not one.more and done == len(one.homes):
        _put(work, replace(one, closed_at=work.at, done_before=done))
        alerts.recovered(work, technical_key(FINDING, str(n)), "everybody was looked after")


# --- told -----------------------------------------------------------------------------------------


def deadline(state: HomeState) -> Instant | None:
    """Return when a list that is not at zero is to be told."""
    waiting = (one.tell_at for one in state.storms.lists if not (one.told or one.closed_at))
    return min(waiting, default=None)


def tell(work: Work) -> None:
    """Open the alert of each list that is not at zero by now."""
    for one in work.state.storms.lists:
        if not (one.told or one.closed_at) and one.tell_at <= work.at:
            _put(work, replace(one, told=True))
            _open_alert(work, one)


def _open_alert(work: Work, one: OutageList) -> None:
    left, scheme = one.left, work.home.home.removeprefix("@scheme/")
    beyond = f" and {one.more} more" if one.more else ""
    say, says = list_say(scheme, left, one.cause, work.reader, work.home.languages)
    alerts.found(
        work,
        Opening(
            rule=FINDING,
            key=technical_key(FINDING, str(one.n)),
            priority=Priority.TECHNICAL,
            say=say,
            says=says,
            policy=work.policy(None, Priority.TECHNICAL),
            device=None,
            subject=str(one.n),
            since=work.at,
            reason=f"outage list {one.n} of {scheme}: {left} homes{beyond}, {one.cause}",
            ages=_AGES,
        ),
    )


def awaited(state: HomeState) -> dict[str, None]:
    """Return the homes that stand on a list and were not heard since: their next word is news."""
    return {
        home.home: None
        for one in state.storms.lists
        if not one.closed_at
        for home in one.homes
        if not home.heard_at
    }

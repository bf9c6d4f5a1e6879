"""Many alarm units silent within minutes are one incident: noticed, told once, and over again.

A small reducer in the state of `@scheme/ID`. It is told of openings (`storm_events`) and judges
them at a deadline of the scheme's own, as of the instant at which they opened, so that the order
in which homes are visited means nothing. It stands behind every home, never before one.
"""

from bisect import insort
from collections.abc import Iterable
from math import ceil
from typing import Final

from msgspec.structs import replace

from telecared.core import alerts, messages, outages
from telecared.core.alerts import Opening
from telecared.core.effects import Relay
from telecared.core.machinery import technical_key
from telecared.core.messages_storms import Says, incident_say
from telecared.core.state import HomeState, earliest
from telecared.core.storm_events import StormJoined, StormOver, UnitBack, UnitSilent
from telecared.core.storms import (
    MAX_SILENT,
    Cause,
    Incident,
    Silent,
    Storms,
    place_of,
    too_many,
)
from telecared.core.vocabulary import DAY, HOUR, SECOND, Duration, Instant, Priority
from telecared.core.work import Work

SCHEME: Final = "@scheme/"
"""How the name of the home begins that stands for a scheme."""

FINDING: Final = "incident"

LONGEST_INCIDENT: Final[Duration] = DAY
"""An incident is over after this at the latest: whatever still lasts is told home by home."""

OVER_AT_SHARE: Final = 10
"""It ebbs when no more than this part of its homes is still silent, in per cent, and is over when
none of them has come back for as long as it took to begin (`Storm.within`)."""

POWER_SHARE: Final = 25
"""It is a power cut when at least this part of its homes had lost their mains, in per cent."""

OURS_WITHIN: Final[Duration] = HOUR
"""Silence that begins within this of our own outage is thought to be of it."""

GATHERED_FROM: Final = 500
GATHERED_FOR: Final[Duration] = SECOND
"""Of more silent homes than that, those that come back are judged together, each second: power
comes back to all at once, and nothing may stand in front of an alarm."""

LISTED_IN_RECORD: Final = 50
"""Homes that a line of the record names; `telecared incidents` lists them all."""


def scheme_of(home: str) -> str:
    """Return the scheme for which a home `@scheme/ID` stands."""
    return home.removeprefix(SCHEME)


# --- what is heard ------------------------------------------------------------------------------


def note_silent(work: Work, event: UnitSilent) -> None:
    """Take in that a unit is silent; what it means is judged at the instant it was found."""
    storms = work.state.storms
    if len(storms.silent) >= MAX_SILENT:
        return
    one = Silent(event.home, event.alert, event.at, event.mains_lost, event.lives)
    silent = list(storms.silent)
    insort(silent, one, key=_order)
    _keep(work, replace(storms, units=event.units), silent, event.at)


def note_back(work: Work, event: UnitBack) -> None:
    """Take in that a unit speaks again, or that a person has closed its alert."""
    storms = work.state.storms
    n = place_of(event.home, storms.silent)
    while n is not None:
        one = storms.silent[n]
        if one.alert == event.alert and not one.back_at:
            silent = list(storms.silent)
            silent[n] = replace(one, back_at=event.at, judged=False)
            _keep(work, storms, silent, event.at + _pause(storms))
            return
        n = place_of(event.home, storms.silent, n + 1)


def _keep(work: Work, storms: Storms, silent: list[Silent], judge_at: Instant) -> None:
    state = work.state
    first = earliest(storms.judge_at or None, judge_at) or 0
    state.storms = replace(storms, silent=tuple(silent), judge_at=first)
    state.conditions_due = earliest(state.conditions_due, judge_at)


def _order(one: Silent) -> tuple[Instant, str, int]:
    return (one.at, one.home, one.alert)


def _pause(storms: Storms) -> Duration:
    """Return how long homes that come back are gathered before all of them are judged."""
    return GATHERED_FOR if len(storms.silent) > GATHERED_FROM else 0


# --- judging ------------------------------------------------------------------------------------


def deadline(state: HomeState) -> Instant | None:
    """Return when the scheme has to judge what it heard, or to end an incident."""
    storms = state.storms
    ends = (
        min(one.ebbs_at or one.until, one.until) for one in storms.incidents if not one.closed_at
    )
    return earliest(storms.judge_at or None, *ends)


def judge(work: Work) -> None:
    """Work out what the silent units mean as of now: a new incident, one that grows, one over."""
    _begin_or_grow(work)
    for incident in work.state.storms.incidents:
        if not incident.closed_at:
            _end_if_over(work, incident)
    _forget(work)


def _begin_or_grow(work: Work) -> None:
    storms, plan = work.state.storms, work.home.plan.storm
    running = next((one for one in reversed(storms.incidents) if not one.closed_at), None)
    fresh = [
        one
        for one in storms.silent
        if work.at - plan.within < one.at <= work.at
        and not one.incident
        and (not one.back_at or one.back_at > work.at)
    ]
    if running is not None and running.last_at + plan.within > work.at:
        if fresh:
            _grow(work, running, fresh)
        return
    least = max(plan.units, ceil(plan.share * storms.units / 100), 2)
    if len(fresh) >= least:
        _begin(work, fresh)


def _begin(work: Work, fresh: list[Silent]) -> None:
    storms = work.state.storms
    n = storms.next_incident
    members = _marked(fresh, n)
    incident = Incident(
        n=n,
        cause=cause_of(work, fresh),
        opened_at=work.at,
        last_at=work.at,
        units=max(storms.units, len(fresh)),
        until=work.at + LONGEST_INCIDENT,
        members=members,
    )
    work.state.storms = replace(
        storms, next_incident=n + 1, incidents=_lasting((*storms.incidents, incident))
    )
    _put_members(work, members)
    work.record("incident.opened", None, _told(work, incident), rule=FINDING)
    _open_alert(work, incident)
    _hold(work, incident, members)
    outages.open_for_incident(work, incident)


def _grow(work: Work, incident: Incident, fresh: list[Silent]) -> None:
    more = _marked(fresh, incident.n)
    members = _by_risk((*incident.members, *more))
    grown = replace(incident, last_at=work.at, members=members)
    _put_incident(work, grown)
    _put_members(work, more)
    finding = work.state.findings.get(technical_key(FINDING, str(incident.n)))
    alert = work.state.alerts.get(finding.alert) if finding and finding.alert else None
    if alert is not None:
        say, says = _said(work, grown)
        values = {"code": alert.code}
        alert = messages.retold(
            alert,
            work.reader,
            lambda reader, _: messages.render(says.get(reader.language, say), values, reader),
        )
        work.put(alert)
    names = ", ".join(one.home for one in more[:LISTED_IN_RECORD])
    reason = f"{incident_id(work, grown)} has {len(members)} homes now: {names}"
    work.record("alert.updated", alert, reason, rule=FINDING)
    _hold(work, grown, more)
    outages.grow_for_incident(work, grown, more)


def cause_of(work: Work, silent: list[Silent]) -> Cause:
    """Return the likeliest cause: ours before theirs, then what they told before they fell."""
    first = min(one.at for one in silent)
    if any(start <= first <= end + OURS_WITHIN for start, end in work.site.stops):
        return Cause.US
    if any(start <= first <= end + OURS_WITHIN for start, end in work.site.all_outages()):
        return Cause.BROKER
    without = sum(one.mains_lost for one in silent)
    return Cause.POWER if without * 100 >= POWER_SHARE * len(silent) else Cause.BROADBAND


def _said(work: Work, incident: Incident) -> Says:
    homes = len(incident.members)
    return incident_say(
        scheme_of(work.home.home),
        homes,
        max(incident.units, homes),
        incident.cause,
        work.reader,
        work.home.languages,
    )


def _open_alert(work: Work, incident: Incident) -> None:
    say, says = _said(work, incident)
    alerts.found(
        work,
        Opening(
            rule=FINDING,
            key=technical_key(FINDING, str(incident.n)),
            priority=Priority.URGENT,
            say=say,
            says=says,
            policy=work.policy(None, Priority.URGENT),
            device=None,
            subject=str(incident.n),
            since=work.at,
            reason=_told(work, incident),
        ),
    )


def _hold(work: Work, incident: Incident, members: Iterable[Silent]) -> None:
    for one in members:
        joined = StormJoined(
            input=0,
            at=work.at,
            alert=one.alert,
            incident=incident_id(work, incident),
            cause=incident.cause,
            until=incident.until,
        )
        work.effects.append(Relay(home=one.home, event=joined))


# --- the end ------------------------------------------------------------------------------------


def _end_if_over(work: Work, incident: Incident) -> None:
    silent = [one for one in work.state.storms.silent if one.incident == incident.n]
    lasting = [one for one in silent if not one.back_at or one.back_at > work.at]
    back_at = [one.back_at for one in silent if 0 < one.back_at <= work.at]
    many = len(lasting) * 100 > OVER_AT_SHARE * len(incident.members)
    ebbs_at = max(back_at, default=work.at) + work.home.plan.storm.within
    if work.at < incident.until and lasting and (many or work.at < ebbs_at):
        # Those who are slow to come back are given some time before anybody is told of them.
        _put_incident(work, replace(incident, ebbs_at=0 if many else ebbs_at))
        return
    back = {(one.home, one.alert): one for one in silent}
    members = tuple(back.get((one.home, one.alert), one) for one in incident.members)
    _put_incident(work, replace(incident, closed_at=work.at, members=members))
    why = "its homes are back" if not lasting else f"{len(lasting)} homes are still silent"
    name = incident_id(work, incident)
    work.record("incident.closed", None, f"{name}: {why}", rule=FINDING)
    alerts.recovered(work, technical_key(FINDING, str(incident.n)), f"{name}: {why}")
    for one in lasting:
        over = StormOver(input=0, at=work.at, alert=one.alert, incident=name)
        work.effects.append(Relay(home=one.home, event=over))


def _forget(work: Work) -> None:
    """Forget units that are back and of no running incident, and what can begin none any more."""
    storms = work.state.storms
    running = {one.n for one in storms.incidents if not one.closed_at}
    within = work.home.plan.storm.within
    kept = []
    for one in storms.silent:
        changed_at = one.back_at or one.at
        seen = one if changed_at > work.at or one.judged else replace(one, judged=True)
        over = one.back_at and one.back_at <= work.at
        if one.incident in running or not (over or one.at <= work.at - within):
            kept.append(seen)
    pause = GATHERED_FOR if len(kept) > GATHERED_FROM else 0
    heard = (one.back_at + pause if one.back_at else one.at for one in kept if not one.judged)
    judge_at = min(heard, default=0)
    work.state.storms = replace(storms, silent=tuple(kept), judge_at=judge_at)


# --- small things -------------------------------------------------------------------------------


def incident_id(work: Work, incident: Incident) -> str:
    """Return how an incident is called: `northside#1`."""
    return f"{scheme_of(work.home.home)}#{incident.n}"


def _told(work: Work, incident: Incident) -> str:
    """Return one sentence with the evidence, the homes with most life-safety devices first."""
    names = [one.home for one in incident.members]
    rest = len(names) - LISTED_IN_RECORD
    listed = ", ".join(names[:LISTED_IN_RECORD]) + (f" and {rest} more" if rest > 0 else "")
    mains = sum(one.mains_lost for one in incident.members)
    return (
        f"{incident_id(work, incident)}: {len(names)} of {incident.units} alarm units silent"
        f" within minutes, likely {incident.cause}, {mains} had lost their mains: {listed}"
    )


def _by_risk(members: Iterable[Silent]) -> tuple[Silent, ...]:
    return tuple(sorted(members, key=lambda one: (-one.lives, one.at, one.home)))


def _marked(silent: Iterable[Silent], incident: int) -> tuple[Silent, ...]:
    return _by_risk(replace(one, incident=incident, judged=True) for one in silent)


def _put_members(work: Work, members: tuple[Silent, ...]) -> None:
    new = {(one.home, one.alert): one for one in members}
    storms = work.state.storms
    silent = tuple(new.get((one.home, one.alert), one) for one in storms.silent)
    work.state.storms = replace(storms, silent=silent)


def _put_incident(work: Work, incident: Incident) -> None:
    storms = work.state.storms
    several = tuple(incident if one.n == incident.n else one for one in storms.incidents)
    work.state.storms = replace(storms, incidents=several)


def _lasting(incidents: tuple[Incident, ...]) -> tuple[Incident, ...]:
    """Return the incidents that are kept: every running one, and the latest of the others."""
    gone = too_many([(one.n, len(one.members), bool(one.closed_at)) for one in incidents])
    return tuple(one for one in incidents if one.n not in gone)

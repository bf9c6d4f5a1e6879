"""The page "What happens if…": who would be told if a rule found something, by what, and when.

A rehearsal on the home as it is now (`sim.preview`): nothing is sent and nothing changes.
"""

import re
from typing import Final, NamedTuple

from msgspec.structs import replace
from starlette.responses import Response

from telecared.config.load import LoadedPlan
from telecared.core.compile import HomePlan
from telecared.core.operators import Act
from telecared.core.policy import MONITORING_CENTRE, RESIDENT
from telecared.core.site import ALWAYS_ON
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, Duration, Instant
from telecared.errors import ReplayError
from telecared.sim.lines import ReplayLine
from telecared.sim.preview import Asked, Rehearsal, instant_of, rehearse, rule_asked
from telecared.web.resident_frame import shown
from telecared.web.routes import Entry
from telecared.web.visit import Visit

FURTHEST: Final[Duration] = 60 * DAY
"""How far ahead a rehearsal may begin."""

MAX_LINES: Final = 200
"""Lines of a ladder that are shown."""

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:\d\d)?")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

_WORDS: Final = {
    "alert.opened": "The alert opens",
    "alert.repeated": "It joins the alert that is open already",
    "alert.escalated": "The next step begins",
    "alert.updated": "News for the alert",
    "alert.resolved": "The alert is over",
    "notification.delivered": "Delivered",
    "notification.failed": "Not delivered",
    "notification.undelivered": "Not delivered",
    "notification.sent": "Sent",
    "incident.opened": "An incident begins",
}


class Rung(NamedTuple):
    """One line of the ladder: `kind` `told` for a message, `step` for what else happens."""

    at: Instant
    after: Duration
    kind: str
    what: str
    to: str
    text: str


def preview(visit: Visit) -> Response:
    """Show the form and, when a rule is named, the ladder."""
    plan = visit.sight.home_plan(visit.the_home)
    rules = sorted(one.name for one in plan.rules)
    problems: dict[str, str] = {}
    told: Rehearsal | None = None
    if visit.query.get("rule"):
        try:
            told = _rehearsed(visit, plan)
        except ReplayError as error:
            problems = {"rule": f"{str(error)[:1].upper()}{str(error)[1:]}."}
    return shown(
        visit,
        "resident/preview.html",
        "resident_preview",
        status=400 if problems else 200,
        rules=[(name, name) for name in rules],
        asked={key: visit.query.get(key, "")[:40] for key in ("rule", "on", "at")},
        problems=problems,
        told=told,
        rungs=[] if told is None else _ladder(told, plan),
        names=_names(plan),
        centre_in=None
        if told is None or told.at_the_centre is None
        else told.at_the_centre - told.at,
        ends_at_centre=told is not None and any(MONITORING_CENTRE in duty.to for duty in told.duty),
    )


def _rehearsed(visit: Visit, plan: HomePlan) -> Rehearsal:
    """Return what would happen. Raises ReplayError."""
    state = visit.sight.state(visit.the_home)
    site = visit.sight.site
    rule = rule_asked(plan, visit.query.get("rule", "")[:100])
    now = visit.now if state is None else max(state.at, visit.now)
    at = instant_of(_asked(visit), plan, now)
    if at > now + FURTHEST:
        raise ReplayError(
            f"a rehearsal begins within {FURTHEST // DAY} days: choose an earlier day"
        )
    # Whether the link is up says nothing of what would follow; who stands in on a rota does.
    rehearsed = replace(ALWAYS_ON, rota_overrides=site.rota_overrides, clock=site.clock)
    loaded = LoadedPlan(plan=visit.sight.plan, profiles={}, warnings=(), sources={})
    return rehearse(
        loaded,
        visit.record,
        rule,
        at,
        now=now if state is None else state.at,
        state=state,
        site=rehearsed,
    )


def _asked(visit: Visit) -> Asked:
    """Return when. Raises ReplayError."""
    on, at = visit.query.get("on", ""), visit.query.get("at", "")
    clock = _CLOCK.fullmatch(at)
    if at and clock is None:
        raise ReplayError("write the time like 02:10, or leave it out for now")
    if on and not _DATE.fullmatch(on):
        raise ReplayError("write the day like 2026-12-25, or leave it out for the next time")
    minute = None if clock is None else 60 * int(clock[1]) + int(clock[2])
    return Asked("", minute, on or None)


def _ladder(told: Rehearsal, plan: HomePlan) -> list[Rung]:
    names = _names(plan)
    return [_rung(told, line, names) for line in told.lines[:MAX_LINES]]


def _rung(told: Rehearsal, line: ReplayLine, names: dict[str, str]) -> Rung:
    at = parse_stamp(line.at)
    to = names.get(line.to or "", line.to or "")
    if line.event == "notification.queued":
        by = f" by {line.channel}" if line.channel else ""
        return Rung(at, at - told.at, "told", f"{to} is told{by}", to, line.text or line.reason)
    what = _WORDS.get(line.event, line.event.replace(".", " ").replace("_", " ").capitalize())
    whose = f" ({to})" if to else ""
    return Rung(at, at - told.at, "step", f"{what}{whose}", to, line.reason)


def _names(plan: HomePlan) -> dict[str, str]:
    """Return id -> name of everybody who may be told."""
    names = {one.id: one.name for one in plan.plan.people}
    if plan.record is not None:
        names |= {one.id: one.name for one in plan.record.contacts}
        names[RESIDENT] = plan.record.resident_name or "the resident"
    names[MONITORING_CENTRE] = plan.plan.centre.name
    return names


ENTRIES: tuple[Entry, ...] = (
    Entry(
        path="/homes/{home:path}/resident/what-if",
        name="resident_preview",
        endpoint=preview,
        act=Act.SEE_HOMES,
        reads="who would be told about the home",
    ),
)

"""Looked ahead for a week: where a staffed rota has nobody, and what a command may say about it.

Folds the site's facts and says what was found; that people are told of it is `technical`. Who is on
duty is `rota_duty`. Nothing here names a person: its sentences stand in alerts of the site.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from telecared.core.events import ConditionFound
from telecared.core.plan import Plan
from telecared.core.rota import Rota
from telecared.core.rota_duty import holes
from telecared.core.site import (
    FAR,
    MAX_ROTA_OVERRIDES,
    RotaGap,
    RotaOverridden,
    RotaOverride,
    RotaOverrideEnded,
    SiteFacts,
)
from telecared.core.vocabulary import DAY, Duration, Instant
from telecared.core.windows import Span, local

LOOKED_AHEAD: Final[Duration] = 7 * DAY
"""How long before nobody is on duty people are told."""

SOON: Final[Duration] = DAY
"""From how long before it is urgent."""

LOOKED_EVERY: Final[Duration] = DAY
"""How often rotas are looked through, beside every change of plan, clock or override."""

MOST_TOLD: Final = 3
"""Gaps of a week that are named one by one."""

LONGEST_OVERRIDE: Final[Duration] = 366 * DAY

GAP: Final = "rota-gap"
GAP_SOON: Final = "rota-gap-soon"


class Looked(NamedTuple):
    """What came of looking through the rotas."""

    site: SiteFacts
    found: list[ConditionFound]


def look_ahead(plan: Plan, site: SiteFacts, at: Instant, *, input: int) -> Looked:
    """Return the site's facts with the gaps of the coming week, and which began and ended.

    `at` is engine time, `input` the stored input because of which it is looked.
    """
    offset = site.offset(at)
    wall = at + offset
    known = {gap.rota: gap for gap in site.rota_gaps}
    found: list[ConditionFound] = []
    gaps: list[RotaGap] = []

    def tell(gap: RotaGap, detail: str, *, over: bool = True) -> None:
        name = GAP_SOON if gap.soon else GAP
        found.append(
            ConditionFound(
                input=input, at=at, name=name, subject=gap.rota, detail=detail, over=over
            )
        )

    for rota in plan.rotas:
        empty = _holes(plan, rota, site, wall)
        before, now = known.pop(rota.name, None), _gap(rota, empty, wall)
        if before is not None and now is not None and _is_same(before, now):
            # One that was told as near stays so: its beginning only moves on with the time.
            now = replace(now, since=min(before.since, now.since), soon=before.soon or now.soon)
        elif before is not None:
            over = "it has passed" if before.until <= wall else "somebody is on duty then"
            tell(before, over)
            before = None
        if now is not None and (before is None or before.soon != now.soon):
            if before is not None:
                tell(before, "it begins within a day")
            tell(now, _detail(empty, rota.timezone), over=False)
        gaps += [] if now is None else [now]
    for gone in known.values():
        tell(gone, "the rota is gone")
    due = min((_next_look(gap, wall) for gap in gaps), default=wall + LOOKED_EVERY) - offset
    looked = replace(site, rota_gaps=tuple(gaps), rotas_due=due if plan.rotas else FAR)
    return Looked(looked, found)


def _holes(plan: Plan, rota: Rota, site: SiteFacts, wall: Instant) -> list[Span]:
    """Return the stretches of the coming week in which nobody is on duty and should be.

    Somebody whom the files do not know any more is nobody: there is no way to tell them.
    """
    if not rota.staffed:
        return []
    people = {person.id for person in plan.people}
    overrides = [
        one if one.person in people else replace(one, person="")
        for one in site.rota_overrides_of(rota.name)
    ]
    return holes(rota, wall, wall + LOOKED_AHEAD, overrides)


def _gap(rota: Rota, empty: list[Span], wall: Instant) -> RotaGap | None:
    """Return the first of the stretches as the site remembers it."""
    if not empty:
        return None
    since, until = empty[0]
    return RotaGap(rota=rota.name, since=since, until=until, soon=since - wall <= SOON)


def _detail(empty: list[Span], zone: str) -> str:
    """Return when nobody is on duty, as the rota's clocks show it."""
    told = " and ".join(span_text(*span, zone) for span in empty[:MOST_TOLD])
    more = len(empty) - MOST_TOLD
    return f"nobody is on duty {told}{f' and {more} times more' if more > 0 else ''}"


def _is_same(one: RotaGap, other: RotaGap) -> bool:
    return one.since < other.until and other.since < one.until


def _next_look(gap: RotaGap, wall: Instant) -> Instant:
    """Return when a gap is looked at again: every day, when it comes near, and when it is over."""
    turns = (wall + LOOKED_EVERY, gap.since - SOON, gap.until)
    return min(turn for turn in turns if turn > wall)


def span_text(since: Instant, until: Instant, zone: str) -> str:
    """Return a stretch of time as its rota's clocks show it."""
    there = ZoneInfo(zone)
    first, last = (f"{local(at, there):%a %Y-%m-%d %H:%M}" for at in (since, until))
    return f"from {first} to {last} ({zone})"


# --- commands -----------------------------------------------------------------------------------


def problem_of(
    plan: Plan, site: SiteFacts, event: RotaOverridden | RotaOverrideEnded
) -> str | None:
    """Return why a command about a rota is refused, as a sentence; None when it is not."""
    if isinstance(event, RotaOverrideEnded):
        numbers = {(one.rota, one.n) for one in _standing(site, event.at)}
        if (event.rota, event.n) in numbers:
            return None
        return f"{event.rota} has no override {event.n}; `telecared rota show` lists them"
    rotas = [rota.name for rota in plan.rotas]
    people = [person.id for person in plan.people]
    if event.rota not in rotas:
        return f"there is no rota {event.rota}; {_known('rotas', rotas)}"
    if event.person and event.person not in people:
        return f"there is no person {event.person}; {_known('people', people)}"
    if event.until <= event.since:
        return "it ends before it begins; write a later --to"
    if event.until <= event.at + site.offset(event.at):
        return "it lies in the past, where nobody can be told any more; write a later --to"
    if event.until - event.since > LONGEST_OVERRIDE:
        return f"it lasts longer than {LONGEST_OVERRIDE // DAY} days; change the rota's file"
    if len(_standing(site, event.at)) >= MAX_ROTA_OVERRIDES:
        return f"there are {MAX_ROTA_OVERRIDES} overrides already; end some, or change the file"
    return None


def _standing(site: SiteFacts, at: Instant) -> list[RotaOverride]:
    wall = at + site.offset(at)
    return [one for one in site.rota_overrides if one.override.until > wall]


def _known(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names)[:12])
    return f"known {what}: {listed}" if listed else f"no file defines {what}"

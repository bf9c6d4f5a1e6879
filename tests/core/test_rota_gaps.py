"""A staffed rota without anybody is found a week ahead, told once, and ended when it is filled."""

import pytest
from msgspec.structs import replace

from telecared.core.plan import Plan
from telecared.core.policy import Contact
from telecared.core.rota import Layer, Override, Rota
from telecared.core.rota_gaps import LONGEST_OVERRIDE, Looked, look_ahead, problem_of
from telecared.core.site import (
    FAR,
    MAX_ROTA_OVERRIDES,
    ClockStepped,
    RotaOverridden,
    RotaOverrideEnded,
    SiteFacts,
    site_step,
)
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import DAY, HOUR, Instant, Priority
from tests.core.world import instant

NOW = instant("2026-03-23T12:00Z")
ANN = Contact(id="ann", name="Ann Lee", phone="+447700900150")
SITE = SiteFacts(held=False)


def plan_with(*gaps: Instant, staffed: bool = True) -> Plan:
    """A plan whose rota `night` is empty for an hour from each of some instants."""
    overrides = tuple(Override(since=gap, until=gap + HOUR, person="") for gap in gaps)
    rota = Rota(
        name="night",
        timezone="Europe/London",
        layers=(Layer(people=("ann",)),),
        overrides=overrides,
        staffed=staffed,
    )
    return Plan(rotas=(rota,), people=(ANN,))


def told(looked: Looked) -> list[str]:
    """What was found: its name, or that it is over."""
    return [f"{one.name} over" if one.over else one.name for one in looked.found]


def look(plan: Plan, site: SiteFacts, at: Instant) -> Looked:
    """Look ahead at an instant."""
    return look_ahead(plan, site, at, input=7)


def test_a_gap_is_told_a_week_ahead_and_again_when_it_is_near() -> None:
    """Once as a fault, once as urgent within a day, and no more until it is over."""
    gap = NOW + 8 * DAY
    plan = plan_with(gap)
    first = look(plan, SITE, NOW)
    assert told(first) == []
    assert first.site.rotas_due == NOW + DAY
    seen = look(plan, first.site, NOW + 2 * DAY)
    assert told(seen) == ["rota-gap"]
    (finding,) = seen.found
    assert (finding.subject, finding.input, finding.at) == ("night", 7, NOW + 2 * DAY)
    assert finding.detail == (
        "nobody is on duty from Tue 2026-03-31 13:00 to Tue 2026-03-31 14:00 (Europe/London)"
    )
    again = look(plan, seen.site, NOW + 3 * DAY)
    assert told(again) == []
    near = look(plan, again.site, gap - DAY)
    assert told(near) == ["rota-gap over", "rota-gap-soon"]
    during = look(plan, near.site, gap + HOUR // 2)
    assert told(during) == []
    assert during.site.rotas_due == gap + HOUR
    after = look(plan, during.site, gap + HOUR)
    assert [(one.name, one.over, one.detail) for one in after.found] == [
        ("rota-gap-soon", True, "it has passed")
    ]
    assert after.site.rota_gaps == ()


def test_the_next_look_is_when_a_gap_comes_near() -> None:
    """Not only once a day: the day before a gap begins at its own hour."""
    gap = NOW + DAY + 5 * HOUR
    looked = look(plan_with(gap), SITE, NOW)
    assert told(looked) == ["rota-gap"]
    assert looked.site.rotas_due == gap - DAY


def test_a_gap_that_is_filled_ends_and_the_next_is_another() -> None:
    """Who fills Wednesday's gap is not told that Friday's was there all the time."""
    first, second = NOW + 2 * DAY, NOW + 4 * DAY
    seen = look(plan_with(first, second), SITE, NOW)
    filled = look(plan_with(second), seen.site, NOW + HOUR)
    assert told(seen) == ["rota-gap"]
    assert told(filled) == ["rota-gap over", "rota-gap"]
    assert filled.found[0].detail == "somebody is on duty then"
    assert told(look(plan_with(), filled.site, NOW + HOUR)) == ["rota-gap over"]


def test_all_gaps_of_the_week_are_named_up_to_a_few() -> None:
    """Whoever fills the first sees the others; the rest are counted."""
    gaps = [NOW + (2 + day) * DAY for day in range(5)]
    two = look(plan_with(*gaps[:2]), SITE, NOW).found[0].detail
    assert two.count("from ") == 2
    assert two.endswith("(Europe/London)")
    five = look(plan_with(*gaps), SITE, NOW).found[0].detail
    assert five.count("from ") == 3
    assert five.endswith("and 2 times more")


def test_somebody_who_left_is_nobody() -> None:
    """An override by command for a person whom the files know no more is a gap."""
    site = site_step(SITE, stated(person="bob"))
    assert told(look(plan_with(), site, NOW)) == ["rota-gap-soon"]
    bob = replace(ANN, id="bob")
    assert told(look(replace(plan_with(), people=(ANN, bob)), site, NOW)) == []


def test_a_rota_that_is_gone_or_need_not_be_staffed_has_no_gap() -> None:
    """What the plan no longer asks for is over, with its reason."""
    seen = look(plan_with(NOW + DAY), SITE, NOW)
    assert told(seen) == ["rota-gap-soon"]
    gone = look(Plan(), seen.site, NOW + 1)
    assert [one.detail for one in gone.found] == ["the rota is gone"]
    assert gone.site.rotas_due == FAR
    assert told(look(plan_with(NOW + DAY, staffed=False), seen.site, NOW)) == ["rota-gap-soon over"]


def test_gaps_lie_where_the_wall_clock_shows_them() -> None:
    """A wall clock that stands an hour before the engine's sees a gap an hour sooner."""
    site = site_step(SITE, ClockStepped(at=NOW, offset=HOUR))
    looked = look(plan_with(NOW + 7 * DAY + HOUR // 2), site, NOW)
    assert told(looked) == ["rota-gap"]
    assert told(look(plan_with(NOW + 7 * DAY + HOUR // 2), SITE, NOW)) == []
    assert looked.site.rotas_due == NOW + DAY


def test_a_command_makes_and_fills_a_gap() -> None:
    """Overrides of commands stand above the file's, the newest first."""
    empty = RotaOverridden(
        at=NOW, rota="night", person="", since=NOW + HOUR, until=NOW + 2 * HOUR, by="Ivy Cole"
    )
    site = site_step(SITE, empty)
    seen = look(plan_with(), site, NOW)
    assert told(seen) == ["rota-gap-soon"]
    filled = site_step(seen.site, replace(empty, person="ann"))
    assert told(look(plan_with(), filled, NOW)) == ["rota-gap-soon over"]
    ended = site_step(seen.site, RotaOverrideEnded(at=NOW, rota="night", n=1, by="Ivy Cole"))
    assert told(look(plan_with(), ended, NOW)) == ["rota-gap-soon over"]


def test_the_near_one_is_urgent_and_both_end_by_themselves() -> None:
    """What people are told names the rota and nobody's name."""
    assert FINDINGS["rota-gap"].priority is Priority.TECHNICAL
    assert FINDINGS["rota-gap-soon"].priority is Priority.URGENT
    assert FINDINGS["rota-gap"].ends
    assert FINDINGS["rota-gap-soon"].ends


# --- commands ----------------------------------------------------------------------------------


def stated(**changes: object) -> RotaOverridden:
    """An override of tomorrow, changed where a story needs it."""
    event = RotaOverridden(
        at=NOW, rota="night", person="ann", since=NOW + DAY, until=NOW + 2 * DAY, by="Ivy Cole"
    )
    return replace(event, **changes)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (stated(), None),
        (stated(person=""), None),
        (stated(since=NOW - DAY, until=NOW + 1), None),
        (stated(rota="day"), "there is no rota day; known rotas: night"),
        (stated(person="zoe"), "there is no person zoe; known people: ann"),
        (stated(until=NOW + DAY), "it ends before it begins; write a later --to"),
        (
            stated(since=NOW - DAY, until=NOW),
            "it lies in the past, where nobody can be told any more; write a later --to",
        ),
        (
            stated(until=NOW + 2 * DAY + LONGEST_OVERRIDE),
            "it lasts longer than 366 days; change the rota's file",
        ),
        (
            RotaOverrideEnded(at=NOW, rota="night", n=1, by="Ivy Cole"),
            "night has no override 1; `telecared rota show` lists them",
        ),
    ],
)
def test_a_command_about_a_rota_is_refused_with_its_reason(
    event: RotaOverridden | RotaOverrideEnded, told: str | None
) -> None:
    """A sentence that says what to write instead."""
    assert problem_of(plan_with(), SITE, event) == told


def test_without_any_rota_the_reason_is_that_no_file_has_one() -> None:
    """There is nothing to choose from."""
    assert problem_of(Plan(), SITE, stated()) == "there is no rota night; no file defines rotas"


def test_an_override_can_be_ended_on_its_own_rota_only() -> None:
    """A number belongs to one rota; what is over cannot be ended."""
    site = site_step(SITE, stated())
    end = RotaOverrideEnded(at=NOW, rota="night", n=1, by="Ivy Cole")
    assert problem_of(plan_with(), site, end) is None
    assert problem_of(plan_with(), site, replace(end, rota="day")) is not None
    assert problem_of(plan_with(), site, replace(end, at=NOW + 3 * DAY)) is not None


def test_overrides_are_numbered_and_dropped_when_they_are_over() -> None:
    """No number is given twice, and the list of what holds never grows without end."""
    site = site_step(SITE, stated())
    site = site_step(site, stated(rota="day", since=NOW + DAY))
    assert [one.n for one in site.rota_overrides] == [1, 2]
    assert [one.person for one in site.rota_overrides_of("night")] == ["ann"]
    later = NOW + 3 * DAY
    site = site_step(site, stated(at=later, since=later, until=later + DAY))
    assert [one.n for one in site.rota_overrides] == [3]
    for _ in range(MAX_ROTA_OVERRIDES - 1):
        assert problem_of(plan_with(), site, stated(at=later, until=later + DAY)) is None
        site = site_step(site, stated(at=later, until=later + DAY))
    full = problem_of(plan_with(), site, stated(at=later, until=later + DAY))
    assert full == "there are 500 overrides already; end some, or change the file"
    assert len(site_step(site, stated(at=later, until=later + DAY)).rota_overrides) == 500

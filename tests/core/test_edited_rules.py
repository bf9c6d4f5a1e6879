"""Decision 5: state holds facts, so that an edited rule decides as if it had always been so.

Held against a twin: one home lives under the old rules and is edited, the other has lived under
the new ones all along. Where nothing was found before, both go on alike.
"""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from telecared.core.plan import Absence, Clear, Plan, Rule
from telecared.core.vocabulary import HOUR, MINUTE, Priority, Value
from telecared.core.when import (
    Compare,
    Condition,
    HeldFor,
    InactiveFor,
    NoneOf,
    ReadingIs,
    Silent,
    Window,
)
from tests.core.stating import suspends
from tests.core.world import CENTRE, World, plan_of

ACTS: tuple[tuple[str, str, Value], ...] = (
    ("hall-pir", "motion", "detected"),
    ("hall-pir", "motion", "clear"),
    ("front-door", "contact", "open"),
    ("front-door", "contact", "closed"),
    ("bed", "occupancy", "occupied"),
    ("bed", "occupancy", "vacant"),
    ("unit", "heartbeat", "seen"),
    ("unit", "temperature", 12.0),
    ("unit", "temperature", 21.0),
)
lives = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from([0, 3, 20, 50])), min_size=2, max_size=8
)
MOVED = ReadingIs(property="motion", values=("detected",))
PERSON = Clear(kind="person")
DAY = (Window(start=7 * 60, end=22 * 60),)


def rules(minutes: int) -> Plan:
    """Every kind of rule that lives by facts alone, with these minutes."""
    length = minutes * MINUTE
    whens: tuple[Condition, ...] = (
        HeldFor(property="contact", values=("open",), duration=length),
        InactiveFor(duration=length, of=("motion", "contact"), between=DAY),
        NoneOf(of=(MOVED,), start=5 * 60, by=8 * 60 + minutes),
        Compare(property="temperature", below=16.0, duration=length),
        Silent(at=("unit",), duration=2 * length),
    )
    return plan_of(
        [
            Rule(name=f"rule-{n}", when=when, priority=Priority.ROUTINE, clear=PERSON)
            for n, when in enumerate(whens)
        ],
        policies=(),
    )


def lives_through(world: World, life: list[tuple[tuple[str, str, Value], int]]) -> None:
    """Devices speak, minutes pass."""
    for (name, what, value), minutes in life:
        told: dict[str, Any] = {what: value}
        world.hears(name, **told)
        world.advance(minutes=minutes)


def opened(world: World) -> list[tuple[int, str | None]]:
    """When which rule opened an alert."""
    return [(line.at, line.rule) for line in world.records("alert.opened")]


@settings(derandomize=True, deadline=None, max_examples=80)
@given(before=lives, after=lives, was=st.integers(240, 400), becomes=st.integers(90, 400))
def test_an_edited_rule_decides_as_if_it_had_always_been_so(
    before: list[tuple[tuple[str, str, Value], int]],
    after: list[tuple[tuple[str, str, Value], int]],
    was: int,
    becomes: int,
) -> None:
    """The same facts, the same deadlines; what is overdue by the new rule is told at the edit."""
    edited, twin = (World(plan=rules(each), delivers=None) for each in (was, becomes))
    lives_through(edited, before)
    lives_through(twin, before)
    assume(not opened(edited))
    edited.is_replanned(twin.plan)
    at = edited.at
    # What the twin told before the edit, and what goes on, the edited home tells at the edit.
    known = {rule: since for since, rule in opened(twin)}
    lasting = {
        rule for rule in known if any(one.rule == rule for one in twin.state.alerts.values())
    }
    late = {rule for told_at, rule in opened(edited) if told_at == at}
    assert late <= lasting
    assume(not known)
    lives_through(edited, after)
    lives_through(twin, after)
    for world in (edited, twin):
        world.advance(hours=8)
    assert opened(edited) == opened(twin)


def test_a_shorter_limit_is_overdue_at_the_edit() -> None:
    """Three hours of silence under a rule of four, edited to two: told at once, by the new text."""
    plans = [
        plan_of(
            [Rule(name="quiet", when=InactiveFor(duration=n * HOUR, of=("motion",)), say=say)],
            policies=(),
        )
        for n, say in ((4, "Four hours."), (2, "Two hours."))
    ]
    world = World(plan=plans[0])
    world.advance(hours=3)
    world.is_replanned(plans[1])
    world.expect_sms(CENTRE, "Two hours.")


def test_a_rule_that_asks_who_is_at_home_from_now_on_knows_what_was_stated() -> None:
    """The stay was stated before the rule asked."""
    quiet = InactiveFor(duration=2 * HOUR, of=("motion",))
    world = World(rules=[])
    suspends(world, hours=5)
    asks = Rule(name="quiet", when=quiet, unless=(Absence.AWAY,))
    world.is_replanned(plan_of([asks]))
    world.advance(hours=4)
    world.expect_nothing()

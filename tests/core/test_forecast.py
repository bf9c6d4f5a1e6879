"""What becomes of an alert by itself, foretold and then lived through by the core itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.core.alert_commands import HandedOver, Snoozed, Updated
from telecared.core.effects import Notify
from telecared.core.forecast import MAX_WALK, Coming, What, forecast, name_of, reaches_centre
from telecared.core.plan import Ageing, Confirm, Plan, Rule
from telecared.core.policy import Centre, Contact, Policy, Step, System
from telecared.core.site import LinkDown
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Channel,
    Duration,
    Instant,
    Mode,
    Priority,
    Progress,
)
from telecared.core.when import ReadingIs, Window
from tests.core.world import BEN, CARA, CENTRE, FAMILY, TECHNICAL, World, plan_of, record_of

PRESSED = ReadingIs(property="trigger", values=("pressed",))
ALARM = Rule(name="pressed", when=PRESSED, priority=Priority.LIFE_SAFETY)
DAN = Contact(id="dan", name="Dan Moss", phone="+447700900125", roles=("carer",))
EVE = Contact(id="eve", name="Eve Lund", phone="+447700900126", roles=("boss",))


class Unanswered(World):
    """A home in which nobody answers: what is written arrives, a call ends with nobody there."""

    def _owe(self, notify: Notify) -> None:
        if notify.channel is not Channel.VOICE:
            super()._owe(notify)

    def coming(self, n: int = 1, most: int = 8) -> list[Coming]:
        """What is foretold of an alert."""
        return list(forecast(self.home, self.state, self.site, n, most=most).coming)

    def foretold(self, n: int = 1) -> Instant | None:
        """When an alert is foretold to reach the centre."""
        return reaches_centre(self.home, self.state, self.site, n)

    def lives(self, n: int = 1, within: Duration = 3 * DAY) -> Instant | None:
        """When it does."""
        end = self.at + within
        while self.state.alerts[n].centre_at is None and self.at < end:
            self.advance(minutes=1)
        return self.state.alerts[n].centre_at


def world_of(*rules: Rule, **more: Any) -> Unanswered:  # noqa: ANN401 - handed on to `World`
    """A home with these rules, in which the pendant was pressed."""
    world = Unanswered(plan=more.pop("plan", None) or plan_of(rules), **more)
    world.hears("pendant", trigger="pressed")
    return world


def told(coming: list[Coming], since: Instant) -> list[tuple[int, str, str]]:
    """Seconds from an instant, what, and who."""
    return [((one.at - since) // SECOND, one.what.value, "+".join(one.to)) for one in coming]


def test_what_comes_next_is_told_with_its_second_and_its_people() -> None:
    """The key-holder, the centre, then the centre again and again."""
    world = world_of(ALARM)
    assert told(world.coming(most=4), world.at) == [
        (120, "next_step", "cara"),
        (300, "centre", CENTRE),
        (480, "centre_again", CENTRE),
        (660, "centre_again", CENTRE),
    ]
    first, centre, *_ = world.coming()
    assert (first.names, first.channels, first.step) == (("Cara Singh",), (Channel.SMS,), 2)
    assert (centre.names, centre.step) == (("Monitoring centre",), 3)
    assert world.foretold() == world.at + 5 * MINUTE == world.lives()


def test_the_state_that_is_asked_about_stays_as_it_is() -> None:
    """A forecast is a rehearsal on a copy."""
    world = world_of(ALARM)
    before = world.state.alerts[1]
    world.coming()
    assert world.state.alerts[1] is before
    world.advance(minutes=2)
    assert world.notifications()[-1].to == "cara"


def test_nobody_foretells_an_alert_that_does_not_exist() -> None:
    """A resolved alert has no future."""
    world = world_of(ALARM)
    world.resolves("An Operator")
    with pytest.raises(KeyError):
        world.coming()


def test_what_is_watched_comes_to_nothing() -> None:
    """A rule on trial tells nobody, ever."""
    world = world_of(replace(ALARM, mode=Mode.WATCH))
    assert world.coming() == []
    assert world.foretold() is None


def test_a_deadline_that_is_set_aside_is_not_foretold() -> None:
    """What failed once is not rehearsed either."""
    world = world_of(ALARM)
    world.state.broken = ("alert:1",)
    assert world.foretold() is None


def test_whoever_cannot_be_told_is_skipped() -> None:
    """The key-holder can be reached by day only: at night the centre comes three minutes sooner."""
    by_day = replace(CARA, reachable=(Window(start=9 * 60, end=17 * 60),))
    record = record_of(contacts=(BEN, by_day))
    world = world_of(ALARM, record=record, start="2026-03-01T02:00Z")
    assert world.foretold() == world.at + 2 * MINUTE == world.lives()


def test_the_supervisor_is_paged_when_the_centre_does_not_answer() -> None:
    """One and three minutes after the alert has reached it, by name and by every channel."""
    centre = Centre(sms="+447700900900", supervisor="eve", page_after=(MINUTE, 3 * MINUTE))
    plan = replace(plan_of([ALARM], policies=[TECHNICAL]), centre=centre, people=(EVE,))
    world = world_of(plan=replace(plan, default_policy="technical"))
    since = world.at
    assert world.foretold() == since
    assert told(world.coming(most=3), since) == [
        (60, "supervisor", "eve"),
        (180, "supervisor", "eve"),
        (180, "centre_again", CENTRE),
    ]


def test_a_centre_without_a_number_is_reached_all_the_same() -> None:
    """Its queue is the centre: nothing is sent, and nobody but it is named."""
    world = world_of(plan=plan_of([ALARM], centre=None))
    step = next(one for one in world.coming() if one.what is What.CENTRE)
    assert (step.to, step.channels) == ((CENTRE,), ())


def test_a_lease_that_lapses_goes_back_to_the_step_that_ran() -> None:
    """Ben took it at the first step: when he is not heard of, that step is told again."""
    world = world_of(ALARM)
    world.accepts("ben")
    lapses, again, *_ = world.coming()
    assert (lapses.what, lapses.to, lapses.names) == (What.LEASE_LAPSES, ("ben",), ("Ben Hall",))
    assert lapses.at == again.at == world.at + 30 * MINUTE
    assert (again.what, again.to) == (What.TOLD_AGAIN, ("ben",))
    assert world.foretold() == world.at + 35 * MINUTE == world.lives()


def test_an_operator_who_has_it_is_named_without_an_id() -> None:
    """Whoever snoozed it at the centre is known by name only."""
    world = world_of(ALARM)
    world.commands(
        Snoozed(input=world.next_input(), at=world.at, alert=1, by="Olga", duration=MINUTE)
    )
    first = world.coming()[0]
    assert (first.what, first.to, first.names) == (What.LEASE_LAPSES, ("",), ("Olga",))


def test_whoever_is_handed_it_has_two_minutes() -> None:
    """An urgent hand-over that is not answered goes back."""
    world = world_of(ALARM)
    world.accepts("ben")
    world.advance(minutes=1)
    world.commands(
        HandedOver(
            input=world.next_input(), at=world.at, alert=1, by="Ben Hall", to="Cara Singh",
            contact="cara",
        )
    )  # fmt: skip
    first = world.coming()[0]
    assert (first.what, first.names) == (What.ANSWER_DUE, ("Cara Singh",))
    assert first.at == world.at + 2 * MINUTE


def test_a_word_that_is_not_enough_lapses_by_itself() -> None:
    """Two are needed, one goes: when nothing is heard of him, he is asked."""
    policy = replace(FAMILY, needed=2, lease=MINUTE)
    world = world_of(plan=plan_of([ALARM], policies=[policy, TECHNICAL]))
    world.accepts("ben")
    first = world.coming()[0]
    assert (first.what, first.to, first.names) == (What.WORD_LAPSES, ("ben",), ("Ben Hall",))


def test_a_call_that_nobody_takes_moves_on_when_its_receipt_is_due() -> None:
    """A voicemail is no answer: the next step begins after a minute, not after two."""
    by = (Channel.VOICE,)
    steps = (Step(notify=("carer",), by=by, wait=10 * MINUTE), Step(notify=(CENTRE,)))
    policies = [Policy(name="family-then-centre", steps=steps)]
    channels = (Channel.SMS, Channel.VOICE)
    world = world_of(plan=plan_of([ALARM], policies=policies, channels=channels))
    first, centre, *_ = world.coming()
    assert (first.what, centre.what) == (What.RECEIPT_DUE, What.CENTRE)
    assert world.foretold() == world.at + MINUTE == world.lives()


def test_one_after_another_and_twice_is_foretold_person_by_person() -> None:
    """`apart` and `repeat` of a step, told in the order in which it will happen."""
    step = Step(notify=("carer",), wait=2 * MINUTE, apart=MINUTE, repeat=2)
    policies = [Policy(name="family-then-centre", steps=(step, Step(notify=(CENTRE,))))]
    world = world_of(
        plan=plan_of([ALARM], policies=policies), record=record_of(contacts=(BEN, DAN))
    )
    assert told(world.coming(most=4), world.at) == [
        (60, "next_person", "dan"),
        (180, "told_again", "ben"),
        (240, "next_person", "dan"),
        (360, "centre", CENTRE),
    ]
    assert world.foretold() == world.lives()


def test_the_resident_may_cancel_before_anybody_is_told() -> None:
    """The pause ends, and the first step begins."""
    door = replace(ALARM, priority=Priority.URGENT, cancel_within=30 * SECOND)
    world = world_of(door)
    assert told(world.coming(most=2), world.at) == [
        (30, "cancel_ends", ""),
        (30, "next_step", "ben"),
    ]


def test_a_second_sensor_that_stays_silent_raises_the_alert_and_begins_anew() -> None:
    """What confirms is foretold, whoever has the alert by then."""
    confirm = Confirm(
        within=90 * SECOND, none_of=(ReadingIs(property="motion", values=("detected",)),)
    )
    world = world_of(replace(ALARM, priority=Priority.URGENT, confirm=confirm))
    assert told(world.coming(most=3), world.at) == [
        (90, "confirm_due", ""),
        (90, "told_again", "ben"),
        (210, "next_step", "cara"),
    ]
    assert world.foretold() == world.at + 390 * SECOND
    world.accepts("ben")
    assert told(world.coming(most=2), world.at) == [
        (90, "confirm_due", ""),
        (90, "told_again", "ben"),
    ]
    world.site_hears(LinkDown(at=world.at))
    held = [one for one in world.coming(most=20) if one.what is What.CONFIRM_DUE]
    assert [one.at - world.at for one in held] == [390 * SECOND]
    world.state.broken = ("confirm:1",)
    assert What.CONFIRM_DUE not in {one.what for one in world.coming(most=20)}


def test_an_old_fault_is_foretold_to_be_told_again() -> None:
    """A fault on a pendant that nobody mends is told each day, louder."""
    fault = replace(ALARM, priority=Priority.TECHNICAL, ages=Ageing(every=DAY, between=()))
    world = world_of(fault)
    ages = next(one for one in world.coming(most=40) if one.what is What.AGES)
    assert ages.at == world.at + DAY


GROUPED = replace(TECHNICAL, steps=(Step(notify=("carer",)), *TECHNICAL.steps), group=5 * MINUTE)


def test_what_is_told_together_reaches_the_centre_together() -> None:
    """The second waits for the first; whoever is foretold, the same people hear of both."""
    fault = replace(ALARM, priority=Priority.TECHNICAL, policy="technical")
    wet = replace(fault, name="wet", when=ReadingIs(property="water", values=("wet",)))
    world = world_of(plan=plan_of([fault, wet], policies=[FAMILY, GROUPED]))
    world.advance(minutes=1)
    world.hears("unit", water="wet")
    for n in (1, 2):
        assert told(world.coming(n, most=3), world.at) == [
            (240, "told_together", ""),
            (240, "next_step", "ben"),
            (420, "centre", CENTRE),
        ]
    foretold = world.foretold(1), world.foretold(2)
    assert foretold == (world.lives(1), world.lives(2))
    world.advance(minutes=1)
    assert world.foretold(2) == world.lives(2) == foretold[0]


def test_whoever_stands_for_a_group_is_what_is_foretold_of_each() -> None:
    """Three in one message: what is foretold of one are not the others' own deadlines."""
    fault = replace(ALARM, priority=Priority.TECHNICAL, policy="technical")
    wet = replace(fault, name="wet", when=ReadingIs(property="water", values=("wet",)))
    low = replace(fault, name="low", when=ReadingIs(property="battery", values=("low",)))
    world = world_of(plan=plan_of([fault, wet, low], policies=[FAMILY, GROUPED]))
    world.hears("unit", water="wet", battery="low")
    assert {one.n for one in world.state.alerts.values() if one.group == 1} == {1, 2, 3}
    first = told(world.coming(3, most=4), world.at)
    assert first == told(world.coming(2, most=4), world.at)
    assert [what for _, what, _ in first] == [
        "told_together",
        "next_step",
        "centre",
        "centre_again",
    ]


def test_whoever_has_arrived_is_asked_how_it_ended() -> None:
    """Nobody need remember to write: the question is foretold, and to whom."""
    world = world_of(ALARM)
    world.accepts("ben")
    world.commands(
        Updated(
            input=world.next_input(), at=world.at, alert=1, by="Ben Hall", contact="ben",
            progress=Progress.ARRIVED,
        )
    )  # fmt: skip
    first = world.coming()[0]
    assert (first.what, first.to, first.names) == (What.ASKS_OUTCOME, ("ben",), ("Ben Hall",))


def test_nobody_looks_ahead_for_ever() -> None:
    """The last step repeats until somebody acknowledges; a forecast ends."""
    assert len(world_of(ALARM).coming(most=1_000)) == MAX_WALK


def test_people_are_named_as_they_are_known() -> None:
    """Contacts, people of the site, the centre, and other programs by their ids."""
    plan = replace(
        plan_of([ALARM]), people=(EVE,), systems=(System(id="crm", channel=Channel.WEBHOOK),)
    )
    home = world_of(plan=plan).home
    names = [name_of(home, one) for one in ("ben", "eve", CENTRE, "crm")]
    assert names == ["Ben Hall", "Eve Lund", "Monitoring centre", "crm"]


# --- any policy, any hour ------------------------------------------------------------------------

hours = st.sampled_from(
    [(), (), (Window(start=9 * 60, end=17 * 60),), (Window(start=480, end=485),)]
)
waits = st.sampled_from([0, 20 * SECOND, MINUTE, 7 * MINUTE])
steps = st.builds(
    Step,
    notify=st.lists(
        st.sampled_from(["carer", "key_holder", "dan", "eve", "nobody", CENTRE]), min_size=1,
        max_size=3, unique=True,
    ).map(tuple),
    by=st.sampled_from([(Channel.SMS,), (Channel.VOICE,), (Channel.SMS, Channel.VOICE)]),
    wait=waits,
    apart=st.sampled_from([0, 0, 30 * SECOND]),
    repeat=st.integers(1, 3),
)  # fmt: skip
ends = st.sampled_from([(CENTRE,), ("eve",), (CENTRE, "carer")])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan with one rule and one policy of any shape."""
    last = replace(draw(steps), notify=draw(ends))
    policy = Policy(
        name="family-then-centre",
        steps=(*draw(st.lists(steps, max_size=3)), last),
        lease=draw(st.sampled_from([5 * MINUTE, HOUR])),
        needed=draw(st.sampled_from([1, 1, 2])),
    )
    rule = replace(
        ALARM,
        priority=draw(st.sampled_from(Priority)),
        cancel_within=draw(st.sampled_from([0, 40 * SECOND])),
        confirm=draw(st.sampled_from([None, Confirm(within=MINUTE, none_of=(PRESSED,))])),
    )
    channels = (Channel.SMS, Channel.VOICE)
    plan = plan_of([rule], policies=[policy, TECHNICAL], channels=channels)
    return replace(plan, people=(EVE,), centre=replace(plan.centre, supervisor="eve"))


@settings(max_examples=60, deadline=None)
@given(
    plan=plans(), ben=hours, cara=hours, minute=st.sampled_from([2 * 60, 8 * 60 - 2, 8 * 60 + 4]),
    waited=st.integers(0, 600), said=st.sampled_from(["", "", "takes", "declines"]),
)  # fmt: skip
def test_it_comes_to_the_centre_when_it_was_foretold(
    plan: Plan,
    ben: tuple[Window, ...],
    cara: tuple[Window, ...],
    minute: int,
    waited: int,
    said: str,
) -> None:
    """Whatever the policy, the hour and what was said before: nobody answers any more."""
    people = (replace(BEN, reachable=ben), replace(CARA, reachable=cara), DAN)
    start = f"2026-03-02T{minute // 60:02}:{minute % 60:02}Z"
    world = world_of(plan=plan, record=record_of(contacts=people), start=start)
    world.advance(seconds=waited)
    if said == "takes":
        world.accepts("dan")
    elif said == "declines":
        world.declines("dan")
    found = forecast(world.home, world.state, world.site, 1, most=6)
    assert found.at_centre is not None
    assert found.at_centre == world.lives()
    assert list(found.coming) == sorted(found.coming, key=lambda one: one.at)

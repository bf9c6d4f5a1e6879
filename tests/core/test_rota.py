"""Alerts that reach whoever is on duty: over a hand-over, an override, the nights of the clocks."""

from msgspec.structs import replace

from telecared.core.alert_commands import Acknowledged
from telecared.core.plan import Plan
from telecared.core.policy import Contact, Policy, Step
from telecared.core.rota import Layer, Rota
from telecared.core.site import RotaOverridden, RotaOverrideEnded
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.core.when import Window
from tests.core.conftest import Story
from tests.core.test_escalation import PRESSED
from tests.core.world import BEN, CARA, CENTRE, TECHNICAL, World, plan_of, record_of

ANN = Contact(id="ann", name="Ann Lee", phone="+447700900150")
BOB = Contact(id="bob", name="Bob Roe", phone="+447700900151")
DAILY = Layer(people=("ann", "bob"), turn="daily", handover=(0, 9 * 60), start="2026-03-01")
TO_NIGHT = Policy(
    name="to-night",
    steps=(Step(notify=("night",), wait=10 * MINUTE, repeat=9), Step(notify=(CENTRE,))),
)


def plan_with(*layers: Layer, timezone: str = "Europe/London", **of_ann: object) -> Plan:
    """A plan whose pendant is for whoever is on the rota `night`."""
    rota = Rota(name="night", timezone=timezone, layers=layers)
    ann = replace(ANN, **of_ann)
    plan = plan_of([replace(PRESSED, policy="to-night")], policies=(TO_NIGHT, TECHNICAL))
    return replace(plan, rotas=(rota,), people=(ann, BOB))


def told(world: World) -> list[str]:
    """Who was told so far, in order."""
    world.forget_messages()
    return [one.to for one in world.notifications()]


def overridden(world: World, person: str, *, hours: int = 24) -> RotaOverridden:
    """Somebody else is on duty from now on for some hours."""
    since = world.at + world.site.offset(world.at)
    return RotaOverridden(
        at=world.at, rota="night", person=person, since=since, until=since + hours * HOUR, by="Ivy"
    )


def test_whoever_comes_on_duty_is_told_what_is_open(story: Story) -> None:
    """An alert that is open over a hand-over is not lost: its repeat tells the new person."""
    world = story(plan=plan_with(DAILY), start="2026-03-01T08:45Z")
    world.hears("pendant", trigger="pressed")
    world.expect_sms("bob", "12 Larch Close")
    world.advance(minutes=10)
    world.expect_sms("bob")
    world.expect_nothing()
    world.advance(minutes=10)
    world.expect_sms("ann", "12 Larch Close")
    world.expect_nothing()


def test_a_policy_that_ends_at_a_rota_repeats_to_whoever_is_on_duty(story: Story) -> None:
    """The last step goes on until somebody has it, over the hand-over too."""
    policy = replace(TO_NIGHT, steps=(Step(notify=("night",), wait=10 * MINUTE),))
    plan = replace(plan_with(DAILY), policies=(policy, TECHNICAL))
    world = story(plan=plan, start="2026-03-01T08:45Z")
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=40)
    people = told(world)
    told_bob, told_ann = people.count("bob"), people.count("ann")
    assert people == ["bob"] * told_bob + ["ann"] * told_ann
    assert min(told_bob, told_ann) > 1


def test_who_has_taken_it_keeps_it_over_the_hand_over(story: Story) -> None:
    """A hand-over takes nothing away from its owner; after the lease the new person is told."""
    world = story(plan=plan_with(DAILY), start="2026-03-01T08:50Z")
    world.hears("pendant", trigger="pressed")
    world.commands(
        Acknowledged(input=9, at=world.at, alert=1, by="Bob Roe", contact="bob", lease=HOUR)
    )
    world.advance(minutes=55)
    assert world.alert().owner_contact == "bob"
    assert set(told(world)) == {"bob"}
    world.advance(minutes=30)
    assert "ann" in told(world)


def test_a_hand_over_keeps_to_the_clocks_of_the_rota(story: Story) -> None:
    """On the Sunday on which the clocks go forward nine o'clock is eight."""
    for start, person in (("2026-03-29T07:59Z", "bob"), ("2026-03-29T08:00Z", "ann")):
        world = story(plan=plan_with(replace(DAILY, start="2026-03-29")), start=start)
        world.hears("pendant", trigger="pressed")
        assert told(world) == [person]


def test_who_stands_in_by_command_is_told_until_it_is_ended(story: Story) -> None:
    """Every home sees an override from its instant on, and the rota again when it has ended."""
    world = story(plan=plan_with(replace(DAILY, people=("ann",))), start="2026-03-01T12:00Z")
    world.site_hears(overridden(world, "bob"))
    world.hears("pendant", trigger="pressed")
    assert told(world) == ["bob"]
    world.site_hears(RotaOverrideEnded(at=world.at, rota="night", n=1, by="Ivy"))
    world.advance(minutes=10)
    assert told(world) == ["bob", "ann"]


def test_a_wall_clock_that_was_put_right_says_who_is_on_duty(story: Story) -> None:
    """Rotas follow the wall clock, not the engine's."""
    world = story(plan=plan_with(DAILY), start="2026-03-01T08:45Z")
    world.clock_is_put(30 * MINUTE)
    world.hears("pendant", trigger="pressed")
    assert told(world) == ["ann"]


def test_a_rota_without_anybody_goes_on_to_the_centre(story: Story) -> None:
    """A gap never holds an alert up: the centre is told at once."""
    office = Layer(people=("ann",), hours=(Window(start=540, end=1020),))
    world = story(plan=plan_with(office), start="2026-03-01T22:00Z")
    world.hears("pendant", trigger="pressed")
    assert told(world) == [CENTRE]


# --- when people can be reached, in the nights of the clocks -----------------------------------

EVENINGS = (Window(start=17 * 60, end=90),)
"""From five o'clock to half past one."""


def reached(story: Story, start: str) -> str:
    """Return who is told of a pendant: Ben, who can be reached in the evening, or Cara."""
    world = story(
        plan=plan_of([PRESSED]),
        record=record_of(contacts=(replace(BEN, reachable=EVENINGS), CARA)),
        start=start,
    )
    world.hears("pendant", trigger="pressed")
    return told(world)[0]


def test_a_contact_is_reached_until_the_minute_that_the_clocks_skip(story: Story) -> None:
    """In spring half past one does not exist: the evening ends as the clocks go forward."""
    assert reached(story, "2026-03-29T00:59:59Z") == "ben"
    assert reached(story, "2026-03-29T01:00Z") == "cara"
    assert reached(story, "2026-03-29T15:59Z") == "cara"
    assert reached(story, "2026-03-29T16:00Z") == "ben"


def test_a_contact_is_reached_through_the_hour_that_comes_twice(story: Story) -> None:
    """In autumn no minute that they named is lost: until half past one for the second time."""
    assert reached(story, "2026-10-25T00:45Z") == "ben"
    assert reached(story, "2026-10-25T01:29:59Z") == "ben"
    assert reached(story, "2026-10-25T01:30Z") == "cara"
    assert reached(story, "2026-10-25T16:59Z") == "cara"
    assert reached(story, "2026-10-25T17:00Z") == "ben"


def test_a_person_on_duty_out_of_reach_is_not_waited_for(story: Story) -> None:
    """Whoever is on duty and cannot be reached is passed over, and the centre is told."""
    night = (Window(start=20 * 60, end=8 * 60),)
    plan = plan_with(replace(DAILY, people=("ann",)), reachable=night)
    world = story(plan=plan, start="2026-03-01T12:00Z")
    world.hears("pendant", trigger="pressed")
    assert told(world) == [CENTRE]

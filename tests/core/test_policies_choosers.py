"""Choosers: another policy by priority, hour, day, scheme, home and tag; frozen when it opens."""

import msgspec
import pytest

from telecared.core.choosing import STRAIGHT_TO_THE_CENTRE
from telecared.core.compile import HomePlan
from telecared.core.events import ConditionFound
from telecared.core.plan import Ageing, Confirm, Plan, Rule
from telecared.core.policy import AppliesTo, Choice, Chooser, Policy, Step
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Instant, Priority
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import CENTRE, HOME, TECHNICAL, instant, plan_of, record_of

URGENT = Rule(name="press", when=ReadingIs(property="trigger", values=("pressed",)))
NIGHT = (Window(start=22 * 60, end=7 * 60),)


def policy(name: str, to: str) -> Policy:
    """A policy whose first step tells one person."""
    return Policy(name=name, steps=(Step(notify=(to,)), Step(notify=(CENTRE,))))


BY_DAY, BY_NIGHT, GRAVE = policy("day", "ben"), policy("night", "cara"), policy("grave", "cara")
AT_NIGHT = Chooser(
    name="family-then-centre",
    choices=(Choice(policy="night", between=NIGHT), Choice(policy="day")),
)


def plan_with(chooser: Chooser, rule: Rule = URGENT) -> Plan:
    """A plan whose default is a chooser."""
    plan = plan_of([rule], policies=(BY_DAY, BY_NIGHT, GRAVE, TECHNICAL))
    return msgspec.structs.replace(plan, choosers=(chooser,))


def chosen(choice: Choice, at: Instant = 0, priority: Priority = Priority.URGENT) -> bool:
    """Whether the home gets a choice rather than the last, which has no condition."""
    chooser = Chooser(name="family-then-centre", choices=(choice, Choice(policy="day")))
    home = HomePlan(plan_with(chooser), HOME, record_of(tags=("dementia",)))
    return home.policy(URGENT, priority, at).name == choice.policy


def test_the_hour_chooses_and_an_open_alert_keeps_what_it_opened_with(story: Story) -> None:
    """At ten to seven the night's policy; it keeps it, and a new alarm after seven the day's."""
    world = story(plan=plan_with(AT_NIGHT), start="2026-03-01T06:50Z")
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")
    world.advance(minutes=3)
    world.expect_sms(CENTRE)
    assert world.alert().policy is BY_NIGHT
    world.resolves("Ann")
    world.advance(minutes=20)
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.resolves("Ann")
    world.forget_messages()


def test_the_hours_are_those_of_the_homes_own_clock(story: Story) -> None:
    """In summer it is seven an hour earlier; a clock that is put counts as it is put."""
    world = story(plan=plan_with(AT_NIGHT), start="2026-07-01T06:30Z")
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.resolves("Ann")
    world.advance(minutes=1)
    world.clock_is_put(-2 * HOUR)
    world.forget_messages()
    world.hears("pendant", trigger="pressed")
    world.expect_sms("cara")


@pytest.mark.parametrize(
    ("whose", "fits"),
    [
        (AppliesTo(schemes=("northside",)), True),
        (AppliesTo(schemes=("southside",)), False),
        (AppliesTo(homes=(HOME,)), True),
        (AppliesTo(tags=("dementia", "frail")), True),
        (AppliesTo(tags=("frail",)), False),
    ],
)
def test_a_choice_is_for_the_homes_that_it_names(whose: AppliesTo, fits: bool) -> None:
    """Scheme, home and tag, as everywhere."""
    assert chosen(Choice(policy="night", applies_to=whose)) is fits


def test_a_choice_is_for_the_priorities_and_days_that_it_names() -> None:
    """Sunday the first of March; Monday is another day."""
    sundays = Choice(policy="night", between=(Window(start=0, end=0, days=(6,)),))
    assert chosen(sundays, instant("2026-03-01T12:00Z"))
    assert not chosen(sundays, instant("2026-03-02T12:00Z"))
    grave = Choice(policy="grave", priorities=(Priority.LIFE_SAFETY,))
    assert chosen(grave, priority=Priority.LIFE_SAFETY)
    assert not chosen(grave, priority=Priority.URGENT)


def test_what_belongs_to_no_home_gets_a_choice_that_names_none() -> None:
    """`@site` has no tag, no scheme and no id; its hours are the site's."""
    site = Chooser(
        name="technical-or-night",
        choices=(
            Choice(policy="day", applies_to=AppliesTo(schemes=("northside",))),
            Choice(policy="night", between=NIGHT),
            Choice(policy="technical"),
        ),
    )
    plan = msgspec.structs.replace(plan_with(site), site_policy=site.name)
    home = HomePlan(plan, "@site", None)
    noon, late = instant("2026-03-01T12:00Z"), instant("2026-03-01T23:00Z")
    assert home.policy(None, Priority.TECHNICAL, noon) is TECHNICAL
    assert home.policy(None, Priority.TECHNICAL, late) is BY_NIGHT
    assert home.technical_policy(Priority.TECHNICAL, late) is BY_NIGHT


@pytest.mark.parametrize(
    "choices", [(Choice(policy="nowhere"),), (Choice(policy="day", between=NIGHT),), ()]
)
def test_a_chooser_that_chooses_nothing_goes_straight_to_the_centre(
    choices: tuple[Choice, ...],
) -> None:
    """The reader refuses such a file; what reaches us unchecked must still tell somebody."""
    chooser = Chooser(name="family-then-centre", choices=choices)
    home = HomePlan(plan_with(chooser), HOME, record_of())
    noon = instant("2026-03-01T12:00Z")
    assert home.policy(URGENT, Priority.URGENT, noon) is STRAIGHT_TO_THE_CENTRE


BY_PRIORITY = Chooser(
    name="family-then-centre",
    choices=(
        Choice(policy="grave", priorities=(Priority.LIFE_SAFETY,)),
        Choice(policy="day"),
    ),
)


def test_an_alarm_that_a_second_sensor_raises_gets_the_policy_of_what_it_has_become(
    story: Story,
) -> None:
    """Ben was told of something urgent; of what is life safety now, Cara."""
    moved = ReadingIs(property="motion", values=("detected",))
    rule = msgspec.structs.replace(URGENT, confirm=Confirm(within=MINUTE, any_of=(moved,)))
    world = story(plan=plan_with(BY_PRIORITY, rule))
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.hears("hall-pir", motion="detected")
    assert world.alert().policy is GRAVE
    world.expect_sms("cara")
    world.expect_sms("ben", "CONFIRMED")


def test_a_fault_that_grows_old_gets_the_policy_of_what_it_has_become(story: Story) -> None:
    """Told to the day's people for a day, then to those for what is grave."""
    ages = Ageing(every=DAY, of="all", priority=Priority.LIFE_SAFETY, between=())
    rule = Rule(
        name="press", when=URGENT.when, priority=Priority.TECHNICAL, ages=ages, policy="technical"
    )
    world = story(plan=plan_with(BY_PRIORITY, rule))
    world.hears("pendant", trigger="pressed")
    world.advance(days=1)
    assert world.alert().policy is GRAVE
    world.forget_messages()


def test_the_machinerys_own_findings_are_chosen_for_too(story: Story) -> None:
    """An unregistered pendant that is pressed is life safety."""
    plan = msgspec.structs.replace(plan_with(BY_PRIORITY), site_policy="family-then-centre")
    world = story(plan=plan)
    world.happens(
        ConditionFound(
            input=9, at=world.at, name="unknown-device-alarm", subject="x",
            priority=Priority.LIFE_SAFETY,
        )
    )  # fmt: skip
    assert world.alert().policy is GRAVE
    world.forget_messages()

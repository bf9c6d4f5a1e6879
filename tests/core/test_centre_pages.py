"""The monitoring centre that does not answer: its supervisor is paged at 60 s, at 180 s, and on."""

from typing import Any

import msgspec
import pytest

from telecared.core.alert_commands import Acknowledged
from telecared.core.plan import Confirm, Rule
from telecared.core.policy import Centre, Contact, Policy, Step
from telecared.core.rota import Layer, Override, Rota
from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    AlertState,
    Channel,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import BEN, CENTRE, TECHNICAL, World, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
SUE = Contact(id="sue", name="Sue Vale", phone="+447700900160", roles=("supervisor",))
TOM = Contact(id="tom", name="Tom West", phone="+447700900161", roles=("supervisor",))
WITH_A_NUMBER = Centre(sms="+447700900900")
ALL = (Channel.SMS, Channel.VOICE, Channel.EMAIL)


def world_of(
    story: Story,
    *,
    supervisor: str | None = "sue",
    people: tuple[Contact, ...] = (SUE,),
    rule: Rule = PRESSED,
    centre: Centre = WITH_A_NUMBER,
    contacts: tuple[Contact, ...] = (),
    **plan: Any,  # noqa: ANN401 - fields of a plan
) -> World:
    """A home whose alarms go to the centre at once, for it has no contacts."""
    made = plan_of([rule], channels=plan.pop("channels", ALL))
    made = msgspec.structs.replace(
        made,
        people=people,
        centre=msgspec.structs.replace(centre, supervisor=supervisor),
        **plan,
    )
    return story(plan=made, record=record_of(contacts=contacts))


def pages(world: World) -> list[tuple[int, str, str]]:
    """(seconds after the opening, who, how) of each page of a supervisor; the rest is forgotten."""
    opened = world.records("alert.opened")[0].at
    found = [
        ((one.at - opened) // SECOND, one.to, one.channel.value)
        for one in world.notifications()
        if one.to != CENTRE and "NOT ANSWERED" in one.text
    ]
    world.forget_messages()
    return found


def test_the_supervisor_is_paged_at_60_and_at_180_seconds_and_then_at_each_repeat(
    story: Story,
) -> None:
    """Nobody at the centre answers: it is told on and on, and so is who is responsible for it."""
    world = world_of(story)
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=59)
    assert pages(world) == []
    world.advance(minutes=8, seconds=2)
    assert pages(world) == [
        (at, "sue", channel) for at in (60, 180, 360, 540) for channel in ("voice", "sms")
    ]
    lines = [line for line in world.records("alert.escalated") if line.to == "sue"]
    assert [line.reason for line in lines[:2]] == [
        "sue is paged: nobody at the centre has acknowledged it for 1m",
        "sue is paged: nobody at the centre has acknowledged it for 3m",
    ]


def test_the_page_says_what_is_the_matter_and_can_be_answered(story: Story) -> None:
    """The supervisor reads the alarm, replies its code, and everybody hears who is going."""
    world = world_of(story)
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    world.advance(minutes=1)
    code = world.alert().code
    text = world.expect_sms("sue").text
    assert text.startswith("NOT ANSWERED at the monitoring centre for 1m: ")
    assert "12 Larch Close" in text
    assert code in text
    world.expect_sms("sue", channel=Channel.VOICE)
    answer = world.commands(
        Acknowledged(input=world.next_input(), at=world.at, alert=1, by="Sue Vale", contact="sue")
    )
    assert answer.done
    assert world.alert().state is AlertState.ACKNOWLEDGED
    assert world.alert().page_at is None
    world.expect_sms(CENTRE, "Sue Vale is going")
    world.expect_sms("sue", "Thank you")
    world.advance(minutes=20)


def test_the_clock_begins_when_the_alarm_reaches_the_centre(story: Story) -> None:
    """The family has its time first; it ends whoever answers, and begins anew when they let go."""
    world = world_of(story, contacts=(BEN,))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=2)
    assert world.alert().centre_at == world.at
    world.advance(seconds=61)
    assert [at for at, _, _ in pages(world)] == [180, 180]
    world.accepts("ben", lease=10 * MINUTE)
    world.advance(minutes=10)
    assert world.alert().state is AlertState.OPEN
    assert world.alert().page_at == world.at + MINUTE
    world.forget_messages()


def test_a_centre_without_any_number_is_watched_too(story: Story) -> None:
    """Its queue is the centre: whoever should look at it is paged by phone."""
    world = world_of(story, centre=Centre())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=4)
    assert [at for at, _, how in pages(world) if how == "sms"] == [60, 180]


def test_a_centre_that_is_not_the_last_step_is_watched_from_its_step_on(story: Story) -> None:
    """The centre is told first, the family later: its 60 s count from the first message."""
    policy = Policy(
        name="family-then-centre",
        steps=(Step(notify=(CENTRE,), wait=2 * MINUTE), Step(notify=("carer",)),
               Step(notify=(CENTRE,))),
    )  # fmt: skip
    world = world_of(story, contacts=(BEN,), policies=(policy, TECHNICAL))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=4)
    assert [at for at, _, how in pages(world) if how == "sms"] == [60, 180]


@pytest.mark.parametrize("priority", [Priority.ROUTINE, Priority.TECHNICAL])
def test_what_can_wait_pages_no_supervisor(story: Story, priority: Priority) -> None:
    """A flat battery is the centre's work of the day."""
    rule = Rule(name="press", when=PRESSED.when, priority=priority)
    world = world_of(story, rule=rule)
    world.hears("pendant", trigger="pressed")
    world.advance(hours=3)
    assert pages(world) == []
    assert world.alert().centre_at is not None


def test_without_a_supervisor_the_centre_is_told_again_and_again(story: Story) -> None:
    """Nobody else to page; nothing is let go of."""
    world = world_of(story, supervisor=None)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=9)
    assert [one.to for one in world.notifications()] == [CENTRE] * 4
    world.forget_messages()


def test_without_stated_times_nobody_is_paged(story: Story) -> None:
    """A plan that reaches us without them keeps to its repeats."""
    world = world_of(story, centre=Centre(sms="+447700900900", page_after=()))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=9)
    assert pages(world) == []


ROTA = Rota(
    name="supervisors",
    timezone="Europe/London",
    layers=(Layer(people=("sue", "tom"), turn="daily", start="2026-03-01", handover=(0, 0)),),
)


def test_the_supervisor_of_a_rota_is_whoever_is_on_duty_then(story: Story) -> None:
    """Sue today, Tom from midnight on."""
    world = world_of(story, supervisor="supervisors", people=(SUE, TOM), rotas=(ROTA,))
    world.until("2026-03-01T23:58:30Z")
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=4)
    assert [(at, to) for at, to, how in pages(world) if how == "sms"] == [(60, "sue"), (180, "tom")]


def test_when_nobody_is_on_duty_all_of_the_rota_are_paged(story: Story) -> None:
    """A hole in the rota of supervisors is no reason to let a resident lie."""
    hole = Override(since=0, until=2**60, person="")
    rota = msgspec.structs.replace(ROTA, overrides=(hole,))
    world = world_of(story, supervisor="supervisors", people=(SUE, TOM), rotas=(rota,))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    assert [to for _, to, how in pages(world) if how == "sms"] == ["sue", "tom"]
    reason = world.records("alert.escalated")[-1].reason
    assert reason.startswith("supervisors has nobody on duty now, so that all of them are paged")


def test_a_supervisor_outside_their_hours_is_paged_rather_than_nobody(story: Story) -> None:
    """Better woken than not found."""
    night = msgspec.structs.replace(SUE, reachable=(Window(start=22 * 60, end=6 * 60),))
    world = world_of(story, people=(night,), supervisor="supervisor")
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    assert [to for _, to, how in pages(world) if how == "sms"] == ["sue"]


def test_when_there_is_no_supervisor_to_be_found_the_centre_hears_it_once_more(
    story: Story,
) -> None:
    """The person was removed from the files: the record says so, the centre's phone rings."""
    world = world_of(story, people=())
    world.hears("pendant", trigger="pressed")
    world.expect_sms(CENTRE)
    world.advance(minutes=1)
    world.expect_sms(CENTRE, "NOT ANSWERED")
    reason = world.records("alert.escalated")[-1].reason
    assert reason.startswith("sue has nobody who can be paged, so that the centre is told again")


def test_a_supervisor_is_paged_by_what_can_be_sent(story: Story) -> None:
    """By e-mail alone they can be told; no sender for voice or SMS is configured."""
    sue = msgspec.structs.replace(SUE, email="sue@example.org")
    world = world_of(story, people=(sue,), channels=(Channel.EMAIL,), centre=Centre())
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    assert pages(world) == [(60, "sue", "email")]


def test_a_page_that_fails_does_not_hurry_the_centre(story: Story) -> None:
    """The supervisor is told beside the steps; their phone says nothing of the centre's."""
    world = world_of(story)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    before = world.alert().next_at
    world.reports("sue", NotificationState.FAILED)
    assert world.alert().next_at == before
    world.forget_messages()


def test_after_a_stop_of_hours_the_supervisor_is_paged_once_and_then_at_the_old_pace(
    story: Story,
) -> None:
    """What came due while we did not run is told once."""
    world = world_of(story)
    world.hears("pendant", trigger="pressed")
    world.advance(seconds=30)
    world.stopped_for(hours=2)
    assert len([one for one in pages(world) if one[2] == "sms"]) == 1
    world.advance(seconds=121)
    assert len([one for one in pages(world) if one[2] == "sms"]) == 2


def test_an_alarm_that_is_raised_begins_its_clock_at_the_centre(story: Story) -> None:
    """A leak stands in the queue for an hour; confirmed, it is a matter of 60 s."""
    moved = ReadingIs(property="motion", values=("detected",))
    rule = Rule(
        name="leak", when=PRESSED.when, priority=Priority.ROUTINE,
        confirm=Confirm(within=HOUR, any_of=(moved,)),
    )  # fmt: skip
    world = world_of(story, rule=rule)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=50)
    assert world.alert().page_at is None
    world.hears("hall-pir", motion="detected")
    assert world.alert().page_at == world.at + MINUTE
    world.advance(minutes=1)
    assert [at for at, _, how in pages(world) if how == "sms"] == [51 * 60]


def test_what_has_become_less_dangerous_or_has_no_supervisor_any_more_stops_the_pages(
    story: Story,
) -> None:
    """The files were changed while the alarm stood there: its clock ends, the alarm does not."""
    world = world_of(story)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1)
    pages(world)
    centre = msgspec.structs.replace(world.plan.centre, supervisor=None)
    world.is_replanned(msgspec.structs.replace(world.plan, centre=centre))
    world.advance(minutes=10)
    assert world.alert().page_at is None
    assert world.alert().next_at is not None
    world.forget_messages()

"""An operator writes to somebody about an alert, in words of their own."""

import msgspec
import pytest

from telecared.core.alert_commands import MessageSent
from telecared.core.events import ContactUnreachable
from telecared.core.segments import segments
from telecared.core.state import Answer
from telecared.core.telling import MAX_TOLD
from telecared.core.vocabulary import Channel
from tests.core.conftest import Story
from tests.core.handlers import PRESSED, reasons
from tests.core.world import BEN, CARA, World, plan_of, record_of

MAIL = "ben@example.org"


def writes(
    world: World, to: str, text: str = "The key is outside.", channel: Channel | None = None
) -> Answer:
    """An operator writes to somebody."""
    return world.commands(
        MessageSent(
            input=world.next_input(), at=world.at, alert=1, by="Ann Lee", to=to, text=text,
            channel=channel,
        )
    )  # fmt: skip


def begun(story: Story) -> World:
    """A pressed pendant; Ben can be told in every way, Cara by SMS, the resident by telephone."""
    ben = msgspec.structs.replace(BEN, email=MAIL)
    plan = plan_of([PRESSED], channels=(Channel.SMS, Channel.VOICE, Channel.EMAIL))
    record = record_of(contacts=(ben, CARA), resident_phone="+447700900199")
    world = story(plan=plan, record=record)
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    return world


def test_a_message_is_news_with_the_code_before_it(story: Story) -> None:
    """It asks nobody to go: no receipt is waited for, and no step moves on."""
    world = begun(story)
    assert writes(world, "cara", "  Please bring the “spare” key.  ") == Answer(True)
    sent = world.expect_sms("cara")
    assert sent.text == f'{world.alert().code}: Please bring the "spare" key.'
    assert [one.pages for one in world.alert().told] == [True, False]
    [line] = world.records("message.written")
    assert (line.reason, line.to, line.channel) == (
        "Ann Lee wrote to Cara Singh", "cara", Channel.SMS,
    )  # fmt: skip
    assert world.accepts("cara").done
    assert world.withdrawn() == ["ben"]
    world.forget_messages()


def test_it_goes_by_the_channel_that_is_named(story: Story) -> None:
    """Whoever is called has keys, and hears no code."""
    world = begun(story)
    assert writes(world, "ben", channel=Channel.VOICE).done
    assert writes(world, "ben", channel=Channel.EMAIL).done
    assert world.expect_sms("ben", channel=Channel.VOICE).text == "The key is outside."
    assert world.expect_sms("ben", channel=Channel.EMAIL).number == MAIL


def test_the_resident_reads_no_code(story: Story) -> None:
    """She answers nothing with it."""
    world = begun(story)
    assert writes(world, "resident", "Help is coming.").done
    assert world.expect_sms("resident").text == "Help is coming."
    assert reasons(world, "message.written") == ["Ann Lee wrote to Mrs Ada Hall"]


@pytest.mark.parametrize(
    ("to", "text", "channel", "says"),
    [
        ("zoe", "Hello", None, "larch-12 has no contact zoe"),
        ("monitoring_centre", "Hello", None, "larch-12 has no contact monitoring_centre"),
        ("ben", "  ", None, "write what they are to read"),
        ("ben", "x" * 301, None, "the text takes 3 SMS and may take 2: shorten it"),
        ("ben", "ж" * 130, None, "the text takes 3 SMS"),
        ("cara", "Hello", Channel.EMAIL, "Cara Singh has no address for email"),
        ("cara", "Hello", Channel.PUSH, "people are written to by sms, voice, email, not by push"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_a_sentence(
    story: Story, to: str, text: str, channel: Channel | None, says: str
) -> None:
    """And nothing is on record."""
    world = begun(story)
    answer = writes(world, to, text, channel)
    assert not answer.done
    assert says in answer.reason
    assert world.records("message.written") == []


def test_the_longest_text_costs_two_sms(story: Story) -> None:
    """With its code."""
    world = begun(story)
    assert writes(world, "ben", "x" * 300).done
    assert segments(world.expect_sms("ben").text) == 2


def test_who_takes_no_messages_is_not_written_to(story: Story) -> None:
    """The operator hears it at once, and rings."""
    world = begun(story)
    world.happens(
        ContactUnreachable(input=world.next_input(), at=world.at, contact="cara", reason="STOP")
    )
    world.forget_messages()
    answer = writes(world, "cara", channel=Channel.SMS)
    assert answer.reason == "Cara Singh takes no messages by sms: ring them"
    # By voice she can still be told.
    assert writes(world, "cara").done
    world.expect_sms("cara", channel=Channel.VOICE)


def test_without_a_sender_nothing_is_promised(story: Story) -> None:
    """A site that has no provider yet."""
    world = story(plan=plan_of([PRESSED], channels=()))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    assert writes(world, "ben").reason.startswith("Ben Hall takes no messages: ring them")
    answer = writes(world, "ben", channel=Channel.SMS)
    assert answer.reason.startswith("nothing is configured that sends by sms")


def test_an_alert_remembers_so_many_messages_and_no_more(story: Story) -> None:
    """Its memory has an end."""
    world = begun(story)
    told = world.alert().told * MAX_TOLD
    world.state.alerts[1] = msgspec.structs.replace(world.alert(), told=told)
    assert writes(world, "ben").reason.startswith(f"{MAX_TOLD} messages tell of this alert")

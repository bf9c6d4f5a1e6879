"""What an SMS means, given who sent it and what is open for them."""

import pytest

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Updated
from telecared.core.events import SITE, ContactReachable, ContactUnreachable, ReplyNotUnderstood
from telecared.core.reading_replies import Help
from telecared.core.replies import Candidate, refused_help, resolve_reply
from telecared.core.state import Answer
from telecared.core.vocabulary import Outcome, Progress

BEN = "+447700900123"
PENDANT = Candidate("larch-12", 3, "4711", "ben", "Ben Hall")
SMOKE = Candidate("larch-14", 1, "5822", "ben", "Ben Hall")
TWIN = Candidate("larch-16", 9, "4711", "ben", "Ben Hall")
AT_HOME = [("larch-12", "ben"), ("larch-14", "ben")]


@pytest.mark.parametrize(
    ("text", "candidates", "home", "kind"),
    [
        ("4711", [PENDANT, SMOKE], "larch-12", Acknowledged),
        ("yes 5822", [PENDANT, SMOKE], "larch-14", Acknowledged),
        ("NO 4711", [PENDANT, SMOKE], "larch-12", Declined),
        ("ACK", [PENDANT], "larch-12", Acknowledged),
        ("no", [SMOKE], "larch-14", Declined),
        ("4711 10", [PENDANT, SMOKE], "larch-12", Updated),
        ("HERE 5822", [PENDANT, SMOKE], "larch-14", Updated),
        ("helped", [PENDANT], "larch-12", Resolved),
    ],
)
def test_a_reply_reaches_the_one_alert_it_means(
    text: str, candidates: list[Candidate], home: str, kind: type
) -> None:
    """By its code, or because there is only one."""
    [meant] = resolve_reply(text, BEN, candidates, AT_HOME)

    assert (meant.home, type(meant.event)) == (home, kind)


@pytest.mark.parametrize(
    ("text", "candidates", "contacts", "help_"),
    [
        ("ACK", [PENDANT, SMOKE], AT_HOME, Help.WHICH_ONE),
        ("4711", [PENDANT, TWIN], AT_HOME, Help.SAME_CODE),
        ("YES", [PENDANT, TWIN], AT_HOME, Help.WHICH_ONE),
        ("9999", [PENDANT], AT_HOME, Help.UNKNOWN_CODE),
        ("on my way, love", [PENDANT], AT_HOME, Help.NOT_UNDERSTOOD),
        ("4711", [], AT_HOME, Help.NOTHING_OPEN),
        ("4711", [], [], Help.STRANGER),
        ("STOP", [], [], Help.STRANGER),
        ("START", [], [], Help.STRANGER),
    ],
)
def test_what_means_no_single_alert_is_helped(
    text: str, candidates: list[Candidate], contacts: list[tuple[str, str]], help_: Help
) -> None:
    """Guessing could take the wrong alert, so nothing is taken."""
    [meant] = resolve_reply(text, BEN, candidates, contacts)

    assert meant.home == SITE
    assert isinstance(meant.event, ReplyNotUnderstood)
    assert meant.event.help == help_
    assert BEN not in meant.event.sender


def test_what_a_reply_says_is_in_its_event() -> None:
    """The minutes, that they are there, and how it ended; under the id that was told."""
    [way] = resolve_reply("10 min 4711", BEN, [PENDANT], AT_HOME)
    [there] = resolve_reply("here", BEN, [PENDANT], AT_HOME)
    [over] = resolve_reply("false 4711", BEN, [PENDANT], AT_HOME)

    assert isinstance(way.event, Updated)
    assert (way.event.progress, way.event.minutes) == (Progress.ON_THE_WAY, 10)
    assert isinstance(there.event, Updated)
    assert there.event.progress is Progress.ARRIVED
    assert isinstance(over.event, Resolved)
    assert (over.event.outcome, over.event.contact) == (Outcome.FALSE_ACTIVATION, "ben")


def test_stop_and_start_reach_every_home_with_that_number() -> None:
    """A responder of many homes stops for all of them with one word."""
    stopped = resolve_reply("STOP", BEN, [PENDANT], AT_HOME)
    started = resolve_reply("start", BEN, [], AT_HOME)

    assert [(one.home, type(one.event)) for one in stopped] == [
        ("larch-12", ContactUnreachable),
        ("larch-14", ContactUnreachable),
    ]
    assert {type(one.event) for one in started} == {ContactReachable}


def test_who_is_refused_by_the_home_hears_why() -> None:
    """Its own core knows more than the reply did."""
    taken = Answer(False, "Cara Singh already has it", Help.TAKEN, "Cara Singh")
    meant = refused_help(BEN, taken, "pl")
    assert meant.home == SITE
    assert isinstance(meant.event, ReplyNotUnderstood)
    event = meant.event
    assert (event.number, event.help, event.who) == (BEN, Help.TAKEN, "Cara Singh")
    assert event.language == "pl"


def test_yes_takes_messages_up_again_where_nothing_is_open() -> None:
    """A provider takes it for START; whoever meant an alert that is over hears that too."""
    [one, other, answer] = resolve_reply("yes.", BEN, [], AT_HOME)
    assert isinstance(one.event, ContactReachable)
    assert isinstance(other.event, ContactReachable)
    assert isinstance(answer.event, ReplyNotUnderstood)
    assert answer.event.help == Help.NOTHING_OPEN

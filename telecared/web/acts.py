"""What people may do to an alert, as one table: name, kind of command, fields, and the event made.

Shared by the pages and by the API, so that both ask for the same and refuse in the same sentences.
Whether an act may be done now is the core's to say; who may try at all, the guard's.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from telecared.core.events import StoredEvent
from telecared.core.promises import LONGEST_WHAT
from telecared.core.vocabulary import CallResult, Cause, Channel, Outcome
from telecared.orders import StatedOrder
from telecared.store_port import CommandResult
from telecared.web import act_events
from telecared.web.act_fields import (
    LONGEST_ID,
    LONGEST_NAME,
    MOST_MINUTES,
    UNTIL,
    Field,
    Said,
    Shape,
    checked,
    choice,
    minutes,
    note,
    person,
)
from telecared.web.errors import NotThere

if TYPE_CHECKING:
    from telecared.web.visit import Visit

LONGEST_MESSAGE: Final = 400
"""What an operator writes to somebody: three SMS, with what is put before it."""

LONGEST_QUESTION: Final = 200
LONGEST_ANSWER: Final = 500
MOST_DAYS: Final = 90

STATED_OUTCOMES: Final = tuple(outcome.value for outcome in Outcome if outcome.stated)
IN_WRITING: Final = (Channel.SMS.value, Channel.EMAIL.value, Channel.VOICE.value)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done to an alert.

    Attributes:
        name: the last part of its address.
        kind: of the command.
        label: the words on its button.
        done: what is said when the engine has carried it out.
        make: makes the event, or the body of the order; raises BadForm.
    """

    name: str
    kind: str
    label: str
    done: str
    fields: tuple[Field, ...]
    make: Callable[[Said], StoredEvent | StatedOrder]


class Command(msgspec.Struct, frozen=True):
    """What an act comes to: a command's kind, and the event or the body that it carries."""

    kind: str
    what: StoredEvent | bytes


def read(name: str, *, home: str, alert: int, by: str, fields: Mapping[str, str]) -> Command:
    """Return the command that an act's fields ask for.

    Args:
        name: of the act, a key of `ACTS`.
        home: of the alert, whose number is `alert`.
        alert: its number.
        by: the name of whoever acts.
        fields: as typed; what the act does not know is passed over.

    Raises:
        NotThere: there is no such act.
        BadForm: with every problem at once, each a sentence.
    """
    deed = ACTS.get(name)
    if deed is None:
        raise NotThere(f"There is nothing called {name} that can be done to an alert.")
    said = checked(deed.fields, home=home, alert=alert, by=by, fields=fields)
    made = deed.make(said)
    what = msgspec.json.encode(made) if isinstance(made, StatedOrder) else made
    return Command(deed.kind, what)


def perform(visit: "Visit", name: str, alert: int, fields: Mapping[str, str]) -> CommandResult:
    """Hand an act on an alert of the home that the path names to the engine; wait for its answer.

    Raises:
        NotThere: there is no such alert for their eyes, or no such act.
        BadForm: the fields cannot be used.
        StoreError: it could not be made durable.
    """
    home = visit.the_home
    visit.sight.alert(home, alert)
    command = read(name, home=home, alert=alert, by=visit.operator.name, fields=fields)
    return visit.give(command.kind, home, command.what)


_DEEDS: Final = (
    Deed(
        name="take",
        kind="ack",
        label="Take it",
        done="You have it.",
        fields=(minutes("For how long; left out, as long as the policy says."),),
        make=act_events.take,
    ),
    Deed(
        name="take-over",
        kind="hand-over",
        label="Take it over",
        done="You have it now; whoever had it is told.",
        fields=(note("Why you take it from whoever has it."),),
        make=act_events.take_over,
    ),
    Deed(
        name="hand-over",
        kind="hand-over",
        label="Hand it over",
        done="It is handed over.",
        fields=(
            Field(
                name="to",
                what="The name of the operator who has it from now on.",
                ask="Choose who has it from now on.",
                most=LONGEST_NAME,
            ),
            person("contact", "The id of the contact who has it from now on.", required=False),
            note(),
        ),
        make=act_events.hand_over,
    ),
    Deed(
        name="snooze",
        kind="snooze",
        label="Snooze",
        done="It rests, and comes back when the time is over.",
        fields=(minutes("After how many minutes it comes back.", required=True),),
        make=act_events.snooze,
    ),
    Deed(
        name="on-the-way",
        kind="update",
        label="On the way",
        done="It is noted that you are on the way.",
        fields=(minutes("How many minutes until you arrive.", required=True),),
        make=act_events.on_the_way,
    ),
    Deed(
        name="arrived",
        kind="update",
        label="Arrived",
        done="It is noted that you have arrived.",
        fields=(),
        make=act_events.arrived,
    ),
    Deed(
        name="note",
        kind="update",
        label="Write a note",
        done="The note is on record.",
        fields=(note("What is new.", required=True),),
        make=act_events.write_note,
    ),
    Deed(
        name="answer",
        kind="update",
        label="Note the answer",
        done="The answer is on record.",
        fields=(
            Field(
                name="question", what="As the rule asks it.", ask="Say which question.",
                required=True, most=LONGEST_QUESTION,
            ),
            Field(
                name="answer", what="What was answered.", ask="Choose or write an answer.",
                required=True, most=LONGEST_ANSWER,
            ),
        ),
        make=act_events.answer,
    ),
    Deed(
        name="escalate",
        kind="escalate",
        label="Escalate now",
        done="The next step is told now.",
        fields=(note("Why more help is needed."),),
        make=act_events.escalate,
    ),
    Deed(
        name="decline",
        kind="decline",
        label="Cannot go",
        done="It is noted; the next is told.",
        fields=(person("contact", "The id of the contact who cannot go."),),
        make=act_events.decline,
    ),
    Deed(
        name="called",
        kind="call",
        label="Called",
        done="The call is on record.",
        fields=(
            person("contact", "The id of whoever was rung; `resident` for the resident."),
            choice(
                "result", "What came of the call.", "Say what came of the call.",
                tuple(CallResult), required=True,
            ),
            note("What was said."),
        ),
        make=act_events.called,
    ),
    Deed(
        name="message",
        kind="message",
        label="Send the message",
        done="The message is on its way.",
        fields=(
            person("to", "The id of whoever is written to; `resident` for the resident."),
            Field(
                name="text", what="The message; the reply code is put before it.",
                ask="Write the message.", required=True, most=LONGEST_MESSAGE,
            ),
            choice(
                "channel", "By which channel; left out, the first by which they can be told.",
                "Choose a channel.", IN_WRITING, required=False,
            ),
        ),
        make=act_events.message,
    ),
    Deed(
        name="link",
        kind="link",
        label="Link as a duplicate",
        done="It is closed as a duplicate of the other.",
        fields=(
            Field(
                name="to", what="The other, unresolved alert of the same home, which stays.",
                ask="Choose the other alert.", required=True, most=LONGEST_ID,
            ),
            note(),
        ),
        make=act_events.link,
    ),
    Deed(
        name="resolve",
        kind="resolve",
        label="Resolve",
        done="It is resolved.",
        fields=(
            choice(
                "outcome", "How it ended.", "Say how it ended.", STATED_OUTCOMES, required=True
            ),
            choice(
                "cause", "Why it was a false activation; compulsory with that outcome.",
                "Say why it was a false activation.", tuple(Cause), required=False,
            ),
            note(),
        ),
        make=act_events.resolve,
    ),
    Deed(
        name="plan",
        kind="plan-for",
        label="Let it rest",
        done="The plan is on record; it rests until then.",
        fields=(
            note("What keeps the resident safe until it is mended.", required=True),
            Field(
                name="days", what="For how many days.", ask="Say for how many days.",
                shape=Shape.NUMBER, least=1, most=MOST_DAYS,
            ),
            UNTIL,
        ),
        make=act_events.plan_for,
    ),
    Deed(
        name="promise",
        kind="promise",
        label="Promise",
        done="The promise is on record.",
        fields=(
            Field(
                name="what", what="What is promised, like a call back.",
                ask="Write what is promised.", required=True, most=LONGEST_WHAT,
            ),
            minutes("In how many minutes it is due.", most=14 * MOST_MINUTES),
            UNTIL,
        ),
        make=act_events.promise,
    ),
    Deed(
        name="kept",
        kind="promise-kept",
        label="Done",
        done="The promise is kept.",
        fields=(
            Field(
                name="number", what="The promise's number in the home.", ask="Say which promise.",
                shape=Shape.NUMBER, required=True, least=1, most=999_999_999,
            ),
            note(),
        ),
        make=act_events.kept,
    ),
)  # fmt: skip

ACTS: Final[Mapping[str, Deed]] = {deed.name: deed for deed in _DEEDS}
"""Every act on an alert by its name, in the order in which a description lists them."""

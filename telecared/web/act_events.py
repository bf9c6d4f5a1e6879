"""What each act on an alert comes to: the event of the core that its form asks for.

The fields are checked by themselves in `act_fields`; which act makes which is `acts`.
"""

from telecared.core.alert_commands import (
    Acknowledged,
    Called,
    Declined,
    EscalatedNow,
    HandedOver,
    InterimPlanned,
    Linked,
    MessageSent,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.asking import note_of
from telecared.core.events import Promised, PromiseKept, StoredEvent
from telecared.core.policy import RESIDENT
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    CallResult,
    Cause,
    Channel,
    Duration,
    Outcome,
    Progress,
)
from telecared.orders import StatedOrder
from telecared.web.act_fields import Said
from telecared.web.errors import BadForm


def take(said: Said) -> StoredEvent:
    """Return that they have it."""
    lease = said.numbers.get("minutes")
    return Acknowledged(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        lease=None if lease is None else lease * MINUTE,
    )


def take_over(said: Said) -> StoredEvent:
    """Return that they have it now, whoever had it."""
    return HandedOver(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        to=said.by,
        note=said.text("note"),
        take_over=True,
    )


def hand_over(said: Said) -> StoredEvent:
    """Return that an operator or a contact has it now. Raises BadForm."""
    to, contact = said.text("to"), said.text("contact")
    if bool(to) == bool(contact):
        raise BadForm({"to": "Choose one operator or one contact who has it from now on."})
    return HandedOver(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        to=to or contact,  # of a contact the core puts their name
        contact=contact or None,
        note=said.text("note"),
    )


def snooze(said: Said) -> StoredEvent:
    """Return that it rests."""
    lasts = said.numbers["minutes"] * MINUTE
    return Snoozed(input=0, at=0, alert=said.alert, by=said.by, duration=lasts)


def _update(said: Said, progress: Progress, note: str = "") -> StoredEvent:
    return Updated(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        progress=progress,
        minutes=said.numbers.get("minutes"),
        note=note,
    )


def on_the_way(said: Said) -> StoredEvent:
    """Return that they are on the way."""
    return _update(said, Progress.ON_THE_WAY)


def arrived(said: Said) -> StoredEvent:
    """Return that they are there."""
    return _update(said, Progress.ARRIVED)


def write_note(said: Said) -> StoredEvent:
    """Return a note."""
    return _update(said, Progress.NOTE, said.text("note"))


def answer(said: Said) -> StoredEvent:
    """Return the answer to a question, as a note."""
    return _update(said, Progress.NOTE, note_of(said.text("question"), said.text("answer")))


def escalate(said: Said) -> StoredEvent:
    """Return that the next step is to be told."""
    note = said.text("note")
    return EscalatedNow(input=0, at=0, alert=said.alert, by=said.by, note=note)


def decline(said: Said) -> StoredEvent:
    """Return that a contact cannot go."""
    contact = said.text("contact")
    return Declined(input=0, at=0, alert=said.alert, by=said.by, contact=contact)


def called(said: Said) -> StoredEvent:
    """Return that they rang somebody. Raises BadForm."""
    contact, result = said.text("contact"), CallResult(said.text("result"))
    if contact == RESIDENT and result is CallResult.GOING:
        raise BadForm({"result": "The resident lives there: choose answered or no answer."})
    return Called(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        contact=contact,
        result=result,
        note=said.text("note"),
    )


def message(said: Said) -> StoredEvent:
    """Return a message to somebody."""
    channel = said.text("channel")
    return MessageSent(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        to=said.text("to"),
        text=said.text("text"),
        channel=Channel(channel) if channel else None,
    )


def link(said: Said) -> StoredEvent:
    """Return of which alert it is a duplicate. Raises BadForm."""
    home, _, number = said.text("to").rpartition("/")
    if not (number.isascii() and number.isdecimal()) or len(number) > 9:
        raise BadForm({"to": f"Write the other alert's number, like {said.home}/3."})
    if home not in ("", said.home):
        raise BadForm({"to": f"A duplicate is of the same home: choose one of {said.home}."})
    if int(number) == said.alert:
        raise BadForm({"to": "This is the alert itself: choose the other one."})
    note = said.text("note")
    return Linked(input=0, at=0, alert=said.alert, by=said.by, to=int(number), note=note)


def resolve(said: Said) -> StoredEvent:
    """Return how it ended. Raises BadForm."""
    outcome, cause = Outcome(said.text("outcome")), said.text("cause")
    if outcome is Outcome.FALSE_ACTIVATION and not cause:
        raise BadForm({"cause": "Say why it was a false activation; unknown is an answer too."})
    if outcome is not Outcome.FALSE_ACTIVATION and cause:
        raise BadForm({"cause": "A cause is of a false activation: leave it out, or choose that."})
    return Resolved(
        input=0,
        at=0,
        alert=said.alert,
        by=said.by,
        outcome=outcome,
        note=said.text("note"),
        cause=Cause(cause) if cause else None,
    )


def plan_for(said: Said) -> StatedOrder:
    """Return what is done until a fault is mended. Raises BadForm."""
    lasts, until = _ending(said, "days", DAY)
    event = InterimPlanned(
        input=0, at=0, alert=said.alert, by=said.by, until=0, note=said.text("note")
    )
    return StatedOrder(event=event, lasts=lasts, local_until=until)


def promise(said: Said) -> StatedOrder:
    """Return what is promised about it. Raises BadForm."""
    lasts, until = _ending(said, "minutes", MINUTE)
    event = Promised(input=0, at=0, by=said.by, what=said.text("what"), due_at=0, alert=said.alert)
    return StatedOrder(event=event, lasts=lasts, local_until=until)


def kept(said: Said) -> StoredEvent:
    """Return that a promise is kept."""
    number, note = said.numbers["number"], said.text("note")
    return PromiseKept(input=0, at=0, by=said.by, number=number, note=note)


def _ending(said: Said, count: str, unit: Duration) -> tuple[Duration, str]:
    """Return (how long, until when by local clocks), one of which is given. Raises BadForm."""
    several, until = said.numbers.get(count), said.text("until")
    if (several is None) == (not until):
        raise BadForm({count: f"Say in how many {count}, or until when; one of them."})
    return (several or 0) * unit, until

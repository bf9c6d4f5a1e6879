"""What people do with an alert that stories about handling share, over a `World`."""

from typing import Any

from telecared.core.alert_commands import (
    Acknowledged,
    EscalatedNow,
    HandedOver,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.plan import HomeRecord, Plan, Rule
from telecared.core.policy import Contact, Policy, Step
from telecared.core.state import Answer
from telecared.core.vocabulary import MINUTE, Channel, Outcome, Priority, Progress
from telecared.core.when import ReadingIs
from tests.core.world import BEN, CARA, CENTRE, TECHNICAL, World, plan_of, record_of

DAN = Contact(id="dan", name="Dan Moss", phone="+447700900125", roles=("neighbour",))
PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
STEPS = (
    Step(notify=("carer",), wait=2 * MINUTE),
    Step(notify=("key_holder",), wait=3 * MINUTE),
    Step(notify=("neighbour",), wait=3 * MINUTE),
    Step(notify=(CENTRE,)),
)
TWO = Policy(name="family-then-centre", steps=STEPS, needed=2)


def pressed(priority: Priority) -> Rule:
    """The pendant's rule with another priority."""
    return Rule(name="press", when=PRESSED.when, priority=priority)


def two_needed(rule: Rule = PRESSED, **changes: Any) -> Plan:  # noqa: ANN401 - fields of a policy
    """A plan whose policy asks for two people."""
    policy = Policy(name="family-then-centre", steps=STEPS, **{"needed": 2, **changes})
    return plan_of([rule], policies=[policy, TECHNICAL])


def family(**changes: Any) -> HomeRecord:  # noqa: ANN401 - fields of a record
    """The home with three contacts."""
    return record_of(**{"contacts": (BEN, CARA, DAN), **changes})


def _common(world: World, alert: int) -> dict[str, Any]:
    return {"input": world.next_input(), "at": world.at, "alert": alert}


def takes(world: World, by: str, alert: int = 1) -> Answer:
    """An operator takes it."""
    return world.commands(Acknowledged(**_common(world, alert), by=by))


def holds(world: World, by: str, alert: int = 1) -> Answer:
    """An operator holds it for ten minutes."""
    return world.commands(Snoozed(**_common(world, alert), by=by, duration=10 * MINUTE))


def is_on_the_way(world: World, contact: str, minutes: int | None = None, alert: int = 1) -> Answer:
    """A contact says how far they are."""
    name = world.home.contacts[contact].name
    return world.commands(
        Updated(
            **_common(world, alert), by=name, contact=contact, progress=Progress.ON_THE_WAY,
            minutes=minutes,
        )
    )  # fmt: skip


def arrives(world: World, contact: str, alert: int = 1) -> Answer:
    """A contact says that they are there."""
    name = world.home.contacts[contact].name
    return world.commands(
        Updated(**_common(world, alert), by=name, contact=contact, progress=Progress.ARRIVED)
    )


def notes(world: World, by: str, note: str, alert: int = 1) -> Answer:
    """Somebody notes what is new."""
    return world.commands(
        Updated(**_common(world, alert), by=by, progress=Progress.NOTE, note=note)
    )


def hands(
    world: World,
    by: str,
    to: str,
    *,
    contact: str | None = None,
    take_over: bool = False,
    note: str = "",
    alert: int = 1,
) -> Answer:
    """Somebody hands an alert over, or takes it over."""
    return world.commands(
        HandedOver(
            **_common(world, alert), by=by, to=to, contact=contact, take_over=take_over, note=note
        )
    )


def escalates(world: World, by: str, note: str = "", alert: int = 1) -> Answer:
    """Somebody asks for the next step at once."""
    return world.commands(EscalatedNow(**_common(world, alert), by=by, note=note))


def replies_ended(
    world: World, contact: str, outcome: Outcome = Outcome.ASSISTANCE_GIVEN, alert: int = 1
) -> Answer:
    """A contact replies how it ended."""
    name = world.home.contacts[contact].name
    return world.commands(
        Resolved(**_common(world, alert), by=name, outcome=outcome, contact=contact)
    )


def told(world: World, to: str, channel: Channel = Channel.SMS) -> list[str]:
    """Every text that somebody was sent."""
    return [one.text for one in world.notifications() if one.to == to and one.channel is channel]


def reasons(world: World, event: str) -> list[str]:
    """What the record says of one kind of event."""
    return [line.reason for line in world.records(event)]

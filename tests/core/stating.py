"""What people state about the home of a story: suspensions and silences, and their ends."""

from telecared.core.events import Silenced, SilenceEnded, Suspended, SuspensionEnded
from telecared.core.state import Answer
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SuspensionKind
from tests.core.world import World


def suspends(
    world: World,
    kind: SuspensionKind = SuspensionKind.AWAY,
    *,
    days: float = 0,
    hours: float = 0,
    by: str = "Ann Lee",
    note: str = "",
    extends: int = 0,
) -> Answer:
    """Somebody states that the home is not as usual, for a time from now."""
    until = world.at + round(days * DAY + hours * HOUR)
    return world.commands(
        Suspended(
            input=world.next_input(), at=world.at, by=by, kind=kind, until=until, note=note,
            extends=extends,
        )
    )  # fmt: skip


def ends(world: World, suspension: int = 0, by: str = "Ann Lee") -> Answer:
    """Somebody ends a suspension, or all of them."""
    return world.commands(
        SuspensionEnded(input=world.next_input(), at=world.at, by=by, suspension=suspension)
    )


def silences(
    world: World,
    rule: str = "",
    *,
    device: str = "",
    hours: float = 0,
    minutes: float = 0,
    by: str = "Ann Lee",
    note: str = "",
) -> Answer:
    """Somebody asks that findings page nobody, for a time from now."""
    until = world.at + round(hours * HOUR + minutes * MINUTE)
    return world.commands(
        Silenced(
            input=world.next_input(), at=world.at, by=by, until=until, rule=rule, device=device,
            note=note,
        )
    )  # fmt: skip


def speaks_again(world: World, silence: int = 0, by: str = "Ann Lee") -> Answer:
    """Somebody ends a silence, or all of them."""
    return world.commands(
        SilenceEnded(input=world.next_input(), at=world.at, by=by, silence=silence)
    )

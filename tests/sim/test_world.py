"""The world in virtual time by itself: what its callers rely on, whatever they play in it."""

from functools import cache
from pathlib import Path

import pytest

from telecared.config.deployment import default_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.alert_commands import Acknowledged
from telecared.core.plan import Device, HomeRecord
from telecared.core.policy import Contact
from telecared.core.readings import Reading
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, DeviceKind
from telecared.sim.behaviour import Behaviour
from telecared.sim.lines import ReplayLine
from telecared.sim.world import CompiledHomes, SimWorld

START = 1_772_445_600_000_000  # 2026-03-02T10:00:00Z
TOPIC = "telecare/northside/larch-12/pendant"
PRESSED = (Reading("pendant", "trigger", "pressed"),)

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
"""

LARCH = HomeRecord(
    id="larch-12",
    scheme="northside",
    timezone="Europe/London",
    devices=(
        Device(id="pendant", kind=DeviceKind.PERSONAL_TRIGGER, profile="native", topic=TOPIC),
    ),
    contacts=(Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",)),),
)


@cache
def _loaded(rules: Path) -> LoadedPlan:
    return load_plan(default_deployment(Path()), rules=[rules])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedPlan:
    """One rule and what ships beside it."""
    rules = tmp_path_factory.mktemp("world") / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    return _loaded(rules)


def world_of(loaded: LoadedPlan, phones: dict[str, Behaviour] | None = None) -> SimWorld:
    """A world of one home at ten in the morning."""
    return SimWorld(loaded, [LARCH], phones or {}, start=START)


def told(lines: list[ReplayLine]) -> list[tuple[str, str | None]]:
    """What was opened and sent, as (event, to), of homes."""
    kinds = ("alert.opened", "notification.queued", "alert.acknowledged")
    return [
        (line.event, line.to)
        for line in lines
        if line.event in kinds and not line.home.startswith("@")
    ]


def test_a_message_and_its_readings_come_to_the_same(loaded: LoadedPlan) -> None:
    """`tell` spares the decoding of `hear`, nothing else."""
    message = StreamMessage(None, TOPIC, 1, False, b'{"trigger": "pressed"}')

    heard = world_of(loaded).hear(message, START + SECOND)
    told_ = world_of(loaded).tell("larch-12", "pendant", PRESSED, START + SECOND)

    assert heard == told_
    assert told(heard) == [("alert.opened", None), ("notification.queued", "ben")]


def test_time_never_falls(loaded: LoadedPlan) -> None:
    """What is told for an earlier instant happens now."""
    world = world_of(loaded)
    world.advance(START + HOUR)

    lines = world.tell("larch-12", "pendant", PRESSED, START)

    assert lines[0].at == "2026-03-02T11:00:00.000000Z"
    assert world.now == START + HOUR


def test_nothing_happens_while_the_daemon_is_stopped(loaded: LoadedPlan) -> None:
    """Not even a command; replies and messages wait, and come in the instant of the start."""
    world = world_of(loaded, {"ben": Behaviour(reply="{code}", after=30 * SECOND)})
    first = world.tell("larch-12", "pendant", PRESSED, START)
    assert told(first) == [("alert.opened", None), ("notification.queued", "ben")]
    ack = Acknowledged(input=0, at=0, alert=1, by="Ann Lee")

    assert world.stop(START + 10 * SECOND)
    assert world.advance(START + HOUR) == []
    answer, lines = world.command("larch-12", ack, START + HOUR)
    assert (answer.done, answer.reason, lines) == (False, "the daemon is stopped", [])
    assert world.tell("larch-12", "pendant", PRESSED, START + HOUR) == []

    caught_up = world.start(START + 2 * HOUR)
    assert ("alert.acknowledged", "ben") in told(caught_up)
    assert world.states["larch-12"].alerts[1].repeats == 1
    assert world.start(START + 2 * HOUR) == []


def test_a_link_that_was_never_lost_can_be_restored(loaded: LoadedPlan) -> None:
    """It does no harm; what is lost twice comes back once."""
    world = world_of(loaded)
    world.restore_link(START + SECOND)
    world.lose_link(START + MINUTE)
    world.lose_link(START + 2 * MINUTE)

    assert told(world.tell("larch-12", "pendant", PRESSED, START + 3 * MINUTE)) == []
    assert told(world.restore_link(START + 4 * MINUTE))[0] == ("alert.opened", None)


def test_worlds_share_compiled_homes_and_nothing_else(loaded: LoadedPlan) -> None:
    """An alert in one is none in the other; another record is compiled anew."""
    compiled = CompiledHomes()
    one = SimWorld(loaded, [LARCH], {}, start=START, compiled=compiled)
    other = SimWorld(loaded, [LARCH], {}, start=START, compiled=compiled)
    one.tell("larch-12", "pendant", PRESSED, START)

    assert one.plans["larch-12"] is other.plans["larch-12"]
    assert (len(one.states["larch-12"].alerts), len(other.states["larch-12"].alerts)) == (1, 0)
    moved = HomeRecord(id="larch-12", scheme="northside", timezone="Europe/Paris")
    assert compiled(loaded.plan, "larch-12", moved) is not one.plans["larch-12"]

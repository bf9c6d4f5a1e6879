"""What a reading costs that no rule cares about, as a ratio to decoding its message.

In a home with forty rules of every kind in force. Both sides are measured in turn in one process,
so that whatever else the machine does slows both.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from telecared.config.deployment import default_deployment
from telecared.config.load import load_plan
from telecared.core.compile import HomePlan
from telecared.core.directory import Directory
from telecared.core.events import HomeRegistered, MessageHeard
from telecared.core.plan import Device, HomeRecord
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.step import fold, step
from telecared.core.vocabulary import SECOND, DeviceKind
from telecared.shard import directory_of

pytestmark = pytest.mark.bench

RULES = 40
AT = 1_700_000_000_000_000
ROUNDS, CALLS = 400, 200
RATIO_LIMIT = 1.0
"""The promise: such a reading costs no more than decoding it does. Of many short rounds the best
counts: one that nothing else on the machine interrupted."""

KINDS = (
    DeviceKind.ACTIVITY_DETECTOR,
    DeviceKind.DOOR_SENSOR,
    DeviceKind.BED_MONITOR,
    DeviceKind.PERSONAL_TRIGGER,
    DeviceKind.ALARM_UNIT,
    DeviceKind.SMOKE_DETECTOR,
    DeviceKind.TEMPERATURE_SENSOR,
    DeviceKind.ACTIVITY_DETECTOR,
    DeviceKind.MEDICATION_DISPENSER,
)
PAYLOADS = {
    "native": b'{"humidity": 61.5, "seq": 12}',
    "zigbee2mqtt": b'{"humidity":61.5,"last_seen":"2023-11-14T22:13:20Z","linkquality":131,'
    b'"voltage":2900}',
}


def _rule(number: int) -> str:
    """One of seven kinds of rule, none of which reads a humidity."""
    still = f"{{inactive_for: {number + 1}h, of: [motion]}}"
    kinds = (
        f'{{property: contact, is: open, for: {number + 2}m, between: "22:00-06:00"}}',
        f'{{inactive_for: {number % 12 + 2}h, of: [motion, contact], between: "07:00-22:00"}}',
        f"{{count: {{property: motion, apart: 10m}}, at_least: {number + 3}, within: 12h}}",
        f"{{silent: activity_detector, for: {number + 20}h}}",
        f"{{property: temperature, below: {number - 20}, for: 2h}}",
        f'{{none_of: {{property: motion}}, from: "05:00", by: "11:{number + 10}"}}',
        f"{{all: [{{property: occupancy, is: vacant}}, {still}]}}",
    )
    return f"  bench-{number}:\n    when: {kinds[number % len(kinds)]}\n"


def home_of(folder: Path, profile: str) -> tuple[HomePlan, Directory]:
    """A home of nine devices under forty rules."""
    file = folder / "forty.yaml"
    file.write_text("rules:\n" + "".join(map(_rule, range(RULES))), encoding="utf-8")
    loaded = load_plan(default_deployment(folder).model_copy(update={"rules": (file,)}))
    record = HomeRecord(
        id="h1",
        scheme="bench",
        timezone="Europe/London",
        devices=tuple(
            Device(id=f"d{number}", kind=kind, profile=profile, topic=f"bench/h1/d{number}")
            for number, kind in enumerate(KINDS)
        ),
    )
    home = HomePlan(loaded.plan, "h1", record)
    assert len(home.rules) == RULES
    return home, directory_of(loaded.profiles)([record])


def best_us(*works: Callable[[], object], rounds: int = ROUNDS, calls: int = CALLS) -> list[float]:
    """The best of many short rounds of each, taken in turn, in microseconds a call."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            began = time.perf_counter()
            for _ in range(calls):
                work()
            best[number] = min(best[number], time.perf_counter() - began)
    return [one / calls * 1e6 for one in best]


@pytest.mark.parametrize("profile", PAYLOADS)
def test_a_reading_that_no_rule_cares_about_costs_no_more_than_its_decoding(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty rules in force: decode it, take it in; and take it in the full way, for comparison."""
    home, directory = home_of(tmp_path, profile)
    topic, payload = "bench/h1/d0", PAYLOADS[profile]
    decoded = directory.resolve(topic, payload).decoded
    assert [(one.property, one.value) for one in decoded.readings] == [("humidity", 61.5)]
    state = step(HomeState(home="h1"), HomeRegistered(input=1, at=AT), home, ALWAYS_ON).state
    for number in range(len(KINDS)):
        event = MessageHeard(
            input=2, at=AT + SECOND, device=f"d{number}", readings=decoded.readings, seq=1, qos=1
        )
        state = step(state, event, home, ALWAYS_ON).state

    heard = MessageHeard(
        input=3, at=AT + 2 * SECOND, device="d0", readings=decoded.readings, seq=2, qos=1
    )
    decoding, stepping, whole = best_us(
        lambda: directory.resolve(topic, payload),
        lambda: step(state, heard, home, ALWAYS_ON),
        lambda: fold(state, heard, home, ALWAYS_ON),
    )
    ratio = stepping / decoding
    with capsys.disabled():
        print(
            f"\n  {profile}, {RULES} rules: decode {decoding:.2f} us, step {stepping:.2f} us,"
            f" ratio {ratio:.2f}; the full way {whole:.2f} us, ratio {whole / decoding:.2f}"
        )
    assert ratio <= RATIO_LIMIT

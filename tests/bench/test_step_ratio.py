"""What a reading costs that no rule cares about, as a ratio to decoding its message."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from telecared.config.deployment import default_deployment
from telecared.config.load import load_plan
from telecared.core.compile import HomePlan
from telecared.core.events import HomeRegistered, MessageHeard
from telecared.core.plan import Device, HomeRecord
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.step import step
from telecared.core.vocabulary import DeviceKind
from telecared.shard import directory_of

pytestmark = pytest.mark.bench

DEVICES = 9
TOPIC = "telecare/bench/h1"
PAYLOAD = b'{"temperature": 21.5, "seq": 12}'
AT = 1_700_000_000_000_000
ROUNDS, CALLS = 5, 10_000


def _best_us(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            work()
        best = min(best, time.perf_counter() - began)
    return best / CALLS * 1e6


def test_a_reading_that_no_rule_cares_about_beside_its_decoding(tmp_path: Path) -> None:
    """Print both and their ratio, with every shipped rule in force."""
    loaded = load_plan(default_deployment(tmp_path))
    record = HomeRecord(
        id="h1",
        scheme="bench",
        timezone="Europe/London",
        devices=tuple(
            Device(
                id=f"d{number}",
                kind=DeviceKind.ACTIVITY_DETECTOR,
                profile="native",
                topic=f"{TOPIC}/d{number}",
            )
            for number in range(DEVICES)
        ),
    )
    home = HomePlan(loaded.plan, "h1", record)
    directory = directory_of(loaded.profiles)([record])
    readings = directory.resolve(f"{TOPIC}/d0", PAYLOAD).decoded.readings
    assert [(one.property, one.value) for one in readings] == [("temperature", 21.5)]
    state = step(HomeState(home="h1"), HomeRegistered(input=1, at=AT), home, ALWAYS_ON).state
    for number in range(DEVICES):
        heard = MessageHeard(input=2, at=AT + 1, device=f"d{number}", readings=readings, seq=1)
        state = step(state, heard, home, ALWAYS_ON).state

    decoding = _best_us(lambda: directory.resolve(f"{TOPIC}/d0", PAYLOAD))
    heard = MessageHeard(input=3, at=AT + 2, device="d0", readings=readings, seq=2)
    stepping = _best_us(lambda: step(state, heard, home, ALWAYS_ON))

    ratio = stepping / decoding
    print(f"\n  decode {decoding:.1f} us, step {stepping:.1f} us, ratio {ratio:.2f}")

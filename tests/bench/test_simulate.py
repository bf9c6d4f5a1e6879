"""Simulated homes by the ten thousand: into a file, and to a broker next to a bare publisher.

Ratios of one run count; absolute numbers are this machine's.
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind, Value
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from telecared.sim.furnishing import shipped_furnisher
from tests.conftest import REPOSITORY

START = "2026-03-02T06:30:00Z"
LEAST_A_SECOND = 20_000
LEAST_RATIO = 0.8
MOST_MICROSECONDS = 12.0
PUBLISHED = 40_000
WINDOW = 200
ROUNDS = 3

pytestmark = pytest.mark.bench

RUN = "import sys; from telecared.cli.main import main; sys.exit(main())"


def _simulate(*arguments: object) -> tuple[int, float]:
    """Run the command in a process of its own; return messages and seconds."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", RUN, "simulate", *map(str, arguments), "--json"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
    )
    took = time.perf_counter() - began
    return int(
        msgspec.json.decode(ended.stdout, type=dict[str, float | None])["messages"] or 0
    ), took


@pytest.mark.parametrize("profiles", ["native", "mixed"])
def test_ten_thousand_homes_are_written_faster_than_twenty_thousand_messages_a_second(
    tmp_path: Path, profiles: str
) -> None:
    """A whole day of ten thousand native homes, and one of five hundred with makers' sensors."""
    homes = 10_000 if profiles == "native" else 500
    out = tmp_path / "day.jsonl"
    count, took = _simulate(
        "--homes", homes, "--start", START, "--out", out, "--profiles", profiles
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"\n{profiles}: {homes} homes, {count} messages in {took:.1f} s,"
        f" {count / took:,.0f} a second, at most {peak:.0f} MB"
    )
    assert count / took >= LEAST_A_SECOND
    assert peak < 600


def test_a_message_is_encoded_within_twelve_microseconds() -> None:
    """With time and counter, in the native profile and in zigbee2mqtt's."""
    furnisher = shipped_furnisher("zigbee2mqtt")
    for profile, topic in (("native", "telecare/n/h/d"), ("zigbee2mqtt", "n/h/zigbee2mqtt/d")):
        binding = DeviceBinding("h", "d", DeviceKind.DOOR_SENSOR, profile, topic)
        encoder = furnisher.encoder(binding)
        readings: dict[str, Value] = {"contact": "open", "battery": 81.0}
        encoder.encode(readings, at=1_772_348_649_000_000, seq=1)
        rounds = []
        for _ in range(5):
            began = time.process_time()
            for number in range(10_000):
                encoder.encode(readings, at=1_772_348_649_000_000, seq=number)
            rounds.append((time.process_time() - began) * 100)
        print(f"\n{profile}: {min(rounds):.1f} microseconds a message")
        assert min(rounds) <= MOST_MICROSECONDS


def _null(port: int) -> float:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench.null_publisher", *map(str, (port, PUBLISHED, WINDOW))],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
    )
    return PUBLISHED / float(ended.stdout)


def _ours(port: int) -> float:
    """Publish so fast that the clock never waits; only the time of publishing counts."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench.flood", *map(str, (port, PUBLISHED))],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
    )
    return PUBLISHED / float(ended.stdout)


def test_publishing_reaches_most_of_what_a_bare_publisher_does(tmp_path: Path) -> None:
    """Lives drawn, encoded and published, next to a loop that publishes one constant."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    bare, ours = [], []
    with MosquittoBroker(tmp_path, persistence=False) as broker:
        for _ in range(ROUNDS):
            bare.append(_null(broker.port))
            ours.append(_ours(broker.port))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(
        f"\nbare paho {statistics.median(bare):,.0f} a second, simulated homes"
        f" {statistics.median(ours):,.0f}, ratio {ratio:.2f}"
    )
    assert ratio >= LEAST_RATIO

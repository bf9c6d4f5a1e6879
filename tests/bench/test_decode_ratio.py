"""What decoding costs, as a ratio to Python's own `json.loads` of the same payload."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from telecared.config.profiles import load_profiles
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT.parent / "shared" / "data" / "devices" / "zigbee2mqtt.jsonl"
PAYLOAD = (
    b'{"battery":87,"battery_low":false,"illuminance":23,"last_seen":"2026-03-01T07:04:09.120Z",'
    b'"linkquality":131,"occupancy":true,"tamper":false,"temperature":19.4,'
    b'"update":{"installed_version":16777241,"latest_version":16777241,"state":"idle"},'
    b'"voltage":2900}'
)
RATIO_LIMIT = 1.0
"""The promise: decoding costs no more than `json.loads`. Of many short rounds, taken in turn, the
best of each counts: one that nothing else on the machine interrupted."""

RESTLESS_LIMIT = 1.5
"""For a device that never tells the same twice, of which no promise speaks."""

Message = tuple[str, bytes]


def directory_of(topics: Sequence[str], kind: DeviceKind) -> Directory:
    """A directory of one device for each topic."""
    profiles = {n: each.compiled for n, each in load_profiles([ROOT / "devices"]).items()}
    return Directory(
        [
            DeviceBinding(f"h{number}", "d", kind, "zigbee2mqtt", topic)
            for number, topic in enumerate(dict.fromkeys(topics))
        ],
        profiles,
    )


def best_s(work: Callable[[], object], other: Callable[[], object], rounds: int) -> list[float]:
    """The best of many short rounds of each, taken in turn, in seconds."""
    best = [float("inf")] * 2
    for _ in range(rounds):
        for number, one in enumerate((work, other)):
            began = time.perf_counter()
            one()
            best[number] = min(best[number], time.perf_counter() - began)
    return best


def ratio_of(directory: Directory, messages: Sequence[Message], rounds: int) -> tuple[float, str]:
    """Decode the messages, then only parse them, again and again."""
    resolve = directory.resolve

    def ours() -> None:
        for topic, payload in messages:
            resolve(topic, payload)

    def plain() -> None:
        for _, payload in messages:
            json.loads(payload)

    decoding, parsing = best_s(ours, plain, rounds)
    count = len(messages) / 1e6
    said = f"decode {decoding / count:.2f} us, json.loads {parsing / count:.2f} us"
    return decoding / parsing, f"\n  {said}, ratio {decoding / parsing:.2f}"


def test_decoding_costs_no_more_than_parsing(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten thousand devices registered; resolving and decoding against parsing alone."""
    topics = [f"s/h{n}/zigbee2mqtt/pir" for n in range(10_000)]
    directory = directory_of(topics, DeviceKind.ACTIVITY_DETECTOR)
    found = directory.resolve(topics[5000], PAYLOAD)
    assert found.binding is not None
    assert len(found.decoded.readings) >= 5
    ratio, said = ratio_of(directory, [(topics[5000], PAYLOAD)] * 50, 2_000)
    with capsys.disabled():
        print(f"{said} (one message)")
    assert ratio <= RATIO_LIMIT


def test_decoding_what_real_devices_say_costs_no_more_than_parsing_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every real message of every model, each of a registered device."""
    if not MESSAGES.is_file():
        pytest.skip("the real messages are not here (../shared/data/devices)")
    with MESSAGES.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    messages = [
        (row["topic"], json.dumps(row["payload"], separators=(",", ":")).encode()) for row in rows
    ]
    directory = directory_of([topic for topic, _ in messages], DeviceKind.OTHER)
    ratio, said = ratio_of(directory, messages, 100)
    with capsys.disabled():
        print(f"{said} ({len(messages)} real messages)")
    assert ratio <= RATIO_LIMIT


def test_a_device_that_never_tells_the_same_twice_costs_little_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another temperature, brightness and second in each message."""
    messages = [
        (
            "s/h/zigbee2mqtt/pir",
            PAYLOAD.replace(b"19.4", b"%d.%d" % (n % 31, n % 10))
            .replace(b":23", b":%d" % (n % 997))
            .replace(b"09.120", b"%02d.%03d" % (n % 60, n % 1_000)),
        )
        for n in range(5_000)
    ]
    directory = directory_of([messages[0][0]], DeviceKind.ACTIVITY_DETECTOR)
    ratio, said = ratio_of(directory, messages, 20)
    with capsys.disabled():
        print(f"{said} (never the same)")
    assert ratio <= RESTLESS_LIMIT

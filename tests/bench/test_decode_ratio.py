"""What decoding costs, as a ratio to Python's own `json.loads` of the same payload."""

import json
import sys
import timeit
from pathlib import Path

import pytest

from telecared.config.profiles import load_profiles
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind

DEVICES = Path(__file__).parents[2] / "devices"
PAYLOAD = (
    b'{"battery":87,"battery_low":false,"illuminance":23,"last_seen":"2026-03-01T07:04:09.120Z",'
    b'"linkquality":131,"occupancy":true,"tamper":false,"temperature":19.4,'
    b'"update":{"installed_version":16777241,"latest_version":16777241,"state":"idle"},'
    b'"voltage":2900}'
)
RATIO_LIMIT = 4.0
"""Generous, since a busy machine must not fail it; the measured ratio is printed."""


@pytest.mark.bench
def test_decoding_costs_little_more_than_parsing(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten thousand devices registered; resolving and decoding against parsing alone."""
    profiles = {name: each.compiled for name, each in load_profiles([DEVICES]).items()}
    bindings = [
        DeviceBinding(
            f"h{n}", "pir", DeviceKind.ACTIVITY_DETECTOR, "zigbee2mqtt", f"s/h{n}/zigbee2mqtt/pir"
        )
        for n in range(10_000)
    ]
    directory = Directory(bindings, profiles)
    topic = bindings[5000].topic
    assert directory.resolve(topic, PAYLOAD).binding == bindings[5000]
    runs = 5000
    ours = min(timeit.repeat(lambda: directory.resolve(topic, PAYLOAD), number=runs, repeat=5))
    plain = min(timeit.repeat(lambda: json.loads(PAYLOAD), number=runs, repeat=5))
    with capsys.disabled():
        sys.stdout.write(
            f"\n  decode {ours / runs * 1e6:.1f} us, json.loads {plain / runs * 1e6:.1f} us, "
            f"ratio {ours / plain:.2f}\n"
        )
    assert ours / plain < RATIO_LIMIT

"""Real zigbee2mqtt messages against the Zigbee frame behind each: what the decoder makes of them.

The frame is the truth, the payload is not. The messages belong to others and are not part of the
project: the tests skip where they are absent.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.config.profiles import load_profiles
from telecared.core.decode import decode
from telecared.core.vocabulary import Value

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT.parent / "shared" / "data" / "devices" / "zigbee2mqtt.jsonl"

ALARMING = {
    "contact": "open",
    "motion": "detected",
    "presence": "present",
    "water": "wet",
    "smoke": "alarm",
    "heat": "alarm",
    "co": "alarm",
    "gas": "alarm",
    "vibration": "detected",
    "fall": "detected",
    "trigger": "pressed",
}
"""What each property says when the zone of the frame is in alarm."""

SWITCH_IS_THE_CONTACT = {"MCCGQ01LM", "DWZTCGQ11LM", "DIYRuZ_magnet"}
"""Door sensors that report over the on/off cluster; which of the two is open is the maker's."""

FLOORS = {
    "agrees": 819,
    "no care meaning": 36,
    "no such zone bit": 187,
    "tamper not published": 40,
    "battery low not published": 21,
    "battery in other units": 6,
}
"""How many of the 1,109 messages fall under each verdict: a floor for agreement, else a ceiling.

`no such zone bit`: the model's converter looks at the other alarm bit of the zone only (or, for
remotes, at none), so that the payload is silent on this one. `battery in other units`: the model
reports whole per cents where Zigbee counts halves, and the payload says 100.
"""


def _messages() -> Iterator[tuple[str, str, dict[str, Value], bool]]:
    """Yield model, frame, decoded readings and whether the decoder complained."""
    profile = load_profiles([ROOT / "devices" / "zigbee2mqtt.yaml"])["zigbee2mqtt"].compiled
    for line in MESSAGES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        payload = json.dumps(row["payload"]).encode()
        decoded = decode(profile, row["topic"], payload)
        readings = {reading.property: reading.value for reading in decoded.readings}
        yield row["model"], row["frame"], readings, decoded.error is not None


def _in_alarm(readings: dict[str, Value]) -> bool:
    return any(readings.get(name) == word for name, word in ALARMING.items())


def _verdict(model: str, frame: str, readings: dict[str, Value]) -> str:
    """Compare readings with what the frame holds."""
    if frame.startswith("battery 50%"):
        return "agrees" if readings == {"battery": 50.0} else "battery in other units"
    if frame.startswith("onOff="):
        told = "contact" in readings
        if model in SWITCH_IS_THE_CONTACT:
            return "agrees" if told else "lost"
        return "invented" if readings else "no care meaning"
    if frame.startswith("ACE "):
        return "agrees" if readings.get("trigger") == "pressed" else "lost"
    if frame.startswith("occupancy="):
        wanted = "detected" if frame.startswith("occupancy=1") else "clear"
        return "agrees" if readings.get("motion") == wanted else "lost"
    return _zone_verdict(frame, readings)


def _zone_verdict(frame: str, readings: dict[str, Value]) -> str:
    """Compare readings with the bits of an IAS zone's status."""
    tamper, low, alarm = "tamper" in frame, "battery low" in frame, "alarm" in frame
    if not alarm and _in_alarm(readings):
        return "invented"
    if (readings.get("tamper") == "open" and not tamper) or (
        readings.get("battery") == "low" and not low
    ):
        return "invented"
    if alarm and not _in_alarm(readings):
        return "no such zone bit"
    if tamper and readings.get("tamper") != "open":
        return "tamper not published"
    if low and readings.get("battery") != "low":
        return "battery low not published"
    return "agrees"


@pytest.fixture(scope="module")
def verdicts() -> Counter[str]:
    """Every message's verdict, counted."""
    if not MESSAGES.is_file():
        pytest.skip("the real messages are not here (../shared/data/devices)")
    return Counter(_verdict(model, frame, told) for model, frame, told, _ in _messages())


def test_real_messages_decode_to_what_their_frames_say(
    verdicts: Counter[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The counts that we reached are a floor for agreement, and every other one has a reason."""
    with capsys.disabled():
        table = "".join(f"\n  {count:5} {verdict}" for verdict, count in verdicts.most_common())
        sys.stdout.write(table + "\n")
    assert verdicts["agrees"] >= FLOORS["agrees"]
    assert all(count <= FLOORS[name] for name, count in verdicts.items() if name != "agrees")


def test_no_alarm_is_read_that_the_frame_does_not_hold(verdicts: Counter[str]) -> None:
    """A reading of danger, of tamper or of a low battery always stands in the frame."""
    assert verdicts["invented"] == 0
    assert verdicts["lost"] == 0


def test_no_real_message_is_an_error(verdicts: Counter[str]) -> None:
    """Whatever 223 models publish is known to the profile, or ignored on purpose."""
    assert verdicts.total() == 1109
    assert not any(complaint for *_, complaint in _messages())

"""Real zigbee2mqtt messages against the Zigbee frame behind each: what the profile makes of them.

The frame is the truth, the payload is not (`zigbee_support` says what a frame holds). Where the
two part stands, with a reason, in zigbee2mqtt_exceptions.yaml. The messages belong to others and
are not part of the project: the tests skip where they are absent.
"""

import json
from typing import NamedTuple

import pytest

from telecared.config.profiles import load_profiles
from telecared.core.decode import decode
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind
from tests.config.zigbee_support import (
    DEFINITIONS,
    MESSAGES,
    ROOT,
    Excuse,
    Wanted,
    exceptions,
    held_by,
    rows,
)


class Case(NamedTuple):
    """One real message: what its frame holds, what was read, and whether that was a complaint."""

    model: str
    frame: str
    held: Wanted
    read: Wanted
    complaint: str | None


def _instead(case: Case, entries: list[Excuse]) -> tuple[Wanted, list[Excuse]]:
    """Return what must be read once exceptions are made, and those that changed anything."""
    wanted, needed = dict(case.held), []
    for entry in entries:
        if not entry.fits(case.model, case.frame):
            continue
        before = dict(wanted)
        for name, value in entry.instead.items():
            if value is None:
                wanted.pop(name, None)
            else:
                wanted[name] = value
        if wanted != before:
            needed.append(entry)
    return wanted, needed


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Every real message, decoded as a registered device of its model would be."""
    if not MESSAGES.is_file():
        pytest.skip("the real messages are not here (../shared/data/devices)")
    profile = load_profiles([ROOT / "devices" / "zigbee2mqtt.yaml"])["zigbee2mqtt"].compiled
    models = {each["model"]: each for each in rows(DEFINITIONS)}
    found = []
    for row in rows(MESSAGES):
        model, topic = row["model"], row["topic"]
        binding = DeviceBinding(
            "larch-12", "device", DeviceKind.OTHER, "zigbee2mqtt", topic, model=model
        )
        decoded = decode(profile, topic, json.dumps(row["payload"]).encode(), binding)
        read = {each.property: each.value for each in decoded.readings}
        held = held_by(row["frame"], models[model]["exposes"], models[model]["kinds"])
        found.append(Case(model, row["frame"], held, read, decoded.error))  # type: ignore[arg-type]
    return found


def test_every_frame_decodes_to_what_it_holds_and_to_nothing_else(cases: list[Case]) -> None:
    """All 1,109 frames: each property and value, numbers too, or a listed exception."""
    entries = exceptions()
    wrong = [
        f"{case.model}, {case.frame}: must be {wanted}, is {case.read}"
        for case in cases
        for wanted, _ in [_instead(case, entries)]
        if wanted != case.read
    ]
    assert len(cases) == 1109
    assert not wrong, "\n".join(wrong)


def test_every_exception_is_still_needed_by_each_of_its_models(cases: list[Case]) -> None:
    """An exception that no frame needs any more has to go, so that the list stays honest."""
    entries = exceptions()
    used = {
        (entries.index(entry), case.model) for case in cases for entry in _instead(case, entries)[1]
    }
    idle = [
        f"{entry.frame}, {entry.instead}: {model}"
        for place, entry in enumerate(entries)
        for model in entry.models
        if (place, model) not in used
    ]
    assert not idle, "\n".join(idle)
    assert all(entry.reason.endswith(".") for entry in entries)


def test_no_real_message_is_an_error(cases: list[Case]) -> None:
    """Whatever 223 models publish is known to the profile, or ignored on purpose."""
    assert [case.model for case in cases if case.complaint is not None] == []
    assert len({case.model for case in cases}) == 223

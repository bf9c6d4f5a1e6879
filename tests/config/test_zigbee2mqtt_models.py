"""All 606 models of zigbee2mqtt that can tell something of care: what each value decodes to.

zigbee2mqtt_properties.yaml says for every property name whether it has a care meaning, and what
each value means by the model's own declaration. The definitions belong to others and are not part
of the project: the tests skip where they are absent.
"""

import functools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from ruamel.yaml import YAML

from telecared.config.profiles import load_profiles
from telecared.core.decode import CompiledProfile, decode
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind
from tests.config.zigbee_support import DEFINITIONS, ROOT, rows

Told = dict[str, str | float]

PROPERTIES_FILE = ROOT / "tests" / "config" / "zigbee2mqtt_properties.yaml"
NUMBERS = (0, 1, 7.5, 50, 100)
"""What is sent for a number; 0 and 1 because they must not pass for a switch."""


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one property's values must decode to, as the file says."""

    on: Told | None = None
    off: Told | None = None
    values: dict[str, Told] = {}
    samples: dict[str, Told] = {}
    number: str | None = None
    nothing: str | None = None
    models: list[str] = []
    type: str | None = None
    kind: DeviceKind | None = None

    def fits(self, model: str, declared: str) -> bool:
        """Whether this entry speaks of that model's property of that type."""
        return (not self.models or model in self.models) and self.type in (None, declared)


class Case(NamedTuple):
    """One value of one property of one model, and what must come of it."""

    model: str
    name: str
    value: object
    kind: DeviceKind
    wanted: Told


@functools.cache
def _meanings() -> tuple[dict[str, list[Meaning]], dict[str, list[str]]]:
    """Return what the file says: property -> meanings, and group -> names without one."""
    data = YAML(typ="safe").load(PROPERTIES_FILE.read_text(encoding="utf-8"))
    read = msgspec.convert(data["read"], dict[str, list[Meaning]])
    return read, {group: each["names"] for group, each in data["no_care_meaning"].items()}


@functools.cache
def _models() -> tuple[dict[str, Any], ...]:  # JSON of others, of any shape
    if not DEFINITIONS.is_file():
        pytest.skip("the models' definitions are not here (../shared/data/devices)")
    return tuple(rows(DEFINITIONS))


@pytest.fixture(scope="module")
def profile() -> CompiledProfile:
    """The zigbee2mqtt profile that ships."""
    return load_profiles([ROOT / "devices" / "zigbee2mqtt.yaml"])["zigbee2mqtt"].compiled


def _values(exposed: dict[str, Any], meaning: Meaning) -> Iterator[tuple[object, Told]]:
    """Yield each value that a property may have and what it must decode to."""
    if exposed["type"] == "binary":
        yield exposed["value_on"], meaning.on or {}
        yield exposed["value_off"], meaning.off or {}
    elif exposed["type"] == "enum":
        for value in exposed["values"]:
            yield value, meaning.values.get(str(value), {})
    elif exposed["type"] == "numeric" and meaning.samples:
        yield from ((int(sample), told) for sample, told in meaning.samples.items())
    elif exposed["type"] == "numeric":
        for number in NUMBERS:
            yield number, {meaning.number: float(number)} if meaning.number else {}
    else:
        yield "some text", {}


def _that_count(fitting: list[Meaning]) -> list[Meaning]:
    """Return the first meaning for a device of no kind, and those for certain kinds beside it.

    What is said of single models, and that something is nothing, holds for every kind.
    """
    first = next((each for each in fitting if each.kind is None), Meaning())
    if first.nothing is not None or first.models:
        return [first]
    return [first, *(each for each in fitting if each.kind is not None)]


def _told(profile: CompiledProfile, case: Case) -> Told | str:
    """Return what the case's message decodes to, or the complaint."""
    binding = DeviceBinding(
        "home", "device", case.kind, "zigbee2mqtt", "zigbee2mqtt/device", model=case.model
    )
    decoded = decode(
        profile, "zigbee2mqtt/device", json.dumps({case.name: case.value}).encode(), binding
    )
    if decoded.error is not None:
        return decoded.error
    return {each.property: each.value for each in decoded.readings}  # type: ignore[misc]


def _wrong(profile: CompiledProfile, cases: Iterator[Case]) -> list[str]:
    known: dict[tuple[object, ...], Told | str] = {}
    own = {name.casefold() for name in profile.profile.models}
    wrong = []
    for case in cases:
        model = case.model if case.model.casefold() in own else ""
        key = (model, case.name, repr(case.value), case.kind)
        if key not in known:
            known[key] = _told(profile, case)
        if known[key] != case.wanted:
            wrong.append(
                f"{case.model} as {case.kind}: {case.name}={case.value!r} must be {case.wanted}, "
                f"is {known[key]}"
            )
    return wrong


def test_every_property_name_is_either_read_or_has_a_reason_not_to_be() -> None:
    """All names that 606 models expose are divided into the two lists, each name once."""
    read, groups = _meanings()
    listed = [*read, *(name for names in groups.values() for name in names)]
    exposed = {each["property"] for model in _models() for each in model["exposes"]}
    assert len(_models()) == 606
    assert sorted(set(listed)) == sorted(listed)
    assert sorted(exposed - set(listed)) == []
    assert sorted(set(listed) - exposed) == []


def test_every_value_with_a_care_meaning_decodes_to_the_right_word(
    profile: CompiledProfile,
) -> None:
    """value_on and value_off, each word of an enumeration and numbers, of every model."""
    read, _ = _meanings()
    cases = []
    for model in _models():
        for exposed in model["exposes"]:
            fitting = [
                each
                for each in read.get(exposed["property"], [])
                if each.fits(model["model"], exposed["type"])
            ]
            assert fitting or exposed["property"] not in read, (model["model"], exposed)
            for meaning in _that_count(fitting):
                kind = meaning.kind or DeviceKind.OTHER
                for value, wanted in _values(exposed, meaning):
                    cases.append(Case(model["model"], exposed["property"], value, kind, wanted))
    wrong = _wrong(profile, iter(cases))
    assert len(cases) > 3000
    assert not wrong, "\n".join(wrong)


def test_no_value_without_a_care_meaning_is_read(profile: CompiledProfile) -> None:
    """Settings, meters and a device's own affairs raise nothing, whatever their value."""
    _, groups = _meanings()
    silent = {name for names in groups.values() for name in names}
    cases = (
        Case(model["model"], exposed["property"], value, DeviceKind.OTHER, {})
        for model in _models()
        for exposed in model["exposes"]
        if exposed["property"] in silent
        for value, _ in _values(exposed, Meaning())
    )
    wrong = _wrong(profile, cases)
    assert not wrong, "\n".join(wrong)


def test_null_and_empty_text_are_nothing_for_every_property(profile: CompiledProfile) -> None:
    """After a restart the bridge publishes null for what it has not heard yet."""
    read, _ = _meanings()
    cases = (
        Case("", name, value, kind, {})
        for name in read
        for value in (None, "")
        for kind in (DeviceKind.OTHER, DeviceKind.BED_MONITOR, DeviceKind.PERSONAL_TRIGGER)
    )
    wrong = _wrong(profile, cases)
    assert not wrong, "\n".join(wrong)

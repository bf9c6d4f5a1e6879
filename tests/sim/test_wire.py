"""Encoding is decoding read backwards: what a profile can say is read back as it was meant."""

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.directory import Directory, Resolved
from telecared.core.profiles import DeviceBinding, FieldMap
from telecared.core.vocabulary import DAY, PROPERTIES, DeviceKind, Value
from telecared.sim.furnishing import Form, Furnisher, bound, forms_of
from telecared.sim.wire import EncodeError, Encoder, WireMessage, encode
from tests.sim.shipping import shipped_profiles as profiles

WHEN = 1_772_348_649_000_000
CALM = frozenset(
    {"clear", "closed", "online", "ok", "dry", "vacant", "absent", "off", "seen", "weak"}
)
"""What a message may tell beside what was meant: nobody acts on these."""


@lru_cache(maxsize=1)
def furnisher() -> Furnisher:
    """Knows how each profile's devices are registered."""
    return Furnisher(profiles(), "mixed")


def device(profile: str, kind: DeviceKind) -> tuple[DeviceBinding, Encoder] | None:
    """A device of that kind as a home would have it, if the profile has such a kind."""
    form = furnisher().form(profile, kind)
    if form is None:
        return None
    binding = bound(form, profile, "northside", "larch-12", "it", kind, 0x5F2A)
    return binding, furnisher().encoder(binding)


@lru_cache(maxsize=64)
def directory_of(binding: DeviceBinding) -> Directory:
    """What the daemon knows of one device."""
    return Directory([binding], {binding.profile: profiles()[binding.profile]})


def heard(binding: DeviceBinding, message: WireMessage) -> Resolved:
    """What the daemon makes of a message."""
    return directory_of(binding).resolve(message.topic, message.payload)


def values_of(name: str) -> list[Value]:
    """Every word of a property, a number if it has numbers, a place if it is one."""
    spec = PROPERTIES[name]
    found: list[Value] = [*sorted(spec.values)]
    if spec.numeric:
        found.append(21.0)
    if name == "location":
        found.append((53.79, -1.54))
    return found


def fields_for(profile: str, kind: DeviceKind) -> set[str]:
    """The properties that a profile's fields tell for a kind."""
    fields: list[FieldMap] = []
    for shape in profiles()[profile].profile.messages:
        fields += [*shape.fields, *shape.text]
        fields += [field for section in shape.sections for field in section.fields]
    return {
        field.property
        for field in fields
        if not field.history
        and (not field.kinds or kind in field.kinds)
        and kind not in field.except_kinds
    }


def some_device_says(profile: str, kind: DeviceKind, name: str) -> bool:
    """Whether a device that is registered in some way can tell a property at all.

    What a receiver tells of itself, such as its link, is said by the device without an address.
    """
    forms = list(forms_of(profiles()[profile], kind))
    alone = Form(pattern=forms[0].pattern)
    for form in (*forms, alone):
        binding = bound(form, profile, "northside", "larch-12", "it", kind, 0x5F2A)
        encoder = furnisher().encoder(binding)
        if any(encoder.can_say(name, value) for value in values_of(name)):
            return True
    return False


@pytest.mark.parametrize("profile", sorted(profiles()))
def test_what_a_profile_can_say_is_read_back_as_it_was_meant(profile: str) -> None:
    """For every kind, property and word; what comes along with it is nothing to act on."""
    said = 0
    for kind in DeviceKind:
        found = device(profile, kind)
        if found is None:
            continue
        binding, encoder = found
        told: set[str] = set()
        for name in PROPERTIES:
            for value in values_of(name):
                if not encoder.can_say(name, value):
                    continue
                (message,) = encoder.encode({name: value}, at=WHEN, seq=4, act=3)
                resolved = heard(binding, message)
                back = {each.property: each.value for each in resolved.decoded.readings}
                assert resolved.decoded.error is None
                assert resolved.binding == binding
                assert back.pop(name) == value, (kind, name, value, message.payload)
                assert CALM.issuperset(back.values()), (kind, name, value, message.payload)
                told.add(name)
                said += 1
        untold = fields_for(profile, kind) - told
        assert not [name for name in untold if not some_device_says(profile, kind, name)], kind
    assert said > 10


@settings(max_examples=40, deadline=None)
@given(number=st.floats(0, 99, allow_nan=False).map(lambda each: round(each, 2)))
def test_any_number_is_read_back_as_it_was_measured(number: float) -> None:
    """Whatever a maker scales it by, and in quotes or not."""
    for profile in profiles():
        found = device(profile, DeviceKind.TEMPERATURE_SENSOR)
        if found is None:
            continue
        binding, encoder = found
        for name in ("temperature", "humidity"):
            if not encoder.can_say(name, number):
                continue
            for as_text in {False, encoder.may_quote(name)}:
                (message,) = encoder.encode({name: number}, as_text=as_text)
                back = {
                    each.property: each.value for each in heard(binding, message).decoded.readings
                }
                assert back[name] == pytest.approx(number, abs=1e-6), profile


def test_a_device_tells_its_time_where_its_messages_have_one() -> None:
    """To the millisecond; a text has none, and nothing is lost by that."""
    told = set()
    for profile in profiles():
        found = device(profile, DeviceKind.DOOR_SENSOR)
        if found is None:
            continue
        binding, encoder = found
        (message,) = encoder.encode({"contact": "open"}, at=WHEN + DAY)
        for reading in heard(binding, message).decoded.readings:
            assert reading.at in (None, WHEN + DAY)
            if reading.at is not None:
                told.add(profile)
    assert {"native", "zigbee2mqtt"} <= told


def test_several_readings_share_a_message_where_one_can_hold_them() -> None:
    """A JSON object holds all but the link, which has a topic of its own that the broker keeps."""
    binding = DeviceBinding("h", "hub", DeviceKind.ALARM_UNIT, "native", "telecare/n/h/hub")
    messages = encode(
        profiles()["native"], binding, {"heartbeat": "seen", "link": "online", "mains": "ok"}, seq=8
    )
    assert messages == (
        WireMessage("telecare/n/h/hub", b'{"heartbeat":"seen","mains":"ok","seq":8}', False, True),
        WireMessage("telecare/n/h/hub/link", b"online", True),
    )


def test_what_a_profile_has_no_words_for_is_refused_in_a_sentence() -> None:
    """It names profile, kind and property, and what can be done."""
    binding = DeviceBinding("h", "d", DeviceKind.DOOR_SENSOR, "zigbee2mqtt", "n/h/zigbee2mqtt/d")
    with pytest.raises(EncodeError, match="zigbee2mqtt cannot say seizure detected for a door_sen"):
        encode(profiles()["zigbee2mqtt"], binding, {"seizure": "detected"})
    encoder = furnisher().encoder(binding)
    assert encoder.unsayable({"seizure": "detected", "contact": "open"}) == ("seizure",)
    with pytest.raises(EncodeError, match='no profile "smoke-signals"'):
        furnisher().encoder(DeviceBinding("h", "d", DeviceKind.OTHER, "smoke-signals", "n/h/smoke"))


def test_a_button_that_keeps_alive_says_nothing() -> None:
    """Its field is empty or null, and the decoder hears no press in it."""
    found = device("zigbee2mqtt", DeviceKind.PERSONAL_TRIGGER)
    assert found is not None
    binding, encoder = found
    for filler, payload in (("", b'"action":""'), ("null", b'"action":null')):
        message = encoder.blank("trigger", "pressed", filler)  # type: ignore[arg-type]
        assert message is not None
        assert payload in message.payload
        assert heard(binding, message).decoded.readings == ()

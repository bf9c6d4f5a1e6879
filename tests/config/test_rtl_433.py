"""rtl_433: copies of a frame, bare codes, two versions of a decoder, and what the street sends."""

import pytest

from telecared.core.decode import decode
from telecared.core.directory import Directory
from telecared.core.plan import Device
from telecared.core.vocabulary import MINUTE, SECOND, DeviceKind, Value
from tests.config.wire_support import Wire, binding, payload_of, profile

EVENTS = "northside/larch-12/rtl_433/events"


def _device(kind: DeviceKind, *codes: tuple[str, str, str], address: str | None = None) -> Device:
    return Device(
        id="device", kind=kind, profile="rtl_433", topic=EVENTS, address=address, codes=codes
    )


def _directory(*addresses: str, home: str = "larch-12") -> Directory:
    devices = [
        binding("rtl_433", DeviceKind.DOOR_SENSOR, EVENTS, address=each, home=home)
        for each in addresses
    ]
    return Directory(devices, {"rtl_433": profile("rtl_433")})


@pytest.mark.parametrize("copies", [1, 3, 8])
def test_copies_of_a_frame_are_one_alert_that_counts_presses(copies: int) -> None:
    """One to eight copies within three seconds are one press; a later press is counted."""
    wire = Wire(_device(DeviceKind.PERSONAL_TRIGGER, address="Visonic-Powercode/6f4770"))
    frame = {"model": "Visonic-Powercode", "id": "6f4770", "alarm": 1, "battery_ok": 1}
    for _ in range(copies):
        wire.sends(EVENTS, frame, after=SECOND // 3)
    assert wire.opened() == ["pressed"]
    assert wire.counts() == [0]
    for _ in range(copies):
        wire.sends(EVENTS, frame, after=SECOND // 3 if _ else 5 * SECOND)
    assert wire.opened() == ["pressed"]
    assert wire.counts() == [1]


def test_a_door_with_two_bare_codes_opens_and_closes() -> None:
    """EV1527 says a code and nothing else; the table of the device says what it stands for."""
    codes = (("0xa1b2ce", "contact", "open"), ("a1b2c7", "contact", "closed"))
    wire = Wire(_device(DeviceKind.DOOR_SENSOR, *codes))
    for code in ("0xA1B2CE", "0xA1B2CE", "0xA1B2CE"):
        wire.sends(EVENTS, {"model": "EV1527", "code": code}, after=SECOND // 2)
    assert wire.opened() == ["door"]
    assert wire.world.state.facts["device"]["contact"].value == "open"
    wire.sends(EVENTS, {"model": "EV1527", "code": "a1b2c7"}, after=MINUTE)
    assert wire.world.state.facts["device"]["contact"].value == "closed"


def test_a_code_that_is_in_no_table_is_nobodys() -> None:
    """It changes nothing of the door, and is told to nobody: the receiver hears the street."""
    door = binding("rtl_433", DeviceKind.DOOR_SENSOR, EVENTS)
    door = type(door)(
        home=door.home, device=door.device, kind=door.kind, profile=door.profile,
        topic=door.topic, codes=(("0xa1b2ce", "contact", "open"),),
    )  # fmt: skip
    directory = Directory([door], {"rtl_433": profile("rtl_433")})
    found = directory.resolve(EVENTS, payload_of({"model": "EV1527", "code": "0xa1b2c1"}))
    assert found.binding is None
    assert found.quiet


def test_smoke_that_never_clears_is_news_again_after_a_while() -> None:
    """A Kidde says who it is as long as there is smoke, and nothing when it is over."""
    wire = Wire(_device(DeviceKind.SMOKE_DETECTOR, address="Kidde/148"))
    for _ in range(4):
        wire.sends(EVENTS, {"model": "Kidde", "id": 148}, after=SECOND)
    assert wire.opened() == ["smoke"]
    assert wire.counts() == [0]
    wire.sends(EVENTS, {"model": "Kidde", "id": 148}, after=30 * MINUTE)
    assert wire.counts() == [1]


@pytest.mark.parametrize(
    "address", ["a105bb", "Interlogix-Security/A105BB", "interlogix-security/a105bb"]
)
def test_a_device_is_found_by_its_id_or_by_model_and_id(address: str) -> None:
    """Whatever the case of the letters in the homes file."""
    message = {"model": "Interlogix-Security", "subtype": "contact", "id": "a105bb"}
    found = _directory(address).resolve(EVENTS, payload_of({**message, "switch1": "OPEN"}))
    assert found.binding is not None
    assert [(one.property, one.value) for one in found.decoded.readings] == [("contact", "open")]


def test_an_id_alone_survives_a_new_version_of_the_receiver() -> None:
    """`Interlogix` with device_type became `Interlogix-Security` with subtype."""
    directory = _directory("a105bb")
    before = {"model": "Interlogix", "device_type": "contact", "id": "a105bb", "battery": "LOW"}
    since = {"model": "Interlogix-Security", "subtype": "contact", "id": "a105bb", "battery_ok": 0}
    told = [
        {
            one.property: one.value
            for one in directory.resolve(
                EVENTS, payload_of({**message, "switch1": "CLOSED", "switch3": "OPEN"})
            ).decoded.readings
        }
        for message in (before, since)
    ]
    assert told[0] == told[1] == {"contact": "closed", "tamper": "open", "battery": "low"}


def test_the_command_of_one_device_is_not_the_id_of_another() -> None:
    """An X10 door next door says code 84; our thermometer has the id 84 and says nothing then."""
    directory = _directory("84")
    found = directory.resolve(
        EVENTS, payload_of({"model": "X10-Security", "id": "1a2c", "code": "84", "event": "x"})
    )
    assert found.binding is None
    assert directory.resolve(EVENTS, b'{"model": "Nexus-TH", "id": 84}').binding is not None


def test_a_hexadecimal_address_is_the_number_that_the_receiver_prints() -> None:
    """`0x5f2a` in the homes file is 24362 in the message."""
    found = _directory("0x5f2a").resolve(EVENTS, b'{"model": "X", "id": 24362, "battery_ok": 1}')
    assert found.binding is not None


def test_two_channels_of_one_id_are_two_devices() -> None:
    """A thermometer's channel belongs to its name where the id is not enough."""
    directory = _directory("Nexus-TH/12/1", "Nexus-TH/12/2")
    first, second, third = (
        directory.resolve(EVENTS, payload_of({"model": "Nexus-TH", "id": 12, "channel": channel}))
        for channel in (1, 2, 3)
    )
    assert first.binding is not None
    assert second.binding is not None
    assert first.binding.address != second.binding.address
    assert third.binding is None
    assert third.stranger == f"{EVENTS} nexus-th/12"


def test_of_the_neighbours_only_an_alarm_is_told() -> None:
    """A receiver hears the street: their thermometers are quiet, their panic button is not."""
    directory = _directory("a105bb")
    thermometer = directory.resolve(
        EVENTS, payload_of({"model": "Nexus-TH", "id": 99, "channel": 1, "temperature_C": 4.5})
    )
    assert thermometer.binding is None
    assert thermometer.quiet
    panic = directory.resolve(
        EVENTS, payload_of({"model": "X10-Security", "id": "2b7d", "event": "KR18 PANIC"})
    )
    assert panic.binding is None
    assert panic.decoded.life_safety
    assert not panic.quiet


def test_a_device_that_is_heard_in_another_home_is_recognised() -> None:
    """Model and id name it in the whole world, so that a sensor that moved is found."""
    other = "northside/elm-3/rtl_433/events"
    devices = [
        binding("rtl_433", DeviceKind.DOOR_SENSOR, EVENTS, address="Kerui-Security/269554"),
        binding("rtl_433", DeviceKind.DOOR_SENSOR, other, address="31", home="elm-3"),
    ]
    directory = Directory(devices, {"rtl_433": profile("rtl_433")})
    found = directory.resolve(
        other, payload_of({"model": "Kerui-Security", "id": 269554, "opened": 1})
    )
    assert found.elsewhere == ("larch-12", "device")


@pytest.mark.parametrize(
    ("stamp", "told"),
    [
        ("2026-03-01 07:04:09", None),
        ("2026-03-01T07:04:09", None),
        ("2026-03-01T07:04:09Z", 1772348649_000000),
        ("2026-03-01T02:04:09.250000-0500", 1772348649_250000),
        ("2026-03-01T08:04:09+01:00", 1772348649_000000),
        ("1772348649.25", 1772348649_250000),
        (1772348649, 1772348649_000000),
        ("@0.250000s", None),
    ],
)
def test_only_a_time_that_names_its_zone_is_taken(stamp: Value, told: int | None) -> None:
    """A local time without an offset, and a place in a recording, are no time and no error."""
    payload = payload_of({"time": stamp, "model": "X", "id": 1, "temperature_C": 20})
    decoded = decode(profile("rtl_433"), EVENTS, payload)
    assert decoded.error is None
    assert [reading.at for reading in decoded.readings] == [told]

"""What several Tasmota messages in a row come to: bursts, both topic orders, bridges."""

from telecared.core.vocabulary import DeviceKind
from tests.config.played import Played, binding

BRIDGE = "northside/larch-12/tele/rfbridge"


def test_twenty_raw_copies_of_one_press_are_one_alert() -> None:
    """RfRaw repeats a press some twenty times with other timing bytes each time."""
    home = Played("tasmota", [binding("cord", DeviceKind.FIXED_TRIGGER, "tasmota", BRIDGE)])
    for copy in range(20):
        raw = f"AA B1 03 {0x150 + copy:04X} {0x45A + copy:04X} 2F6C 38192A5B2A55"
        home.send(f"{BRIDGE}/RESULT", {"RfRaw": {"Data": raw}}, after=0.06)
    assert home.opened() == ["pressed"]
    assert home.repeats() == 0


def test_a_second_press_after_the_burst_is_told_again() -> None:
    """Somebody who presses again half a minute later is not taken for a copy."""
    pendant = binding("pendant", DeviceKind.PERSONAL_TRIGGER, "tasmota", BRIDGE, "A1B2C7")
    home = Played("tasmota", [pendant])
    code = {"RfReceived": {"Sync": 12130, "Low": 410, "High": 1200, "Data": "A1B2C7"}}
    for pause in (0, 0.2, 0.2, 30, 0.2):
        home.send(f"{BRIDGE}/RESULT", code, after=pause)
    assert home.opened() == ["pressed"]
    assert home.repeats() == 1


def test_a_neighbours_code_is_no_press() -> None:
    """A bridge hears the whole street; only the code that is registered counts."""
    pendant = binding("pendant", DeviceKind.PERSONAL_TRIGGER, "tasmota", BRIDGE, "A1B2C7")
    home = Played("tasmota", [pendant])
    home.send(f"{BRIDGE}/RESULT", {"RfReceived": {"Data": "55D0E1", "RfKey": "None"}})
    assert home.opened() == []
    assert [each.stranger for each in home.strangers] == [f"{BRIDGE} 55d0e1"]
    assert home.strangers[0].decoded.readings == ()


def test_what_comes_under_stat_finds_the_device_in_either_order() -> None:
    """Tasmota spreads one device over tele and stat; the homes file names it once."""
    bath = binding("bath", DeviceKind.FIXED_TRIGGER, "tasmota", "northside/larch-12/tele/bath")
    hall = binding("hall", DeviceKind.FIXED_TRIGGER, "tasmota", "northside/larch-12/hall/tele")
    home = Played("tasmota", [bath, hall])
    single = {"Button1": {"Action": "SINGLE"}}
    for topic, device in (
        ("northside/larch-12/stat/bath/RESULT", "bath"),
        ("northside/larch-12/hall/stat/RESULT", "hall"),
    ):
        found = home.send(topic, single, after=60)
        assert found.binding is not None
        assert found.binding.device == device
        assert [each.property for each in found.decoded.readings] == ["trigger"]
    command = home.send("northside/larch-12/cmnd/bath/POWER", "ON")
    assert command.ignored


def test_one_unregistered_device_is_one_stranger_under_tele_and_stat() -> None:
    """It would otherwise be told to people twice, under two names."""
    home = Played("tasmota", [])
    home.send("northside/larch-12/tele/plug/LWT", "Online")
    home.send("northside/larch-12/stat/plug/RESULT", {"POWER": "ON"})
    assert {each.stranger for each in home.strangers} == {"northside/larch-12/tele/plug"}


def test_a_leak_is_wet_by_its_zone_and_dry_by_its_word() -> None:
    """Dry is Water 0, wet only ZoneStatusChange 1: the two must be one property."""
    topic = "northside/larch-12/tele/zigbee"
    sink = binding("sink", DeviceKind.FLOOD_DETECTOR, "tasmota", topic, "0x898E")
    unit = binding("unit", DeviceKind.ALARM_UNIT, "tasmota", topic)
    home = Played("tasmota", [sink, unit])
    for message, told in (({"Water": 0}, "dry"), ({"ZoneStatusChange": 1}, "wet")):
        found = home.send(
            f"{topic}/SENSOR", {"ZbReceived": {"0x898E": {"Device": "0x898E", **message}}}
        )
        shares = [each for each in (found, *found.more) if each.binding is not None]
        told_by = [
            (each.binding.device, each.decoded.readings[0].value)
            for each in shares
            if each.binding is not None and each.decoded.readings
        ]
        assert told_by == [("sink", told)]
    assert home.opened() == ["wet"]


def test_what_a_bridge_hears_of_another_device_is_not_its_own() -> None:
    """An unregistered door on a registered bridge stays a stranger, with its own name."""
    topic = "northside/larch-12/tele/zigbee"
    home = Played("tasmota", [binding("unit", DeviceKind.ALARM_UNIT, "tasmota", topic)])
    home.send(f"{topic}/SENSOR", {"ZbReceived": {"0x7C01": {"Device": "0x7C01", "Contact": 1}}})
    assert [each.stranger for each in home.strangers] == [f"{topic} 0x7c01"]


def test_a_button_that_nobody_registered_is_heard_when_its_name_says_so() -> None:
    """A pressed SOS from an unregistered device is never dropped."""
    home = Played("tasmota", [])
    home.send("northside/larch-12/stat/sos-button/RESULT", {"Button1": {"Action": "SINGLE"}})
    assert home.strangers[0].decoded.life_safety


def test_the_periodic_state_of_a_held_cord_is_no_new_press() -> None:
    """SENSOR repeats every switch each TelePeriod; only what happened is a press."""
    topic = "northside/larch-12/bath/tele"
    home = Played("tasmota", [binding("bath", DeviceKind.FIXED_TRIGGER, "tasmota", topic)])
    home.send("northside/larch-12/bath/stat/SWITCH1", {"ACTION": "ON"})
    for _ in range(3):
        home.send(f"{topic}/SENSOR", {"Time": "2026-03-01T08:05:00", "Switch1": "ON"}, after=10)
    assert home.opened() == ["pressed"]
    assert home.repeats() == 0

"""What several zigbee2mqtt messages in a row come to: a press, a leak, caches, the bridge."""

from msgspec.structs import replace

from telecared.core.directory import Directory
from telecared.core.vocabulary import DeviceKind
from tests.config.played import Played, binding

BASE = "northside/larch-12/zigbee2mqtt"
NAME = "zigbee2mqtt"


def test_one_press_between_keep_alives_and_an_empty_end_is_one_alert() -> None:
    """SOS buttons send null while nothing happens, then the word, then an empty text."""
    home = Played(NAME, [binding("pendant", DeviceKind.PERSONAL_TRIGGER, NAME, f"{BASE}/pendant")])
    for action in (None, None, "emergency", "", None):
        home.send(f"{BASE}/pendant", {"action": action, "battery": 100}, after=0.5)
    assert home.opened() == ["pressed"]
    assert home.repeats() == 0


def test_wet_and_dry_twice_within_a_second_is_one_alert() -> None:
    """A leak sensor flutters, and each of its messages comes twice."""
    home = Played(NAME, [binding("sink", DeviceKind.FLOOD_DETECTOR, NAME, f"{BASE}/sink")])
    for wet in (True, True, False, False):
        home.send(f"{BASE}/sink", {"water_leak": wet, "linkquality": 120}, after=0.25)
    assert home.opened() == ["wet"]


def test_a_door_that_repeats_its_cache_is_not_news() -> None:
    """Every update repeats all values; an edge is what differs from the last one."""
    home = Played(NAME, [binding("door", DeviceKind.DOOR_SENSOR, NAME, f"{BASE}/door")])
    for contact in (False, False, False, True):
        home.send(f"{BASE}/door", {"contact": contact, "battery": 91}, after=60)
    fact = home.world.state.facts["door"]["contact"]
    assert fact.value == "closed"
    assert fact.since == home.world.at


def test_the_registered_bridge_speaks_for_itself_and_of_its_devices() -> None:
    """Its own state is its link; a device that left the network is offline."""
    unit = binding("unit", DeviceKind.ALARM_UNIT, NAME, f"{BASE}/bridge")
    hall = binding("hall-pir", DeviceKind.ACTIVITY_DETECTOR, NAME, f"{BASE}/hall")
    home = Played(NAME, [unit, hall])
    left = {"type": "device_leave", "data": {"friendly_name": "hall"}}
    back = {"type": "device_announce", "data": {"friendly_name": "hall"}}
    for below, payload, told in (
        ("state", {"state": "online"}, [("unit", "link", "online")]),
        ("state", "offline", [("unit", "link", "offline")]),
        ("health", {"response_time": 1}, [("unit", "heartbeat", "seen")]),
        ("event", left, [("hall-pir", "link", "offline")]),
        ("event", back, [("hall-pir", "heartbeat", "seen")]),
        ("devices", [{"friendly_name": "hall"}], []),
        ("request/device/remove", {"id": "hall"}, []),
        ("response/permit_join", {"status": "ok"}, []),
    ):
        found = home.send(f"{BASE}/bridge/{below}", payload, after=5)
        readings = found.decoded.readings
        assert [(each.device, each.property, each.value) for each in readings] == told
        assert found.decoded.error is None
    assert home.strangers == []


def test_a_bridge_that_nobody_registered_tells_nothing() -> None:
    """What it says of itself carries no device's message, and raises no unknown device."""
    home = Played(NAME, [binding("hall", DeviceKind.ACTIVITY_DETECTOR, NAME, f"{BASE}/hall")])
    for base in (BASE, "northside/larch-12/z2m", "/zigbee2mqtt"):
        for below in ("state", "info", "logging", "event", "response/device/remove"):
            assert home.send(f"{base}/bridge/{below}", {"state": "offline"}).ignored


def test_a_device_that_joins_in_another_home_is_found_by_its_serial() -> None:
    """The bridge names a device that joins by its IEEE address, which the homes file has."""
    unit = binding("unit", DeviceKind.ALARM_UNIT, NAME, f"{BASE}/bridge")
    home = Played(NAME, [unit])
    other = binding("pendant", DeviceKind.PERSONAL_TRIGGER, NAME, "southside/oak-3/z2m/pendant")
    moved = replace(other, home="oak-3", serial="0x00124B0021A4C0DE")
    home.directory = Directory([unit, moved], home.profiles)
    joined = {
        "type": "device_joined",
        "data": {"friendly_name": "0x00124b0021a4c0de", "ieee_address": "0x00124b0021a4c0de"},
    }
    found = home.send(f"{BASE}/bridge/event", joined)
    assert found.elsewhere == ("oak-3", "pendant")

"""What several messages of an OpenMQTTGateway or a Theengs gateway in a row come to."""

from telecared.core.vocabulary import DeviceKind
from tests.config.played import Played, binding

GATEWAY = "northside/larch-12/home/OpenMQTTGateway"
NAME = "openmqttgateway"


def test_one_press_in_several_advertisements_is_one_and_the_next_press_another() -> None:
    """A Bluetooth button sends each press several times; its packet number tells them apart."""
    button = "B0:C7:DE:11:22:33"
    home = Played(NAME, [binding("pendant", DeviceKind.PERSONAL_TRIGGER, NAME, GATEWAY, button)])
    topic = f"{GATEWAY}/BTtoMQTT/B0C7DE112233"
    for packet in (41, 41, 41, 42, 42):
        home.send(topic, {"id": button, "packet": packet, "button": 1, "batt": 98}, after=0.3)
    assert home.opened() == ["pressed"]
    assert home.repeats() == 1


def test_copies_of_a_code_on_433_mhz_are_one_press() -> None:
    """rc-switch hands on each copy of a press with another delay."""
    home = Played(
        NAME, [binding("pendant", DeviceKind.PERSONAL_TRIGGER, NAME, GATEWAY, "0xA1B2C7")]
    )
    for delay in (318, 322, 319, 330, 317, 321):
        home.send(
            f"{GATEWAY}/433toMQTT", {"value": 10597063, "protocol": 1, "delay": delay}, after=0.1
        )
    assert home.opened() == ["pressed"]
    assert home.repeats() == 0


def test_a_beacon_stays_the_same_when_its_mac_changes() -> None:
    """Its uuid, major and minor name it, whatever address it sends from."""
    beacon = "fda50693-a4e2-4fb1-afcf-c6eb07647825"
    home = Played(
        NAME, [binding("keys", DeviceKind.TRACKER, NAME, GATEWAY, f"{beacon.upper()}/10/7")]
    )
    for mac in ("51:AA:02:FF:33:01", "6B:00:17:22:91:0C"):
        found = home.send(
            f"{GATEWAY}/BTtoMQTT/{mac.replace(':', '')}",
            {"id": mac, "uuid": beacon, "major": 10, "minor": 7, "rssi": -70},
        )
        assert found.binding is not None
        assert found.binding.device == "keys"
    assert home.strangers == []


def test_the_neighbourhood_is_heard_but_told_to_nobody() -> None:
    """Everything that carries Bluetooth in the street speaks here; only alarms are told."""
    home = Played(NAME, [binding("unit", DeviceKind.ALARM_UNIT, NAME, GATEWAY)])
    home.send(f"{GATEWAY}/BTtoMQTT/A4C138990000", {"id": "A4:C1:38:99:00:00", "tempc": "21.4"})
    home.send(f"{GATEWAY}/433toMQTT", {"value": 7001, "protocol": 1})
    home.send(f"{GATEWAY}/BTtoMQTT/A4C138990001", {"id": "A4:C1:38:99:00:01", "smoke": True})
    assert [each.quiet for each in home.strangers] == [True, True, False]
    assert all(each.elsewhere is None for each in home.strangers)


def test_the_gateways_last_will_and_life_are_its_own() -> None:
    """An alarm unit without an address takes what names nobody."""
    home = Played(NAME, [binding("unit", DeviceKind.ALARM_UNIT, NAME, GATEWAY)])
    for below, payload, told in (
        ("LWT", "offline", [("link", "offline")]),
        ("SYStoMQTT", {"uptime": 9, "rssi": -60}, [("radio", "ok"), ("heartbeat", "seen")]),
        ("IRtoMQTT", {"value": 551489775, "protocol": 3}, []),
        ("version", "v1.7.0", []),
    ):
        found = home.send(f"{GATEWAY}/{below}", payload)
        assert [(each.property, each.value) for each in found.decoded.readings] == told
        assert found.decoded.error is None
    assert home.strangers == []

"""What a device entry of a homes file may say beside kind and topic."""

from pathlib import Path

import pytest

from telecared.config.check import check
from telecared.config.homes import Surroundings, read_homes
from telecared.core.vocabulary import DAY
from telecared.errors import ConfigError
from tests.config.support import bare_deployment, written

HOME = "homes:\n- id: h\n  scheme: n\n  timezone: Europe/London\n  devices:\n"


def test_codes_model_serial_and_days_become_values() -> None:
    """Days are local midnights: the home's own, also in summer."""
    text = HOME + (
        '  - {id: d, kind: door_sensor, topic: t, model: M, serial: "S", installed: 2026-07-01,'
        ' removed: 2026-07-02, codes: {"0xA1": {contact: open}}}\n'
    )
    (device,) = read_homes(text, "h.yaml", Surroundings()).homes[0].devices
    assert (device.model, device.serial) == ("M", "S")
    assert device.codes == (("0xA1", "contact", "open"),)
    assert device.since == 1_782_860_400_000_000  # 2026-06-30T23:00Z
    assert device.until == device.since + DAY


def test_a_table_has_the_same_keys() -> None:
    """Codes are parted by spaces."""
    text = (
        "home,scheme,device_id,device_kind,device_topic,device_codes,device_removed\n"
        "h,n,d,door_sensor,t,0xa1=contact:open 0xa2=contact:closed,2026-03-02\n"
    )
    (device,) = read_homes(text, "h.csv", Surroundings()).homes[0].devices
    assert device.codes == (("0xa1", "contact", "open"), ("0xa2", "contact", "closed"))
    assert device.until is not None
    with pytest.raises(ConfigError):
        read_homes(text.replace("0xa1=contact:open", "0xa1"), "h.csv", Surroundings())


def test_slips_are_told_with_their_places() -> None:
    """Words, days, empty codes, and one code for two devices at a time."""
    text = HOME + (
        '  - {id: a, kind: door_sensor, topic: t, codes: {"1": {contact: opn}, "2": {}}}\n'
        '  - {id: b, kind: door_sensor, topic: t, codes: {"1": {contct: open}}, installed: soon}\n'
        "  - {id: c, kind: door_sensor, topic: u, installed: 2026-03-02, removed: 2026-03-01}\n"
        '  - {id: d, kind: door_sensor, topic: u, address: "0x10", removed: 2026-03-01}\n'
        '  - {id: e, kind: door_sensor, topic: u, address: "16", installed: 2026-03-01}\n'
        '  - {id: f, kind: door_sensor, topic: u, codes: {"16": {contact: open, gas: oh}}}\n'
        '  - {id: g, kind: door_sensor, topic: w, codes: {"1": {contct: open}}}\n'
    )
    with pytest.raises(ConfigError) as caught:
        read_homes(text, "h.yaml", Surroundings())
    told = "\n".join(caught.value.problems)
    for part in ('did you mean "open"', "says nothing", "cannot go earlier", "no property"):
        assert part in told
    assert "must be a day" in told
    assert "h.yaml:11:39: the device at h.yaml:9:39 has the same topic and address" in told
    assert "h.yaml:10:" not in told


def refused(*devices: str) -> list[str]:
    """The sentences about two homes with these devices."""
    text = "homes:\n" + "".join(
        f"- {{id: h{n}, scheme: n, devices: [{device}]}}\n" for n, device in enumerate(devices)
    )
    with pytest.raises(ConfigError) as caught:
        read_homes(text, "h.yaml", Surroundings())
    return caught.value.problems


def test_two_homes_with_one_topic_at_a_time_are_told_with_both_places() -> None:
    """A box cannot hang in two homes; one after the other it can."""
    box = "{id: d, kind: door_sensor, topic: t, %s}"
    spans = ("removed: 2026-03-02", "installed: 2026-03-01")
    assert refused(*(box % span for span in spans)) == [
        (
            "h.yaml:3:67: the device at h.yaml:2:67 has the same topic and address, so that its"
            " messages could be of either; give each an address"
        )
    ]
    after = "- {id: h, scheme: n, devices: [%s]}\n" % (box % "removed: 2026-03-01")
    before = after.replace("id: h", "id: g").replace("removed", "installed")
    assert len(read_homes(f"homes:\n{after}{before}", "h.yaml", Surroundings()).homes) == 2


def test_a_topic_speaks_the_language_of_one_maker_at_a_time() -> None:
    """An address does not help where the messages cannot be read in one way."""
    (told,) = refused(
        "{id: d, kind: door_sensor, topic: t, profile: rtl_433, address: '1'}",
        "{id: e, kind: door_sensor, topic: t, profile: tasmota, address: '2'}",
    )
    assert told == (
        "h.yaml:3:67: the device at h.yaml:2:67 speaks profile rtl_433 on this topic; give each"
        " its own topic"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("0x10", "16"), ("A/0x0A", " a/10 "), ("Straße 1", "STRASSE 1"), ("[a-z]*", "[A-Z]*")],
)
def test_addresses_that_are_the_same_in_another_spelling_are_refused(one: str, other: str) -> None:
    """Each would get the other's messages."""
    device = "{id: d, kind: door_sensor, topic: t, address: '%s'}"
    (told,) = refused(device % one, device % other)
    assert "has the same topic and address" in told
    codes = "{id: d, kind: door_sensor, topic: t, codes: {'%s': {contact: open}}}"
    assert len(refused(device % one, codes % other)) == 1


def test_two_files_with_one_topic_are_told_by_check(tmp_path: Path) -> None:
    """Each by itself is sound; together they are not."""
    device = "{id: d, kind: tracker, profile: tasmota, topic: stat/d, model: TERNCY-DC02}"
    rule = "rules:\n  far:\n    when: {property: fall, is: detected}\n"
    home = "homes:\n- {id: %s, scheme: n, devices: [%s]}\n"
    rules, one, other = written(
        tmp_path, rules=rule, one=home % ("a", device), other=home % ("b", device)
    )
    found = check(bare_deployment(tmp_path), rules=[rules], homes=[one, other])
    (told,) = (each for each in found if each.code == "same-topic")
    assert (told.level, told.file, told.line, told.col, told.home) == (
        "error", str(other), 2, 80, "b",
    )  # fmt: skip
    assert told.message.startswith(f"the device at {one}:2:80 has the same topic")


def test_a_model_that_is_nearly_a_known_one_is_doubtful(tmp_path: Path) -> None:
    """A slip would turn open into closed; a model that speaks like all others needs no word."""
    models = {"TERNCY-DC01": None, "terncy dc01": "terncy-dc01", "MCCGQ11LM": None}
    for model, meant in models.items():
        rules, homes = written(
            tmp_path,
            rules="rules:\n  far:\n    when: {property: fall, is: detected}\n",
            homes="homes:\n- id: a\n  scheme: n\n  devices:\n  - {id: d, kind: tracker, profile:"
            f" zigbee2mqtt, topic: z/d, model: {model}}}\n",
        )
        found = check(bare_deployment(tmp_path), rules=[rules], homes=[homes])
        told = [each for each in found if each.code == "unknown-model"]
        assert [(each.level, each.line, each.col) for each in told] == (
            [("warning", 5, 69)] if meant else []
        )
        assert all(each.message.endswith(f'did you mean "{meant}"?') for each in told)

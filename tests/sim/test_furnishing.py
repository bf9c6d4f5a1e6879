"""Furnished homes: sensors of real makers that can say what a life makes them tell."""

import pytest

from telecared.config.homes import Surroundings, read_homes
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind
from telecared.errors import ConfigError
from telecared.sim.furnishing import ALL_DEVICES, NEEDS, Furnisher, shipped_furnisher
from telecared.sim.street import homes_yaml, make_street
from tests.sim.shipping import shipped_profiles as profiles
from tests.sim.test_wire import furnisher


def test_every_profile_furnishes_some_device() -> None:
    """Each shipped profile can say all that at least one kind of device has to."""
    for profile in profiles():
        assert any(furnisher().form(profile, kind) is not None for kind in NEEDS), profile


@pytest.mark.parametrize("profile", ["zigbee2mqtt", "rtl_433", "tasmota", "esphome"])
def test_common_sensors_are_to_be_had_of_every_common_maker(profile: str) -> None:
    """Doors and motion, told apart where they share a topic."""
    for kind in (DeviceKind.DOOR_SENSOR, DeviceKind.ACTIVITY_DETECTOR):
        assert furnisher().form(profile, kind) is not None


def test_a_mixed_street_is_imported_and_every_device_is_understood() -> None:
    """What is written for import are the same devices that speak, and no two are confused."""
    street = make_street(30, furnisher=Furnisher(profiles(), "mixed", 5), seed=5)
    homes = read_homes(homes_yaml(street), "homes.yaml", Surroundings(profiles=profiles().keys()))
    assert {each.code for each in homes.warnings} <= {"unknown-rule"}  # no rules are given here
    read = [
        DeviceBinding(
            home.id, each.id, each.kind, each.profile, each.topic, each.address, each.invert,
            each.model, each.serial, each.codes, each.since, each.until,
        )
        for home in homes.homes
        for each in home.devices
    ]  # fmt: skip
    assert read == [binding for household in street for binding in household.devices]
    assert Directory(read, profiles()).conflicts == ()
    assert len({binding.profile for binding in read}) > 6


def test_a_home_keeps_its_sensors() -> None:
    """The same seed furnishes the same, another one otherwise; native is always possible."""
    one, two, other = (Furnisher(profiles(), "mixed", seed) for seed in (1, 1, 2))
    assert one.furnish("n", "h", ALL_DEVICES) == two.furnish("n", "h", ALL_DEVICES)
    assert one.furnish("n", "h", ALL_DEVICES) != other.furnish("n", "h", ALL_DEVICES)
    named = Furnisher(profiles(), "fall-radar", 1).furnish("n", "h", ALL_DEVICES)
    assert {binding.profile for binding in named} == {"fall-radar", "native"}
    native = Furnisher(profiles()).furnish("n", "h", ALL_DEVICES)
    assert {binding.profile for binding in native} == {"native"}


def test_a_profile_that_is_not_there_is_refused_by_name() -> None:
    """The sentence lists those that are."""
    with pytest.raises(
        ConfigError, match=r"'smoke-signals' is no profile; write mixed or .*native"
    ):
        shipped_furnisher("zigbee2mqtt,smoke-signals")
    with pytest.raises(ConfigError, match="--profiles: 'x' is no profile"):
        Furnisher(profiles(), "x")


def test_a_street_without_wishes_has_the_demos_twelve_devices() -> None:
    """Nothing else is written down for them."""
    text = homes_yaml(make_street(1))
    assert text.count("- {id: ") >= 12
    assert "profile" not in text

"""What a name lets one guess: kinds and places, whole words only, the most dangerous first."""

import pytest

from telecared.core.hints import (
    MAX_NAME,
    is_about_itself,
    kind_of_name,
    place_of_name,
    words_of,
)
from telecared.core.vocabulary import DeviceKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sos_button", DeviceKind.PERSONAL_TRIGGER),
        ("SOSButton", DeviceKind.PERSONAL_TRIGGER),
        ("PanicFob2", DeviceKind.PERSONAL_TRIGGER),
        ("Ada's pendant", DeviceKind.PERSONAL_TRIGGER),
        ("binary_sensor/emergency", DeviceKind.PERSONAL_TRIGGER),
        ("bathroom pull-cord", DeviceKind.FIXED_TRIGGER),
        ("emergency pull cord", DeviceKind.FIXED_TRIGGER),
        ("lounge fall radar", DeviceKind.FALL_DETECTOR),
        ("Smoke detectors", DeviceKind.SMOKE_DETECTOR),
        ("kitchen_co", DeviceKind.CARBON_MONOXIDE_DETECTOR),
        ("carbon-monoxide alarm", DeviceKind.CARBON_MONOXIDE_DETECTOR),
        ("gas", DeviceKind.GAS_DETECTOR),
        ("heat detector", DeviceKind.HEAT_DETECTOR),
        ("epilepsy mat under the bed", DeviceKind.EPILEPSY_MONITOR),
        ("bogus caller button", DeviceKind.BOGUS_CALLER_BUTTON),
        ("sink_leak", DeviceKind.FLOOD_DETECTOR),
        ("bed", DeviceKind.BED_MONITOR),
        ("armchair", DeviceKind.CHAIR_MONITOR),
        ("pill box", DeviceKind.MEDICATION_DISPENSER),
        ("FrontDoor", DeviceKind.DOOR_SENSOR),
        ("kitchen windows", DeviceKind.DOOR_SENSOR),
        ("room_presence", DeviceKind.OCCUPANCY_DETECTOR),
        ("hall-pir-2", DeviceKind.ACTIVITY_DETECTOR),
        ("device_tracker", DeviceKind.TRACKER),
        ("vibration", DeviceKind.VIBRATION_SENSOR),
        ("kettle plug", DeviceKind.APPLIANCE_MONITOR),
        ("thermometer", DeviceKind.TEMPERATURE_SENSOR),
        ("home hub", DeviceKind.ALARM_UNIT),
    ],
)
def test_a_name_tells_what_a_device_is(name: str, kind: DeviceKind) -> None:
    """People name devices after what they do, in any spelling."""
    assert kind_of_name(name) is kind


@pytest.mark.parametrize(
    "name",
    [
        "",
        "0x00124b0021a4",
        "bedroom",  # no bed
        "waterfall",
        "co2",  # no carbon monoxide
        "outdoor",
        "cost",
        "emergency light",
        "gas meter",
        "doorbell",
        "Fire TV",
        "telephone",
    ],
)
def test_a_word_inside_another_tells_nothing(name: str) -> None:
    """Only whole words tell, and not those that belong to something else."""
    assert kind_of_name(name) is None


def test_the_most_dangerous_of_two_words_wins() -> None:
    """Of two guesses the one that must not be missed is made, whichever stands first."""
    assert kind_of_name("door smoke") is DeviceKind.SMOKE_DETECTOR
    assert kind_of_name("smoke at the door") is DeviceKind.SMOKE_DETECTOR
    assert kind_of_name("hub sos") is DeviceKind.PERSONAL_TRIGGER


def test_a_longer_phrase_covers_the_words_in_it() -> None:
    """A fire door is a door; a gas meter beside a door leaves the door."""
    assert kind_of_name("fire door 3") is DeviceKind.DOOR_SENSOR
    assert kind_of_name("gas meter door") is DeviceKind.DOOR_SENSOR
    assert kind_of_name("carbon dioxide and temperature") is DeviceKind.TEMPERATURE_SENSOR


@pytest.mark.parametrize("name", ["lifeline", "Notruf Bad", "call button", "appel d'urgence"])
def test_help_has_other_names_too(name: str) -> None:
    """What people call such a button here and elsewhere."""
    assert kind_of_name(name) is DeviceKind.PERSONAL_TRIGGER


def test_an_emergency_exit_is_a_door() -> None:
    """But a button beside it is a button."""
    assert kind_of_name("emergency_exit") is DeviceKind.DOOR_SENSOR
    assert kind_of_name("emergency exit sos") is DeviceKind.PERSONAL_TRIGGER


def test_what_a_device_tells_of_itself_goes_by_the_end_of_its_name() -> None:
    """A pendant's battery is none of a pendant; a battery pendant is one."""
    for name in ("pendant_battery", "SosButton Last Seen", "battery", "binary_sensor/status"):
        assert is_about_itself(name)
    for name in ("battery pendant", "sos", "", "fall_status"):
        assert not is_about_itself(name)


def test_a_name_without_end_costs_little() -> None:
    """Only the first letters of a name are read."""
    assert len(words_of("a " * 10_000)) == MAX_NAME // 2
    assert kind_of_name("x" * MAX_NAME + " sos") is None


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Kitchen motion", "kitchen"),
        ("bedroom_door", "bedroom"),
        ("front door", "front-door"),
        ("FrontDoor contact", "front-door"),
        ("lounge", "living-room"),
        ("LivingRoomWindow", "living-room"),
        ("hallway", "hall"),
        ("shower", "bathroom"),
        ("pendant", None),
        ("bathtub", None),
    ],
)
def test_a_name_tells_where_a_device_stands(name: str, place: str | None) -> None:
    """Places are guessed in the words that homes use."""
    assert place_of_name(name) == place

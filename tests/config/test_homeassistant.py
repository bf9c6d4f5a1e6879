"""Home Assistant's entities: what the examples in the profile cannot show."""

from telecared.core.directory import Directory
from telecared.core.vocabulary import DeviceKind
from tests.config.device_stories import DeviceStory, compiled

BASE = "larch-12/homeassistant"
PENDANT = f"{BASE}/event/pendant"
DOOR = f"{BASE}/binary_sensor/front_door"


def test_what_the_broker_kept_of_a_press_is_no_press() -> None:
    """Every topic of statestream is retained: a reconnect must not call for help."""
    story = DeviceStory("homeassistant", {"pendant": (DeviceKind.PERSONAL_TRIGGER, PENDANT)})
    story.hears(f"{PENDANT}/state", "2026-02-27T19:12:44.000+00:00", retained=True)
    assert story.opened() == []
    story.hears(f"{PENDANT}/state", "2026-03-01T08:00:00.000+00:00")
    assert story.opened() == ["pendant-pressed"]


def test_a_door_that_was_left_open_is_found_at_connect() -> None:
    """A level that the broker kept is true all the same, and so is an unheard entity's silence."""
    story = DeviceStory("homeassistant", {"door": (DeviceKind.DOOR_SENSOR, DOOR)})
    story.hears(f"{DOOR}/state", "on", retained=True)
    assert story.opened() == ["door-open"]


def test_a_restart_of_home_assistant_is_no_event() -> None:
    """unavailable, unknown and then the same state again: nothing has happened at the door."""
    story = DeviceStory("homeassistant", {"door": (DeviceKind.DOOR_SENSOR, DOOR)})
    story.hears(f"{DOOR}/state", "off")
    for word in ("unavailable", "unknown", "off"):
        story.world.advance(minutes=1)
        story.hears(f"{DOOR}/state", word)
    assert story.opened() == []


def test_the_attributes_of_an_entity_are_its_own_and_tell_nothing() -> None:
    """They come with every change, on topics of their own: no readings and no errors."""
    story = DeviceStory("homeassistant", {"door": (DeviceKind.DOOR_SENSOR, DOOR)})
    for name, value in (
        ("friendly_name", '"Front door"'),
        ("device_class", '"door"'),
        ("last_updated", "2026-03-01T08:00:00.123456+00:00"),
        ("restored", "true"),
    ):
        found = story.hears(f"{DOOR}/{name}", value)
        assert found.binding is not None
        assert (found.decoded.readings, found.decoded.error) == ((), None)


def test_an_entity_that_nobody_registered_calls_for_help_by_its_name() -> None:
    """`binary_sensor/sos_button` on is a trigger; `binary_sensor/lamp` on is nothing."""
    directory = Directory((), {"homeassistant": compiled("homeassistant")})
    sos = directory.resolve(f"northside/{BASE}/binary_sensor/sos_button/state", b"on")
    lamp = directory.resolve(f"northside/{BASE}/binary_sensor/lamp/state", b"on")
    assert sos.decoded.life_safety
    assert (sos.decoded.scheme, sos.decoded.home) == ("northside", "larch-12")
    assert not lamp.decoded.life_safety


def test_a_thermometer_comes_back_with_its_first_number() -> None:
    """Any number says that Home Assistant hears it again."""
    topic = f"{BASE}/sensor/bedroom"
    story = DeviceStory("homeassistant", {"room": (DeviceKind.TEMPERATURE_SENSOR, topic)})
    story.hears(f"{topic}/state", "unavailable")
    found = story.hears(f"{topic}/state", "-3.5")
    assert {each.property: each.value for each in found.decoded.readings} == {
        "temperature": -3.5,
        "link": "online",
    }

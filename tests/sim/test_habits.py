"""Real devices' habits: they make more messages of the same meaning."""

from collections import Counter
from collections.abc import Iterable

import msgspec
import pytest

from telecared.config.homes import Surroundings, read_homes
from telecared.core.conditions.base import value_test
from telecared.core.directory import Directory
from telecared.core.streams import StreamMessage, parse_stamp
from telecared.core.vocabulary import DAY, HOUR, PROPERTIES, SECOND, DeviceKind, Instant, Value
from telecared.sim.furnishing import Furnisher, bound
from telecared.sim.habits import REAL, Habits, Speaker, Told
from telecared.sim.happenings import parse_happening
from telecared.sim.replay import replay_stream
from telecared.sim.residents import Outfit, home_stream, street_stream
from telecared.sim.routine import Act, Resident
from telecared.sim.street import homes_yaml, make_street
from tests.sim.shipping import shipped_plan
from tests.sim.shipping import shipped_profiles as profiles
from tests.sim.test_wire import furnisher

START = parse_stamp("2026-03-02T06:30:00Z")
ADA = Resident(home="larch-12", scheme="northside")
ALWAYS = Habits(
    caches=True, repeats=3, copies=4, blanks=True, quotes=1.0, wrong_clocks=0, late=1.0, twice=1.0,
    wills=1.0, kept=True,
)  # fmt: skip


def told(
    profile: str, kind: DeviceKind, acts: Iterable[Act], habits: Habits | None
) -> tuple[list[Told], Directory]:
    """What a device sends for some acts, and the directory that decodes it."""
    form = furnisher().form(profile, kind)
    assert form is not None
    binding = bound(form, profile, "northside", "larch-12", "it", kind, 0x5F2A)
    speaker = Speaker(binding, furnisher().encoder(binding), habits, "seed")
    messages = [message for act in acts for message in speaker.tell(act, act.at + HOUR)]
    return sorted(messages, key=lambda each: each.at), Directory([binding], profiles())


def meant(messages: Iterable[Told], directory: Directory) -> dict[str, list[Value]]:
    """Per property what changes, and each momentary value once for all within a burst."""
    found: dict[str, list[Value]] = {}
    last: dict[str, Instant] = {}
    for message in messages:
        resolved = directory.resolve(message.topic, message.payload)
        assert resolved.decoded.error is None
        for reading in resolved.decoded.readings:
            name = reading.property
            known = found.setdefault(name, [])
            again = PROPERTIES[name].momentary and message.at - last.get(name, 0) > 3 * SECOND
            if again or not known or known[-1] != reading.value:
                known.append(reading.value)
            last[name] = message.at
    return found


DOOR = [
    Act(START, "it", {"contact": "closed", "battery": 81.0}),
    Act(START + 60 * SECOND, "it", {"contact": "open"}),
    Act(START + 80 * SECOND, "it", {"contact": "closed"}),
    Act(START + 3 * HOUR, "it", {"battery": 80.0}),
]
PENDANT = [Act(START + number * HOUR, "it", {"trigger": "pressed"}) for number in range(3)]


@pytest.mark.parametrize("profile", sorted(set(profiles()) - {"fall-radar"}))
def test_more_is_said_and_the_same_is_meant(profile: str) -> None:
    """A door and a pendant with every habit there is, decoded next to ones without any."""
    for kind, acts in (
        (DeviceKind.DOOR_SENSOR, DOOR),
        (DeviceKind.PERSONAL_TRIGGER, PENDANT),
    ):
        if furnisher().form(profile, kind) is None:
            continue
        plain, directory = told(profile, kind, acts, None)
        real, _ = told(profile, kind, acts, ALWAYS)
        assert len(real) > len(plain)
        of_plain, of_real = meant(plain, directory), meant(real, directory)
        of_real.pop("link", None)
        of_plain.pop("link", None)
        assert of_real == of_plain


def test_zigbee_repeats_all_it_knows_with_every_update() -> None:
    """As captures show: the battery report brings the contact along, and most contacts are old."""
    messages, _ = told("zigbee2mqtt", DeviceKind.DOOR_SENSOR, DOOR, REAL["zigbee2mqtt"])
    contacts = [message for message in messages if b'"contact"' in message.payload]
    assert len(contacts) > 4
    assert b'"contact":true' in messages[-1].payload
    assert b'"battery"' in messages[-1].payload


def test_a_button_sends_empty_fields_after_a_press() -> None:
    """`action: null` and `action: ""` beside `emergency`."""
    messages, _ = told("zigbee2mqtt", DeviceKind.PERSONAL_TRIGGER, PENDANT, REAL["zigbee2mqtt"])
    empty = Counter(b'"action":null' in each.payload for each in messages)
    assert empty[True] >= 3


def test_a_receiver_hears_a_press_up_to_eight_times_within_two_seconds() -> None:
    """The copies are equal, and inside the burst window."""
    messages, _ = told("rtl_433", DeviceKind.PERSONAL_TRIGGER, PENDANT[:1], Habits(copies=8))
    assert 1 <= len(messages) <= 9
    assert len({message.payload for message in messages}) == 1
    assert messages[-1].at - messages[0].at < 2 * SECOND


def test_a_wrong_clock_is_wrong_beyond_belief() -> None:
    """Hours ahead, weeks old or from 1970: never a time that might be the right one."""
    wrong = Habits(wrong_clocks=1.0)
    errors = set()
    for number in range(40):
        form = furnisher().form("zigbee2mqtt", DeviceKind.DOOR_SENSOR)
        assert form is not None
        binding = bound(form, "zigbee2mqtt", "n", "h", "it", DeviceKind.DOOR_SENSOR, number)
        speaker = Speaker(binding, furnisher().encoder(binding), wrong, f"seed {number}")
        message = speaker.tell(DOOR[1], DOOR[1].at + HOUR)[0]
        seen = msgspec.json.decode(message.payload, type=dict[str, object])["last_seen"]
        error = parse_stamp(str(seen)) - message.at
        assert error > 50 * 60 * SECOND or error < -7 * DAY
        errors.add(error > 0)
    assert errors == {True, False}


def street_of(choice: str, seed: int) -> Outfit:
    """One home with makers' sensors and real habits."""
    maker = Furnisher(profiles(), choice, seed)
    return Outfit(maker, {"larch-12": maker.furnish("northside", "larch-12")}, real=True)


def stream(days: float, outfit: Outfit) -> list[StreamMessage]:
    """The messages of one home."""
    end = START + int(days * DAY)
    return list(home_stream(ADA, (), start=START, end=end, seed=3, outfit=outfit))


def test_a_stream_with_habits_repeats_and_a_longer_one_begins_the_same() -> None:
    """Whatever devices repeat or delay, the end of the simulation does not show before it."""
    outfit = street_of("mixed", 3)
    day = stream(1, outfit)
    assert day == stream(1, street_of("mixed", 3))
    times = [message.tst or 0 for message in day]
    assert times == sorted(times)
    longer = stream(1.5, outfit)
    assert longer[: len(day)] == day
    assert len(longer) > len(day)


def test_clean_and_real_devices_raise_the_same_alerts() -> None:
    """The same lives through the shipped rules: habits change messages, never meaning."""
    maker = Furnisher(profiles(), "mixed", 11)
    street = make_street(2, furnisher=maker, seed=11)
    loaded = shipped_plan()
    around = Surroundings(sources=loaded.sources, profiles=loaded.profiles.keys())
    homes = read_homes(homes_yaml(street), "homes.yaml", around).homes
    devices = {household.home: household.devices for household in street}
    residents = {household.home: household.resident for household in street}
    events = [
        parse_happening(text, residents[home])
        for home, text in (
            ("larch-12", "fall-pendant@2026-03-02T10:15"),
            ("larch-12", "flood@2026-03-02T16:15"),
            ("larch-14", "smoke@2026-03-02T12:15"),
            ("larch-14", "mains-lost@2026-03-02T17:15"),
        )
    ]
    found = []
    for real in (False, True):
        messages = street_stream(
            list(residents.values()),
            lambda resident: [one for one in events if one.home == resident.home],
            start=START,
            end=START + DAY // 2,
            seed=11,
            outfit=Outfit(maker, devices, real),
        )
        lines = replay_stream(messages, homes=homes, loaded=loaded, phones={}, seen_to=HOUR)
        opened = [line for line in lines if line.event == "alert.opened"]
        found.append(Counter(f"{line.home} {line.rule}" for line in opened))
    assert found[0] == found[1]
    assert sum(found[0].values()) >= 4


def test_a_battery_is_told_as_word_or_number_as_the_device_knows_it() -> None:
    """Who only knows words says low and later ok; nobody says low for ever."""
    for profile in profiles():
        form = furnisher().form(profile, DeviceKind.SMOKE_DETECTOR)
        if form is None or form.by_codes:
            continue
        levels: tuple[str | float, ...] = (81.0, "low", 100.0)
        acts = [
            Act(START + number * HOUR, "it", {"battery": level})
            for number, level in enumerate(levels)
        ]
        messages, directory = told(profile, DeviceKind.SMOKE_DETECTOR, acts, None)
        heard = meant(messages, directory).get("battery", [])
        low = value_test(("low",))
        assert [low(level) for level in heard] in ([], [False, True, False]), profile

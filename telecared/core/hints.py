"""What a name lets one guess: a device's kind and its place, from the words people call things.

The only table of such words. Used for devices that nobody registered and for proposals to
register them; a registered device is what its entry says, never what it is called.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from telecared.core.vocabulary import DeviceKind

_T = TypeVar("_T")

MAX_NAME: Final = 200
"""Letters of a name that are looked at."""

_KIND_WORDS: Final[Mapping[DeviceKind | None, str]] = {
    # The most dangerous first: of several hits in one name the earlier line wins.
    DeviceKind.FIXED_TRIGGER: "pull cord, pullcord, pull switch, nurse call, call point",
    DeviceKind.PERSONAL_TRIGGER: (
        "sos, panic, pendant, emergency, help, necklace, neckpendant, distress, duress, mayday,"
        " personal alarm, call for help, sosbutton, panicbutton, wrist alarm, lifeline, careline,"
        " call button, alarm button, alert button, medical alarm, medical alert, notruf, notfall,"
        " hausnotruf, notrufknopf, notfallknopf, alarmknopf, hilferuf, urgence, emergencia,"
        " emergenza, socorro, noodknop, alarmknop"
    ),
    DeviceKind.FALL_DETECTOR: "fall, falls, fallen, falling, falldown, fall detector",
    DeviceKind.SMOKE_DETECTOR: "smoke, fire, smokealarm, smoke detector, rauchmelder",
    DeviceKind.CARBON_MONOXIDE_DETECTOR: "co, carbon monoxide, carbonmonoxide, monoxide",
    DeviceKind.GAS_DETECTOR: "gas, lpg, methane, natural gas",
    DeviceKind.HEAT_DETECTOR: "heat, heat alarm, heat detector",
    DeviceKind.EPILEPSY_MONITOR: "seizure, epilepsy, epileptic, convulsion",
    DeviceKind.BOGUS_CALLER_BUTTON: "bogus caller, bogus",
    DeviceKind.FLOOD_DETECTOR: "leak, leakage, flood, flooding, water, water leak, waterleak",
    DeviceKind.ENURESIS_MONITOR: "enuresis, incontinence, bed wetting, wet bed",
    DeviceKind.BED_MONITOR: "bed, mattress, bed sensor, bedsensor, bed mat, bed occupancy",
    DeviceKind.CHAIR_MONITOR: "chair, armchair, recliner, chair occupancy",
    DeviceKind.MEDICATION_DISPENSER: ("pill, medication, medicine, dispenser, pillbox, meds"),
    DeviceKind.DOOR_SENSOR: (
        "door, window, contact, magnet, gate, drawer, cupboard, doorsensor, frontdoor, backdoor,"
        " reed, fire door, medicine door, medicine cupboard, bed door, fire exit, fire escape,"
        " emergency exit, emergency door"
    ),
    DeviceKind.OCCUPANCY_DETECTOR: "presence, radar, mmwave, room occupancy",
    DeviceKind.ACTIVITY_DETECTOR: "motion, pir, occupancy, movement, motionsensor",
    DeviceKind.TRACKER: "tracker, gps, geolocation, device tracker",
    DeviceKind.VIBRATION_SENSOR: "vibration, shock, vibration sensor",
    DeviceKind.APPLIANCE_MONITOR: (
        "kettle, plug, socket, toaster, microwave, cooker, oven, television, tv, smart plug,"
        " water kettle, gas cooker, water boiler"
    ),
    DeviceKind.TEMPERATURE_SENSOR: (
        "temp, temperature, thermometer, climate, thermostat, water temperature"
    ),
    DeviceKind.ALARM_UNIT: "alarm unit, hub, bridge, gateway, base station, coordinator",
    # What holds such a word and is nothing of the kind.
    None: (
        "carbon dioxide, emergency light, emergency lights, emergency lighting, help text,"
        " fire tv, fire stick, fire place, flood light, flood lights, gas meter, water meter,"
        " water heater, water pump, bed light, bed lamp, bed lights, door bell, window blind,"
        " window shutter, window cover, heat index, heat demand, heat pump, fall back"
    ),
}

_ITSELF: Final = (
    "battery, battery level, battery state, battery low, low battery, voltage, linkquality,"
    " link quality, lqi, rssi, signal strength, signal level, wifi signal, last seen, uptime,"
    " firmware, version, update, update available, identify, restart, reboot, tamper, test,"
    " self test, led, mute, siren, buzzer, volume, sensitivity, enabled, connected, connectivity,"
    " sensor status, detector status, button status, pendant status, ip address, ssid"
)
"""How names end that speak of a device itself, such as the battery of a pendant. One machine's
bridge makes an entity of each, and `on` of such a one is no alarm."""

_PLACE_WORDS: Final[Mapping[str, str]] = {
    "front-door": "front door, frontdoor, main door, entrance door, entry door",
    "back-door": "back door, backdoor, rear door, patio door, garden door",
    "living-room": "living room, livingroom, lounge, sitting room, front room",
    "dining-room": "dining room, diningroom",
    "bathroom": "bathroom, bath, shower, bath room, wet room",
    "toilet": "toilet, wc, loo, lavatory",
    "bedroom": "bedroom, bed room, bedside, master bedroom",
    "kitchen": "kitchen, kitchenette",
    "hall": "hall, hallway, corridor, landing",
    "entrance": "entrance, entry, porch, vestibule",
    "stairs": "stairs, staircase, stairway",
    "garage": "garage",
    "garden": "garden, patio",
    "cellar": "cellar, basement",
    "attic": "attic, loft",
    "office": "office, study",
    "utility-room": "utility room, laundry, laundry room",
}

_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD: Final = re.compile(r"co2|[^\W\d_]+|\d+")


def _table(source: Mapping[DeviceKind | None, str]) -> dict[tuple[str, ...], int]:
    """Return each phrase with its rank: the line that it stands in."""
    return {
        tuple(phrase.split()): rank
        for rank, phrases in enumerate(source.values())
        for phrase in phrases.split(",")
    }


_KINDS: Final = tuple(_KIND_WORDS)
_KIND_TABLE: Final = _table(_KIND_WORDS)
_PLACES: Final[Mapping[tuple[str, ...], str]] = {
    tuple(phrase.split()): place
    for place, phrases in _PLACE_WORDS.items()
    for phrase in phrases.split(",")
}
_ABOUT: Final = frozenset(tuple(phrase.split()) for phrase in _ITSELF.split(","))
_LONGEST: Final = max(len(phrase) for phrase in (*_KIND_TABLE, *_PLACES))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a name, case-folded: `SosButton_2` is sos, button, 2."""
    return tuple(_WORD.findall(_JOINED.sub(" ", text[:MAX_NAME]).casefold()))


def kind_of_name(text: str) -> DeviceKind | None:
    """Return the kind of device that a name, a model or a description speaks of.

    Whole words only. A longer phrase covers the words in it (a fire door is a door); of several
    that are left the most dangerous wins. None when no word is known.
    """
    best: int | None = None
    for rank in _hits(words_of(text), _KIND_TABLE):
        if _KINDS[rank] is not None and (best is None or rank < best):
            best = rank
    return None if best is None else _KINDS[best]


def is_about_itself(text: str) -> bool:
    """Whether a name ends as those do that speak of a device itself: `pendant_battery`."""
    words = words_of(text)
    return any(words[-length:] in _ABOUT for length in (1, 2) if length <= len(words))


def place_of_name(text: str) -> str | None:
    """Return the place that a name speaks of, as homes write it in `location`, or None.

    Of several the first: `bedroom_door` is in the bedroom, `front door hall` at the front door.
    """
    found = _hits(words_of(text), _PLACES)
    return found[0] if found else None


def _hits(words: tuple[str, ...], table: Mapping[tuple[str, ...], _T]) -> list[_T]:
    """Return what the phrases in `words` stand for; the longest from each word on, in order."""
    found: list[_T] = []
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST, len(words) - start), 0, -1):
            hit = _phrase(words[start : start + length], table)
            if hit is not None:
                found.append(hit)
                start += length
                break
        else:
            start += 1
    return found


def _phrase(words: tuple[str, ...], table: Mapping[tuple[str, ...], _T]) -> _T | None:
    """Look a phrase up, its last word also without a plural's s."""
    hit = table.get(words)
    if hit is None and words[-1].endswith("s"):
        return table.get((*words[:-1], words[-1][:-1]))
    return hit

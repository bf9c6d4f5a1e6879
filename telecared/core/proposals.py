"""What a stream tells about devices that could be registered, with the reasons.

From announcements (`discovery`), from plain messages and from names; and the command that
registers one. Nothing is registered here: whoever runs the command has looked at it.
"""

import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from telecared.core.directory import Directory
from telecared.core.discovery import TELLING, Announced, announced
from telecared.core.hints import kind_of_name, place_of_name
from telecared.core.profiles import OPPOSITES, DeviceBinding
from telecared.core.resolved import Resolved
from telecared.core.vocabulary import DeviceKind, Instant

MAX_PROPOSALS: Final = 1_000
"""More devices than these are not proposed at once."""

BARE: Final = "homeassistant"
"""The profile that reads a bare state, for a topic that discovery announces and none knows."""

MAX_ID: Final = 40
"""Letters of a proposed id."""

TOLD_BY: Final[Mapping[str, DeviceKind]] = {
    # The kind of a device that tells such a property; the most dangerous first.
    "trigger": DeviceKind.PERSONAL_TRIGGER,
    "fall": DeviceKind.FALL_DETECTOR,
    "smoke": DeviceKind.SMOKE_DETECTOR,
    "co": DeviceKind.CARBON_MONOXIDE_DETECTOR,
    "gas": DeviceKind.GAS_DETECTOR,
    "heat": DeviceKind.HEAT_DETECTOR,
    "seizure": DeviceKind.EPILEPSY_MONITOR,
    "water": DeviceKind.FLOOD_DETECTOR,
    "enuresis": DeviceKind.ENURESIS_MONITOR,
    "medication": DeviceKind.MEDICATION_DISPENSER,
    "occupancy": DeviceKind.BED_MONITOR,
    "contact": DeviceKind.DOOR_SENSOR,
    "presence": DeviceKind.OCCUPANCY_DETECTOR,
    "motion": DeviceKind.ACTIVITY_DETECTOR,
    "location": DeviceKind.TRACKER,
    "vibration": DeviceKind.VIBRATION_SENSOR,
    "appliance": DeviceKind.APPLIANCE_MONITOR,
    "power": DeviceKind.APPLIANCE_MONITOR,
    "temperature": DeviceKind.TEMPERATURE_SENSOR,
}

BETTER_NAMED: Final[Mapping[DeviceKind, tuple[DeviceKind, ...]]] = {
    # What a device tells leaves open which of these it is: then its name decides.
    DeviceKind.PERSONAL_TRIGGER: (DeviceKind.FIXED_TRIGGER, DeviceKind.BOGUS_CALLER_BUTTON),
    DeviceKind.ACTIVITY_DETECTOR: (
        DeviceKind.BED_MONITOR,
        DeviceKind.CHAIR_MONITOR,
        DeviceKind.OCCUPANCY_DETECTOR,
    ),
    DeviceKind.OCCUPANCY_DETECTOR: (
        DeviceKind.BED_MONITOR,
        DeviceKind.CHAIR_MONITOR,
        DeviceKind.FALL_DETECTOR,
    ),
    DeviceKind.BED_MONITOR: (DeviceKind.CHAIR_MONITOR,),
    DeviceKind.VIBRATION_SENSOR: (DeviceKind.BED_MONITOR, DeviceKind.CHAIR_MONITOR),
    DeviceKind.FLOOD_DETECTOR: (DeviceKind.ENURESIS_MONITOR,),
}

_NO_NAME: Final = re.compile(r"(0x)?[0-9a-f]{6,}|[\d-]*", re.ASCII)


class Heard(msgspec.Struct, frozen=True):
    """One message of a stream."""

    topic: str
    payload: bytes
    at: Instant = 0


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A device that could be registered.

    Attributes:
        id: for its entry; unlike every other of the same list.
        kind, profile, topic, address, model, serial, location, invert: as in its entry.
        scheme: where its topic says it stands, or None.
        home: likewise.
        tells: the properties that it told, or that its bridge says it has.
        why: sentences with the reasons, for people.
        is_neighbour: only heard by a receiver that hears the whole neighbourhood, without an alarm.
    """

    id: str
    kind: DeviceKind
    profile: str
    topic: str
    address: str | None = None
    model: str | None = None
    serial: str | None = None
    location: str | None = None
    invert: tuple[str, ...] = ()
    scheme: str | None = None
    home: str | None = None
    tells: tuple[str, ...] = ()
    why: str = ""
    is_neighbour: bool = False


class _Case:
    """What has been found about one device."""

    def __init__(self, topic: str, address: str | None) -> None:
        self.topic = topic
        self.address = address
        self.names: dict[str, None] = {}
        self.tells: dict[str, None] = {}
        self.kinds: list[DeviceKind] = []
        self.alarms: dict[str, bool] = {}
        self.reasons: dict[str, None] = {}
        self.is_button = False
        self.is_bare = False
        self.is_alarm = False
        self.is_neighbour = True
        self.profile: str | None = None
        self.model: str | None = None
        self.serial: str | None = None
        self.area: str | None = None
        self.scheme: str | None = None
        self.home: str | None = None


def propose(heard: Sequence[Heard], directory: Directory) -> tuple[Proposal, ...]:
    """Return the devices that `directory` does not know: alarms first, mere neighbours last.

    Otherwise in the order they were first heard of. A device is proposed when a profile knows how
    to read it and it tells something, or its name says what it is. Never raises, whatever was
    heard.
    """
    cases: dict[tuple[str, str | None], _Case] = {}
    newest = {one.topic: number for number, one in enumerate(heard)}
    for number, one in enumerate(heard):
        told = announced(one.topic, one.payload)
        if told is not None and number < newest[one.topic]:
            continue  # since then a device may have gone, or got another name
        if told is None:
            found = directory.resolve(one.topic, one.payload, one.at or None)
            for each in (found, *found.more):
                _note_heard(cases, one, each)
        for said in told or ():
            _note_announced(_case(cases, *_topic_of(said, directory)), said)
    proposals: dict[str, Proposal] = {}
    # Whom the neighbourhood's hundreds would push off the end of the list is whom it is for.
    for case in sorted(cases.values(), key=lambda one: (not one.is_alarm, one.is_neighbour)):
        proposal = _proposal(case, directory) if len(proposals) < MAX_PROPOSALS else None
        if proposal is not None:
            own = _own_id(proposal.id, proposals)
            proposals[own] = msgspec.structs.replace(proposal, id=own)
    return tuple(proposals.values())


def adopt_line(proposal: Proposal, home: str) -> str:
    """Return the command that registers it, quoted for a shell; NAME stands for whoever runs it."""
    options: list[tuple[str, str | None]] = [
        ("--id", proposal.id),
        ("--kind", proposal.kind.value),
        ("--profile", proposal.profile),
        ("--address", proposal.address),
        ("--location", proposal.location),
        ("--model", proposal.model),
        ("--serial", proposal.serial),
        *(("--invert", name) for name in proposal.invert),
    ]
    words = ["telecared", "adopt", home, proposal.topic]
    for option, value in options:
        if value is not None:
            words += [option, value]
    return shlex.join(words) + " --by NAME"


# --- finding ----------------------------------------------------------------------------------


def _case(cases: dict[tuple[str, str | None], _Case], topic: str, address: str | None) -> _Case:
    return cases.setdefault((topic, address), _Case(topic, address))


def _note_heard(cases: dict[tuple[str, str | None], _Case], one: Heard, found: Resolved) -> None:
    """Note what a message of an unregistered device tells."""
    decoded = found.decoded
    if found.binding is not None or found.ignored or found.profile is None:
        return
    topic, address = _own(one.topic, found)
    case = _case(cases, topic, address)
    case.profile = case.profile or found.profile
    case.scheme = case.scheme or decoded.scheme
    case.home = case.home or decoded.home
    case.serial = case.serial or decoded.identity
    case.names[decoded.device or topic.rpartition("/")[2]] = None
    told = dict.fromkeys(each.property for each in decoded.readings)
    case.tells.update(told)
    case.reasons["it speaks on this topic"] = None
    case.is_alarm = case.is_alarm or decoded.life_safety
    case.is_neighbour = case.is_neighbour and found.quiet


def _own(topic: str, found: Resolved) -> tuple[str, str | None]:
    """Return a stranger's own topic, and its address where it shares the topic."""
    named = found.stranger or topic
    if topic == named or topic.startswith(f"{named}/"):
        return named, None
    own = named.removesuffix(f" {found.decoded.device}")
    return own, found.decoded.device


def _topic_of(said: Announced, directory: Directory) -> tuple[str, None]:
    """Return the own topic of an announced device: an entity may speak on one below it."""
    if said.profile is not None:
        return said.topic, None
    return _own(said.topic, directory.resolve(said.topic, b""))[0], None


def _note_announced(case: _Case, said: Announced) -> None:
    """Note what a bridge says of a device."""
    case.is_neighbour = False
    case.profile = said.profile or case.profile
    case.model = case.model or said.model
    case.serial = case.serial or said.serial
    case.area = case.area or said.area
    case.is_button = case.is_button or said.is_button
    case.is_bare = case.is_bare or said.is_bare
    case.alarms.update(said.alarms)
    case.names[said.name] = None
    for word in said.says:
        name, kind = TELLING[word]
        case.tells[name] = None
        if kind is not None:
            case.kinds.append(kind)
    model = f" as {said.model}" if said.model else ""
    case.reasons[f"{said.by} lists it{model}"] = None


# --- judging ----------------------------------------------------------------------------------


def _proposal(case: _Case, directory: Directory) -> Proposal | None:
    """Return what is proposed for a case; None when it is registered, or means nothing here."""
    known = directory.resolve(case.topic, b"")
    if known.binding is not None or known.ignored:
        return None
    profile = case.profile or known.profile or (BARE if case.is_bare else None)
    if profile is None:
        return None
    name = " / ".join(case.names)
    named = kind_of_name(name)
    kind = _kind(case, named)
    if kind is DeviceKind.OTHER and not case.tells and not case.is_button:
        return None
    place = place_of_name(name) or (place_of_name(case.area) if case.area else None)
    invert = _inverted(case, profile, kind, directory)
    return Proposal(
        id=_id(case, kind),
        kind=kind,
        profile=profile,
        topic=case.topic,
        address=case.address,
        model=case.model,
        serial=case.serial,
        location=place,
        invert=invert,
        scheme=case.scheme or known.decoded.scheme,
        home=case.home or known.decoded.home,
        tells=tuple(case.tells),
        why=_why(case, named if named is kind else None, place, invert),
        is_neighbour=case.is_neighbour,
    )


def _kind(case: _Case, named: DeviceKind | None) -> DeviceKind:
    """Return the kind by what it tells, or by its name where that leaves it open."""
    told = {*case.kinds, *(TOLD_BY[each] for each in case.tells if each in TOLD_BY)}
    kind = next((each for each in TOLD_BY.values() if each in told), None)
    if kind is None:
        return named or DeviceKind.OTHER
    return named if named is not None and named in BETTER_NAMED.get(kind, ()) else kind


def _inverted(case: _Case, profile: str, kind: DeviceKind, directory: Directory) -> tuple[str, ...]:
    """Return the properties that the profile would read the wrong way round.

    The value which the bridge says means open, or wet, is read as the device's would be.
    """
    found: list[str] = []
    binding = DeviceBinding("home", "device", kind, profile, case.topic, model=case.model)
    alone = directory.alone(binding)
    for key, value in case.alarms.items():
        decoded = alone.resolve(case.topic, msgspec.json.encode({key: value})).decoded
        found.extend(
            each.property
            for each in decoded.readings
            if each.property in ("contact", "water")
            and each.value == OPPOSITES[each.property][1]
            and each.property not in found
        )
    return tuple(found)


def _why(case: _Case, named: DeviceKind | None, place: str | None, invert: tuple[str, ...]) -> str:
    """Return the reasons as sentences."""
    sentences = list(case.reasons)
    if case.tells:
        sentences.append(f"it tells {_and(case.tells)}")
    if named is not None:
        sentences.append(f"its name speaks of a {named.value.replace('_', ' ')}")
    if place is not None:
        sentences.append(f"its name or area speaks of the {place.replace('-', ' ')}")
    if invert:
        sentences.append(f"it tells {_and(invert)} the other way round, says the bridge")
    return " ".join(f"{each[0].upper()}{each[1:]}." for each in sentences)


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


# --- naming -----------------------------------------------------------------------------------


def _id(case: _Case, kind: DeviceKind) -> str:
    """Return an id from the name that people gave it; from its kind where that is a number."""
    first = next(iter(case.names)).split(" / ")[0]
    plain = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:MAX_ID].rstrip("-")
    return kind.value.replace("_", "-") if _NO_NAME.fullmatch(slug) else slug


def _own_id(wanted: str, taken: Mapping[str, object]) -> str:
    """Return an id that is not taken yet."""
    number, own = 2, wanted
    while own in taken:
        own, number = f"{wanted}-{number}", number + 1
    return own

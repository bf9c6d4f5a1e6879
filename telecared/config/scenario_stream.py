"""The `stream` of a scenario: readings, people's commands, outages and phones that change.

One entry of YAML becomes one happening or several (`every`, `for`, the end of an outage). What
happens then is up to the rules; the file around it is `scenarios`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from telecared.config.moments import Origin, parse_moment, parse_stamp_of_device
from telecared.config.parts import Part, flag, text, whole_number
from telecared.config.positions import nearest
from telecared.config.scenario_format import (
    Happening,
    Ordered,
    PhoneChanged,
    Place,
    Told,
    Trouble,
)
from telecared.config.scenario_orders import COMMANDS, Person, Read, positive
from telecared.core.plan import HomeRecord
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.profiles import OPPOSITES
from telecared.core.readings import Reading, accepted_value
from telecared.core.vocabulary import PROPERTIES, Instant, Value

MAX_HAPPENINGS: Final = 100_000
"""Happenings of one scenario, repeats included; a longer stream is a recording for `replay`."""

PhoneReader = Callable[[object], object]
"""Checks how a phone's behaviour is written; raises ConfigError with sentences."""


class StreamReader:
    """Reads the entries of one scenario's stream.

    Attributes:
        happenings: what has been read, in the order of the file.
    """

    def __init__(self, home: HomeRecord, origin: Origin, phone: PhoneReader) -> None:
        self._home = home
        self._devices = {device.id: device for device in home.devices}
        self._contacts = {contact.id: contact for contact in home.contacts}
        self._origin = origin
        self._phone = phone
        self.happenings: list[Happening] = []

    def entry(self, part: Part) -> None:
        """Read one entry; what is wrong with it is noted in its part."""
        at = part.need("at", lambda value: parse_moment(value, self._origin), "at: +10s")
        known = [*COMMANDS, "device", "outage", "stopped", "phone"]
        kinds = [key for key in known if key in part.raw]
        if len(kinds) != 1:
            told = "says nothing that happens" if not kinds else f"is {' and '.join(kinds)} at once"
            strange = [str(key) for key in part.raw if key not in ("at", *kinds)]
            hint = nearest(strange[0], known) if strange and not kinds else "one thing an entry"
            part.wrong(f"the entry {told}; {hint}")
            return
        kind = kinds[0]
        # Read on without a moment, so that all problems of the entry come at once.
        moment = self._origin.start if at is None else at
        read = COMMANDS.get(kind)
        if read is not None:
            self._command(part, moment, read)
        else:
            {
                "device": self._device,
                "outage": self._trouble,
                "stopped": self._trouble,
                "phone": self._phone_changed,
            }[kind](part, moment)
        part.close()

    def _add(self, part: Part, *happenings: Happening) -> None:
        if len(self.happenings) + len(happenings) > MAX_HAPPENINGS:
            part.wrong(f"more than {MAX_HAPPENINGS} happenings; write a shorter scenario")
        else:
            self.happenings += happenings

    def _at(self, part: Part, at: Instant, what: Told | Ordered | PhoneChanged | Trouble) -> None:
        self._add(part, Happening(at, Place(part.document.name, *part.position), what))

    # --- devices --------------------------------------------------------------------------------

    def _device(self, part: Part, at: Instant) -> None:
        device = part.get("device", self._known_device, "")
        values = {key: part.get(key, _value_of(key), None) for key in PROPERTIES if part.has(key)}
        if not values:
            part.wrong("the device tells nothing; write what, like trigger: pressed", "device")
        stamp = part.raw.get("stamp")
        part.get("stamp", lambda value: parse_stamp_of_device(value, at, self._origin), None)
        retained = part.get("retained", flag, False)
        history = part.get("history", flag, False)
        seq = part.get("seq", whole_number(0, 2**63 - 1), None)
        lasts = part.get("for", positive, None)
        after = _opposite(part, values) if lasts is not None else {}
        every = part.get("every", positive, None)
        times = part.get("times", whole_number(1, MAX_HAPPENINGS), 1)
        if ("every" in part.raw) != ("times" in part.raw):
            part.wrong("every and times belong together; write every: 30m, times: 12")
        if part.problems:
            return
        own = None if stamp is None else lambda at: parse_stamp_of_device(stamp, at, self._origin)
        place = Place(part.document.name, *part.position)
        found = []
        for number in range(times):
            for later, told in ((0, values), (lasts or 0, after)):
                if told:
                    moment = at + number * (every or 0) + later
                    what = Told(
                        device=device,
                        readings=_readings(device, told, own and own(moment), history=history),
                        retained=retained,
                        seq=None if seq is None else seq + number,
                    )
                    found.append(Happening(moment, place, what, number > 0))
        self._add(part, *found)

    def _known_device(self, value: object) -> str:
        if not isinstance(value, str) or value not in self._devices:
            hint = nearest(str(value), self._devices)
            raise ValueError(f"{self._home.id} has no device '{value}'; {hint}")
        return value

    # --- people ---------------------------------------------------------------------------------

    def _command(self, part: Part, at: Instant, read: Read) -> None:
        by = part.need("by", text, "by: and the name or contact id of who does it") or "nobody"
        contact = by if by in self._contacts else None
        name = self._contacts[by].name if contact else by
        ordered = read(part, Person(name, contact, at, self._origin))
        if ordered is not None:
            self._at(part, at, ordered)

    def _phone_changed(self, part: Part, at: Instant) -> None:
        contact = part.get("phone", self.known_phone, "")
        if part.need("does", self._phone, "does: silent") is not None:
            self._at(part, at, PhoneChanged(contact, part.raw["does"]))

    def known_phone(self, value: object) -> str:
        """Return a contact of the home, or the monitoring centre. Raises ValueError."""
        known = (*self._contacts, MONITORING_CENTRE)
        if not isinstance(value, str) or value not in known:
            raise ValueError(
                f"{self._home.id} has no contact '{value}'; {nearest(str(value), known)}"
            )
        return value

    # --- what fails -----------------------------------------------------------------------------

    def _trouble(self, part: Part, at: Instant) -> None:
        kind = "outage" if "outage" in part.raw else "stopped"
        lasts = part.get(kind, positive, 1)
        begins, ends = _TROUBLES[kind]
        self._at(part, at, begins)
        self._at(part, at + lasts, ends)


def _readings(
    device: str, told: Mapping[str, Value | None], stamp: Instant | None, *, history: bool
) -> tuple[Reading, ...]:
    return tuple(
        Reading(device, name, value, stamp, history=history)
        for name, value in told.items()
        if value is not None
    )


_TROUBLES: Final = {
    "outage": (Trouble.LINK_LOST, Trouble.LINK_BACK),
    "stopped": (Trouble.STOPPED, Trouble.STARTED),
}


def overlapping(happenings: list[Happening]) -> Happening | None:
    """Return the first trouble that begins before the one before it is over."""
    running = False
    for one in happenings:
        if one.what in (Trouble.LINK_LOST, Trouble.STOPPED):
            if running:
                return one
            running = True
        elif one.what in (Trouble.LINK_BACK, Trouble.STARTED):
            running = False
    return None


def _value_of(name: str) -> Callable[[object], Value]:
    def read(value: object) -> Value:
        found = accepted_value(name, value)
        if found is None:
            spec = PROPERTIES[name]
            wanted = nearest(str(value), spec.values) if spec.values else "write a number"
            if name == "location":
                wanted = "write [latitude, longitude]"
            raise ValueError(f"{name} is never '{value}'; {wanted}")
        return found

    return read


def _opposite(part: Part, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the device tells when `for` has passed: the other word of each property."""
    found = {}
    for name, value in values.items():
        pair: tuple[object, ...] = OPPOSITES.get(name, ())
        if name == "fall":
            pair = (value, "clear")
        if value is not None and value not in pair:
            part.wrong(f'"for" is for what lasts, and {name} does not; remove it', "for", key=True)
        elif value is not None:
            found[name] = pair[1] if value == pair[0] else pair[0]
    return found

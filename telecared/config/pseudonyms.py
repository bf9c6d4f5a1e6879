"""Recordings that others may see: names, serials and places replaced, what profiles read kept.

One `Pseudonyms` is one recording: the same name gives the same stand-in in topics, keys and
values, and without the salt nobody can tell which. Reading and writing files is the caller's part.
"""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from telecared.config.displaced import Displaced
from telecared.config.readable import Readable, readable
from telecared.config.stand_ins import speaking_of, token
from telecared.core.profiles import Path, Profile
from telecared.core.streams import StreamMessage
from telecared.core.topics import TopicPattern

SMALL: Final = 100
"""Whole numbers below this name a channel or a zone, not a device: they stay."""

MANY_DIGITS: Final = 10**6
"""Whole numbers from here on, in fields that no profile reads, may be somebody's serial number."""

MAX_DEPTH: Final = 40
"""Deeper JSON is left out: it is nothing that a device sends."""

LONGEST_KEPT: Final = 40
"""A longer text is no word of a maker's, whatever field it stands in."""

_IDENTITIES: Final = frozenset(
    {
        "serial", "serial_number", "serialnumber", "sn", "mac", "macaddress", "mac_address",
        "bssid", "ieee", "ieee_address", "ieeeaddr", "dev_eui", "deveui", "devaddr",
        "dev_addr", "join_eui", "joineui", "app_eui", "imei", "imsi", "iccid", "uid",
        "uuid", "gatewayid", "gateway_id", "phone", "number", "code", "pin", "address",
        "network_address",
    }
)  # fmt: skip
"""Fields that name a device or a person wherever they stand, case-folded."""

_MAKERS: Final = frozenset(
    {
        "model", "model_id", "modelid", "model_number", "manufacturer", "vendor", "brand",
        "type", "subtype", "device_type", "device_class", "unit_of_measurement", "unit",
        "protocol", "sw_version", "software_build_id", "power_source", "component",
        "state_class", "method", "event", "source", "mdl", "mf", "dev_cla", "unit_of_meas",
    }
)  # fmt: skip
"""Fields that tell of a make and not of a person."""

_COORDINATES: Final = frozenset(
    {
        "latitude", "longitude", "lat", "lon", "lng", "long", "gps_latitude",
        "gps_longitude", "coordinates",
    }
)  # fmt: skip
_HEIGHTS: Final = frozenset(["altitude", "elevation", "height_above_sea"])

_WHOLE: Final = re.compile(r"\d{1,30}", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?\d{1,7}(\.\d{1,6})?")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d(:\d\d)?"
    r"|1[4-9]\d{8}(\.\d+)?|1[4-9]\d{11}"
)
_SERIAL: Final = re.compile(
    r"(?P<head>0[xX])?(?P<body>[0-9A-Fa-f]{4,64}|[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){3,15})"
)
_TAILED: Final = re.compile(r"(?P<name>.+?)(?P<gap>[-_ ])(?P<serial>[0-9A-Fa-f]{6,16})")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_.:$-]{0,60}")


class Pseudonyms:
    """Replaces what names people, homes, devices and places in the messages of one recording.

    Args:
        profiles: what they read stays readable.
        salt: unpredictable bytes, thrown away with this object.

    Attributes:
        left_out: messages that could not be judged and were dropped.
        doubtful: fields (by key) with long numbers that were kept, as no profile reads them.
        unlike: topics that profiles knew before and do not know afterwards, or the other way round.
    """

    def __init__(self, profiles: Iterable[Profile], salt: bytes) -> None:
        several = tuple(profiles)
        self._read: Readable = readable(several)
        self._salt = salt
        self._patterns = [
            (profile.name, [TopicPattern(text) for text in profile.topics]) for profile in several
        ]
        self._known: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[int, int] = {}
        self._places = Displaced(
            20 + self._chance("place", "north") % 40_000 / 1000,
            self._chance("place", "east") % 360_000 / 1000,
        )
        self._topics: dict[str, str] = {}
        self._replaced: Counter[str] = Counter()
        self.left_out = 0
        self.doubtful: Counter[str] = Counter()
        self.unlike = 0

    @property
    def replaced(self) -> dict[str, int]:
        """What was replaced: how many different names, serial numbers and texts; all locations."""
        locations = {"locations": self._places.count} if self._places.count else {}
        return {**self._replaced, **locations}

    def message(self, message: StreamMessage) -> StreamMessage | None:
        """Return a message with names replaced, or None when it cannot be judged (binary)."""
        topic = self.topic(message.topic)
        payload = self._payload(message.payload)
        if payload is None:
            self.left_out += 1
            return None
        return msgspec.structs.replace(message, topic=topic, payload=payload)

    # --- topics ---------------------------------------------------------------------------------

    def topic(self, topic: str) -> str:
        """Return a topic, level by level."""
        known = self._topics.get(topic)
        if known is None:
            known = "/".join(self._level(level) for level in topic.split("/"))
            if self._matching(topic) != self._matching(known):
                self.unlike += 1
            self._topics[topic] = known
        return known

    def _matching(self, topic: str) -> list[str]:
        return [name for name, several in self._patterns if any(p.match(topic) for p in several)]

    def _level(self, level: str) -> str:
        folded = level.strip().casefold()
        is_small = _WHOLE.fullmatch(level) is not None and int(level) < SMALL
        # With `output: attribute` a level is a key.
        if is_small or folded in self._read.levels or folded in self._read.keys:
            return level
        for prefix in self._read.prefixes:
            if folded.startswith(prefix) and len(folded) > len(prefix):
                return level[: len(prefix)] + self._piece(level[len(prefix) :])
        return self._piece(level)

    # --- payloads -------------------------------------------------------------------------------

    def _payload(self, payload: bytes) -> bytes | None:
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(text).encode()
        try:
            # As lenient as makers are: NaN comes out as it went in.
            return json.dumps(self._value(value, (), ""), separators=(",", ":")).encode()
        except RecursionError:
            return None

    def _value(self, value: object, path: Path, key: str) -> object:
        if len(path) > MAX_DEPTH:
            raise RecursionError
        folded = key.casefold()
        if folded in _HEIGHTS and isinstance(value, int | float):
            return 0
        if folded in self._read.places or folded in _COORDINATES:
            return self._place(value, path, folded)
        match value:
            case dict():
                return self._object(value, path)
            case list():
                return [self._value(each, path, key) for each in value]
            case str():
                return self._string(value, folded, names_a_device=self._names(path))
            case bool() | None:
                return value
            case int() if value >= SMALL:
                return self._whole(value, key, names_a_device=self._names(path))
            case float() if value.is_integer() and self._names(path):
                return float(self._number(int(value)))
        return value

    def _names(self, path: Path) -> bool:
        """Whether a profile finds a device by what stands at a path."""
        folded = tuple(each.casefold() for each in path)
        alike = (name for name in self._read.names if len(name) == len(folded))
        return any(all(map(_fits, folded, name)) for name in alike)

    def _object(self, value: dict[str, object], path: Path) -> dict[str, object]:
        keyed = [pattern for where, pattern in self._read.keyed if where == path]
        return {
            self._key(key, any(fnmatchcase(key, one) for one in keyed)): self._value(
                each, (*path, key), key
            )
            for key, each in value.items()
        }

    def _key(self, key: str, names_a_device: bool) -> str:
        part = self._part(key)
        if part is not None:
            return part
        if key.casefold() in self._read.keys:
            return key
        return key if self._may_stay(key) and not names_a_device else self._piece(key)

    def _part(self, text: str) -> str | None:
        """Return what names a part of a device, like `input:0`; None for anything else."""
        for literal in self._read.parts:
            if text.startswith(literal):
                rest = text[len(literal) :]
                return literal + self._piece(rest) if rest else text
        return None

    def _may_stay(self, key: str) -> bool:
        folded = key.casefold()
        if ("name", folded) in self._known or _SERIAL.fullmatch(key):
            return False
        return _PLAIN_KEY.fullmatch(key) is not None and not _has_serial(key)

    def _string(self, text: str, key: str, *, names_a_device: bool) -> str:
        part = self._part(text)
        if part is not None:
            return part
        if names_a_device or key in _IDENTITIES:
            return self._named(text)
        if key in _MAKERS and len(text) <= LONGEST_KEPT and not self._is_known(text):
            return text
        return self.text(text)

    def _named(self, text: str) -> str:
        """Return the stand-in of what names a device: its words alone do not tell that it may."""
        if _WHOLE.fullmatch(text):
            return str(self._number(int(text))) if int(text) >= SMALL else text
        if text.strip().casefold() in self._read.words:
            return text
        return "/".join(self._piece(each) for each in text.split("/"))

    def text(self, text: str) -> str:
        """Return a text: a word, a number or a time as it is, anything else replaced."""
        folded = text.strip().casefold()
        if folded in self._read.words or _NUMBER.fullmatch(folded) or _TIME.fullmatch(text.strip()):
            return text
        if text.lstrip().startswith(("{", "[")):
            return self._inner(text)
        return "/".join(
            self._level(each) if "/" in text else self._piece(each) for each in text.split("/")
        )

    def _inner(self, text: str) -> str:
        """Return JSON that stands in a text; of what is broken only that it is."""
        try:
            return json.dumps(self._value(json.loads(text), (), ""), separators=(",", ":"))
        except (ValueError, RecursionError):
            self._replaced["texts"] += 1
            return text.lstrip()[0]

    def _is_known(self, text: str) -> bool:
        return ("name", text.strip().casefold()) in self._known

    # --- numbers and places ---------------------------------------------------------------------

    def _whole(self, value: int, key: str, *, names_a_device: bool) -> int:
        folded = key.casefold()
        if names_a_device or folded in _IDENTITIES or folded == "id":
            return self._number(value)
        is_time = _TIME.fullmatch(str(value)) is not None
        if value >= MANY_DIGITS and not is_time and folded not in self._read.read:
            self.doubtful[key] += 1
        return value

    def _number(self, value: int) -> int:
        """Return another number of as many binary digits, the same for the same."""
        if value < SMALL:
            return value
        known = self._numbers.get(value)
        if known is None:
            low, high = max(SMALL, 1 << (value.bit_length() - 1)), 1 << value.bit_length()
            taken = set(self._numbers.values())
            known = low + self._chance("number", str(value)) % (high - low)
            while known in taken and len(taken) < high - low:
                known = low + (known + 1 - low) % (high - low)
            self._numbers[value] = known
            self._replaced["serial numbers"] += 1
        return known

    def _place(self, value: object, path: Path, key: str) -> object:
        moved = self._places.value(value, key)
        if moved is not None:
            return moved
        match value:
            case dict():
                return self._object(value, path)
            case list():
                return [self._place(each, path, key) for each in value]
            case str():
                return self.text(value)
        return value

    # --- stand-ins ------------------------------------------------------------------------------

    def _piece(self, text: str) -> str:
        """Return the stand-in of a name or of a serial; what has neither letter nor digit stays."""
        folded = text.strip().casefold()
        if _WHOLE.fullmatch(folded):
            return text if int(folded) < SMALL else str(self._number(int(folded)))
        if not any(letter.isalnum() for letter in folded) or _NUMBER.fullmatch(folded):
            return text
        serial = _SERIAL.fullmatch(text.strip())
        if serial is not None and _is_serial(text):
            return self._serial(text.strip(), serial)
        tailed = _TAILED.fullmatch(text.strip())
        if tailed is not None and _has_serial(tailed["serial"]):
            inner = _SERIAL.fullmatch(tailed["serial"])
            assert inner is not None
            head = self._level(tailed["name"])
            return f"{head}{tailed['gap']}{self._serial(tailed['serial'], inner)}"
        return self._name(text.strip(), folded)

    def _name(self, text: str, folded: str) -> str:
        known = self._known.get(("name", folded))
        if known is None:
            self._replaced["names" if len(folded) <= LONGEST_KEPT else "texts"] += 1
            known = self._known["name", folded] = self._unused(text)
        return known

    def _unused(self, text: str) -> str:
        """Return a stand-in that nobody has, and that speaks of the same kind and place."""
        count = 0
        while True:
            made_up = token(self._chance("name", f"{text}\0{count}"))
            speaking = speaking_of(text)
            told = f"{speaking}-{made_up}" if speaking else made_up
            if told not in self._taken:
                self._taken.add(told)
                return told
            count += 1

    def _serial(self, text: str, found: re.Match[str]) -> str:
        body = found["body"]
        digits = re.sub("[:-]", "", body).casefold()
        if found["head"] and len(digits) <= 8:
            # `0x5f2a` and 24362 are one address: they stay one.
            value = self._number(int(digits, 16))
            told = f"{value:x}".rjust(len(digits), "0")
        else:
            known = self._known.get(("serial", digits))
            if known is None:
                self._replaced["serial numbers"] += 1
                known = f"{self._chance('serial', digits):064x}"[-len(digits) :]
                self._known["serial", digits] = known
            told = known
        letters = iter(told.upper() if body.upper() == body else told)
        return (found["head"] or "") + "".join(
            sign if sign in ":-" else next(letters) for sign in body
        )

    def _chance(self, what: str, text: str) -> int:
        digest = hmac.new(
            self._salt, f"{what}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256
        ).digest()
        return int.from_bytes(digest, "big")


def _fits(key: str, name: str) -> bool:
    return name == key or fnmatchcase(key, name)


def _is_serial(text: str) -> bool:
    """Whether hexadecimal digits are a serial rather than a word such as `dead` or `face`."""
    bare = text.strip()
    return bare[:2] in ("0x", "0X") or any(sign.isdecimal() for sign in bare) or ":" in bare


def _has_serial(text: str) -> bool:
    return any(
        len(run) >= 6 and any(sign.isdecimal() for sign in run)
        for run in re.findall(r"[0-9A-Fa-f]+", text)
    )

"""How real devices misbehave: repeats, copies, empty keep-alives, clocks that are wrong.

Pure and seeded. A habit never changes what is meant: whoever decodes with the device's profile
learns the same as from a device without habits. What a device is to tell comes from `lives`.
"""

from collections.abc import Mapping
from random import Random
from typing import Final, NamedTuple

import msgspec

from telecared.core.conditions.base import LOW_BATTERY_PERCENT
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    PROPERTIES,
    SECOND,
    Duration,
    Instant,
    Value,
)
from telecared.sim.routine import Act
from telecared.sim.wire import EncodeError, Encoder

AHEAD: Final = MINUTE
"""How far habits reach: what a device repeats comes this soon, and before its next act."""

SAME_ACT: Final = 1_800_000
"""Copies of one press come within this many microseconds: inside every profile's burst window."""

_LEAST_APART: Final = SECOND // 50
_PERCENT: Final = {"low": 8.0, "ok": 100.0}


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What devices of one profile do beside telling the truth once.

    Attributes:
        caches: every message tells all known levels, as zigbee2mqtt does.
        repeats: most messages without news after one with news.
        copies: most copies of a message within two seconds.
        blanks: a button sends its field empty or null.
        quotes: share of devices that write numbers in quotes.
        wrong_clocks: share of devices whose own time is hours ahead, weeks old or from 1970.
        late: share of levels that arrive up to a minute late, with their own time.
        twice: share of messages that QoS 1 delivers twice.
        wavers: microseconds within which devices overtake each other.
        wills: how likely a day holds a broken link, seen by the last will.
        kept: the broker keeps what the device tells.
    """

    caches: bool = False
    repeats: int = 0
    copies: int = 1
    blanks: bool = False
    quotes: float = 0.2
    wrong_clocks: float = 0.15
    late: float = 0.004
    twice: float = 0.01
    wavers: Duration = 900_000
    wills: float = 0.02
    kept: bool = False


REAL: Final[Mapping[str, Habits]] = {
    "zigbee2mqtt": Habits(caches=True, repeats=5, blanks=True),
    "rtl_433": Habits(copies=8),
    "tasmota": Habits(copies=20, quotes=0.0),
    "openmqttgateway": Habits(copies=4, quotes=0.5),
    "lifesos": Habits(copies=2),
    "shelly-gen1": Habits(kept=True),
    "shelly-gen2": Habits(repeats=1),
    "esphome": Habits(kept=True),
    "homeassistant": Habits(kept=True),
    "chirpstack": Habits(late=0.02, twice=0.03),
    "thethingsstack": Habits(late=0.02, twice=0.03),
    "native": Habits(quotes=0.0),
}
"""Habits by profile, as captures show them; others have the plain ones of `Habits`."""


class Told(NamedTuple):
    """A message and when it arrives."""

    at: Instant
    topic: str
    payload: bytes
    retain: bool


class Speaker:
    """One device that tells acts, cleanly or as real devices do.

    Args:
        binding: the device.
        encoder: of the device.
        habits: None to tell every act once, without a clock of its own.
        seed: any text; the same text has the same habits.
        counted: messages carry a counter.
    """

    def __init__(
        self,
        binding: DeviceBinding,
        encoder: Encoder,
        habits: Habits | None,
        seed: str,
        *,
        counted: bool = True,
    ) -> None:
        self._encoder = encoder
        self._habits = habits
        self._count = 0
        self._acts = 0
        self._counted = counted
        self._known: dict[str, Value] = {}
        self._sayable: dict[tuple[str, Value], bool] = {}
        if habits is not None:
            # One generator a device would cost two kilobytes each.
            self._chance = Random(f"{seed}/{binding.device}/habits")
            self._error = _clock_error(self._chance, habits)
            self._quotes = self._chance.random() < habits.quotes and encoder.may_quote("battery")

    def tell(self, act: Act, until: Instant, *, opening: bool = False) -> list[Told]:
        """Return the messages of one act, the first at its time or a moment later.

        Args:
            act: what is told; what the profile cannot say is left out.
            until: the device's next act: nothing of this one comes later.
            opening: this is how things stand when the stream begins.
        """
        readings = self._sayings(act.readings)
        if not readings:
            return []
        if self._habits is None:
            return self._sent(readings, act.at, act.retained, stated=act.stated)
        return self._as_real(self._habits, act, readings, until, opening or act.retained)

    def _sayings(self, readings: Mapping[str, str | float]) -> Mapping[str, str | float]:
        known = self._sayable
        for name, value in readings.items():
            key = (name, value if value.__class__ is str else 0.0)
            sayable = known.get(key)
            if sayable is None:
                sayable = known[key] = self._encoder.can_say(name, value)
            if not sayable:
                return said_otherwise(self._encoder, readings)
        return readings

    def _sent(
        self,
        readings: Mapping[str, Value],
        at: Instant,
        retain: bool,
        *,
        stated: Instant | None = None,
        quotes: bool = False,
    ) -> list[Told]:
        """Encode; a number outside of what the profile can hold is not told."""
        seq = self._count + 1 if self._counted else None
        try:
            messages = self._encoder.encode(
                readings, at=stated, seq=seq, act=self._acts, as_text=quotes
            )
        except EncodeError:
            return []
        if len(messages) == 1:
            message = messages[0]
            self._count += message.counted
            return [Told(at, message.topic, message.payload, retain or message.retain)]
        self._count += sum(message.counted for message in messages)
        return [
            Told(at, message.topic, message.payload, retain or message.retain)
            for message in messages
        ]

    # --- as real devices do ---------------------------------------------------------------------

    def _as_real(
        self,
        habits: Habits,
        act: Act,
        readings: Mapping[str, Value],
        until: Instant,
        opening: bool,
    ) -> list[Told]:
        chance = self._chance
        end = min(until, act.at + AHEAD)
        at = act.at
        if not opening and habits.wavers:
            at += int(chance.random() * min(habits.wavers, max(end - act.at, 1)))
        momentary = any(PROPERTIES[name].momentary for name in readings)
        self._acts += momentary
        levels = {each: told for each, told in readings.items() if not PROPERTIES[each].momentary}
        self._known.update(levels)
        urgent = momentary or any(told in PROPERTIES[each].alarm for each, told in levels.items())
        if not urgent and chance.random() < habits.late and self._error == 0:
            at = max(at, min(end - 1, act.at + int(chance.random() * AHEAD)))
        whole = self._with_known(readings) if habits.caches else readings
        stated = (act.at if act.stated is None else act.stated) + self._error
        retain = act.retained or (habits.kept and not momentary and opening)
        first = self._sent(whole, at, retain, stated=stated, quotes=self._quotes)
        found = list(first)
        if opening or end - at < SECOND:
            return found
        self._copy(habits, first, at, end, found)
        if habits.blanks and momentary:
            self._blank(readings, at, end, found)
        if habits.repeats and not urgent and not self._alarmed():
            for _ in range(chance.randint(0, habits.repeats)):
                later = at + int(chance.random() * (end - 1 - at))
                found += self._sent(self._known, later, False, stated=later + self._error)
        if "battery" in readings and chance.random() < habits.wills:
            found += self._lost(at, end)
        return found

    def _with_known(self, readings: Mapping[str, Value]) -> Mapping[str, Value]:
        return {**self._known, **readings}

    def _alarmed(self) -> bool:
        return any(told in PROPERTIES[each].alarm for each, told in self._known.items())

    def _copy(
        self, habits: Habits, first: list[Told], at: Instant, end: Instant, found: list[Told]
    ) -> None:
        """Add copies of what was sent, which come before anything else of the device."""
        chance = self._chance
        copies = chance.randint(1, habits.copies) - 1 + (chance.random() < habits.twice)
        room = min(SAME_ACT, end - at - 1)
        for _ in range(copies):
            later = at + _LEAST_APART + int(chance.random() * max(room - _LEAST_APART, 0))
            found += [told._replace(at=later, retain=False) for told in first]

    def _blank(
        self, readings: Mapping[str, Value], at: Instant, end: Instant, found: list[Told]
    ) -> None:
        for name, word in readings.items():
            if PROPERTIES[name].momentary and isinstance(word, str):
                for filler in ("", "null"):
                    empty = self._encoder.blank(name, word, filler)
                    later = at + int(self._chance.random() * (end - 1 - at))
                    if empty is not None:
                        found.append(Told(later, empty.topic, empty.payload, False))

    def _lost(self, at: Instant, end: Instant) -> list[Told]:
        """Return what is seen of a link that breaks and comes back at once."""
        gone, back = ({"link": word} for word in ("offline", "online"))
        if not (
            self._encoder.can_say("link", "offline") and self._encoder.can_say("link", "online")
        ):
            return []
        half = at + (end - at) // 2
        return [
            told._replace(retain=False)
            for told in (
                *self._sent(gone, half, False),
                *self._sent(back, (half + end) // 2, False),
            )
        ]


def said_otherwise(encoder: Encoder, readings: Mapping[str, str | float]) -> dict[str, str | float]:
    """Return what a device can tell of some readings, a battery as number or word as it knows it.

    Without that, whoever says low but no number would say low for ever.
    """
    told = dict(readings)
    battery = readings.get("battery")
    if battery is not None and not encoder.can_say("battery", battery):
        if isinstance(battery, str):
            told["battery"] = _PERCENT[battery]
        else:
            told["battery"] = "low" if battery <= LOW_BATTERY_PERCENT else "ok"
    return {name: value for name, value in told.items() if encoder.can_say(name, value)}


def _clock_error(chance: Random, habits: Habits) -> Duration:
    """Return by how much a device's clock is wrong: so much that nobody takes it for the time."""
    if chance.random() >= habits.wrong_clocks:
        return 0
    return chance.choice(
        (
            chance.randint(1, 9) * HOUR,  # local time written as UTC, or set by hand
            -chance.randint(20, 400) * DAY,
            -56 * 365 * DAY,  # it counts from 1970 since it was switched on
        )
    )

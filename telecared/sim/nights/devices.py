"""What the devices of a night say: presses, falls of rain, doors, and the everyday between them.

Every payload is unique among those of its topic, by the blanks at its end, so that what the broker
was told can be found again in the store.
"""

from random import Random
from typing import Final

import msgspec

from telecared.sim.nights.scenery import SCHEME

ALARMS: Final = (("pendant", "trigger", "pressed"), ("smoke", "smoke", "alarm"))
OTHERS: Final = (
    ("water", "water", "wet"),
    ("water", "water", "dry"),
    ("door", "contact", "open"),
    ("door", "contact", "closed"),
    ("smoke", "smoke", "clear"),
    ("unit", "heartbeat", "seen"),
    ("pir", "motion", "detected"),
    ("pir", "motion", "clear"),
    ("pir", "nonsense", "1"),
)


class Saying(msgspec.Struct, frozen=True):
    """One message, and when it is told.

    Attributes:
        at: the loop's time.
        home, device, what: who tells what.
        qos: of the message; `delay` how long the broker holds it back, in seconds.
    """

    at: float
    home: str
    device: str
    what: str
    payload: bytes
    qos: int
    delay: float

    @property
    def topic(self) -> str:
        """Where it is published."""
        return f"telecare/{SCHEME}/{self.home}/{self.device}"

    @property
    def is_alarm(self) -> bool:
        """Whether it must become an alert, if nothing lost it on the way to the broker."""
        return self.device in ("pendant", "smoke") and self.what in ("pressed", "alarm")


def sayings(chance: Random, homes: list[str], seconds: float) -> list[Saying]:
    """Return what is told in a night, in order of time."""
    found: list[Saying] = []
    told: dict[tuple[str, str], int] = {}
    hours = seconds / 3600.0
    for home in homes:
        for _ in range(chance.randrange(1, 3 + round(hours))):
            at = chance.uniform(0.0, seconds)
            for again in range(chance.choice((1, 1, 1, 2, 4))):
                pool = ALARMS if chance.random() < 0.4 else OTHERS
                one = chance.choice(pool)
                when = at + again * chance.choice((0.0, 0.5, 20.0, 150.0))
                found.append(_saying(chance, told, when, home, one))
    return sorted(found, key=lambda one: (one.at, one.home, one.device))


def _saying(
    chance: Random,
    told: dict[tuple[str, str], int],
    at: float,
    home: str,
    one: tuple[str, str, str],
) -> Saying:
    device, name, value = one
    blanks = told[home, device] = told.get((home, device), 0) + 1
    values: dict[str, object] = {name: value}
    if chance.random() < 0.3:
        values["seq"] = blanks
    payload = msgspec.json.encode(values) + b" " * blanks
    delay = 0.0
    if chance.random() < 0.1:
        delay = chance.choice((2.0, 40.0, 5400.0))
    qos = 0 if chance.random() < 0.1 else 1
    return Saying(at, home, device, value, payload, qos, delay)

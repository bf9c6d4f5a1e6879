"""The people of a night: they answer late, decline, answer twice, write nonsense, or say nothing.

Each phone has an owner with a habit. They read messages and write replies; operators, who work
at a desk, are `operators`.
"""

import re
from collections import Counter
from typing import Final

from telecared.ports import Outgoing
from telecared.sim.nights.provider import Provider
from telecared.sim.nights.world import World

_CODE: Final = re.compile(r"\b[0-9]{4}\b")

MOST_ANSWERS: Final = 3
"""How often somebody answers about one alert, before the night is calm and after."""

ODD_ANSWERS: Final = 0.2
"""How often somebody does not do as usual."""

HABITS: Final = (
    "silent",
    "accepts",
    "accepts-late",
    "accepts-twice",
    "declines",
    "takes-it-back",
    "nonsense",
    "wrong-code",
    "short",
    "stops-and-starts",
)


class People:
    """Everybody who has a phone.

    Args:
        providers: whoever carries what they write; the first that is not down.
    """

    def __init__(self, world: World, providers: list[Provider]) -> None:
        self._world = world
        self._chance = world.chance("people")
        self._providers = providers
        self._habits: dict[str, str] = {}
        self.said_yes: set[str] = set()
        self._answered: Counter[tuple[str, str, bool]] = Counter()

    def arrived(self, message: Outgoing) -> None:
        """Somebody reads a message, and may answer."""
        chance = self._chance
        found = _CODE.findall(message.text)
        if not found:
            return
        code = found[-1]
        answers = (message.number, code, self._world.calm)
        self._answered[answers] += 1
        if self._answered[answers] > MOST_ANSWERS:
            return  # a thank-you holds the code too: nobody goes on thanking for ever
        if message.number not in self._habits:
            self._habits[message.number] = chance.choice(HABITS)
        habit = self._habits[message.number]
        if chance.random() < ODD_ANSWERS:
            habit = chance.choice(HABITS)
        if self._world.calm:
            self._write(5.0, message.number, f"YES {code}")
            return
        for after, text in self._answers(habit, code):
            self._write(after, message.number, text)

    def _answers(self, habit: str, code: str) -> list[tuple[float, str]]:
        """Return what somebody with a habit writes, and after how many seconds."""
        chance = self._chance
        soon, late = chance.uniform(3.0, 90.0), chance.uniform(300.0, 3600.0)
        again = soon + chance.choice((0.0, 60.0))
        short = chance.choice(("yes", "no", "ok", "ACK"))
        nonsense = chance.choice(("who is this?", "", "7" * 200))
        answers: dict[str, list[tuple[float, str]]] = {
            "silent": [],
            "accepts": [(soon, chance.choice((code, f"ACK {code}")))],
            "accepts-late": [(late, code)],
            "accepts-twice": [(soon, f"YES {code}"), (again, code)],
            "declines": [(soon, f"NO {code}")],
            "takes-it-back": [(soon, code), (late, f"NO {code}")],
            "nonsense": [(soon, nonsense)],
            "wrong-code": [(soon, str(1000 + (int(code) + 1) % 9000))],
            "short": [(soon, short)],
            "stops-and-starts": [(soon, "STOP"), (late, "START")],
        }
        return answers[habit]

    def pressed(self, message: Outgoing, key: str) -> None:
        """Somebody who was called presses a key."""
        if key == "1":
            self.said_yes.add(message.number)

    def _write(self, after: float, number: str, text: str) -> None:
        self._world.loop.call_later(after, self._written, number, text)

    def _written(self, number: str, text: str) -> None:
        carrier = next((one for one in self._providers if not one.is_down), self._providers[0])
        self._world.trace(f"people: {number[-3:]} writes {text[:12]!r}")
        self.said_yes.add(number)
        carrier.writes(number, text)

    def takes_again(self) -> None:
        """Whoever had said STOP says START: at the end of the night everybody can be told."""
        for provider in self._providers:
            for number in sorted(provider.stopped):
                self._write(1.0, number, "START")

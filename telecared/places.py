"""Devices that speak in a home which is not theirs: moved, swapped, or registered twice.

Remembers where each device that names itself was heard, and what was found lately, so that one
device in one place is told once. What people are told is `core.technical`; who they are, `intake`.
"""

from collections.abc import Callable
from typing import Final

from telecared.core.directory import Resolved
from telecared.core.events import ConditionFound
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DAY, Duration, Instant

FOUND_AGAIN: Final[Duration] = DAY
"""What is still so after this is found again: it joins its alert, or follows a closed one."""

MAX_REMEMBERED: Final = 100_000
"""Devices, and findings, that are remembered; the oldest are forgotten first."""


class Places:
    """Where devices that name themselves in the whole world were heard."""

    def __init__(self) -> None:
        self._heard: dict[str, DeviceBinding] = {}
        self._found: dict[tuple[str, str, str], Instant] = {}

    def found(
        self,
        one: Resolved,
        topic: str,
        at: Instant,
        stands: Callable[[DeviceBinding], bool],
    ) -> list[tuple[str, ConditionFound]]:
        """Return findings of a message, each with the home where the device is registered.

        Args:
            one: a device of the message.
            topic: where it spoke.
            at: engine time.
            stands: whether an entry still holds; a device that was moved in them is no finding.
        """
        found = []
        if one.elsewhere is not None:
            home, device = one.elsewhere
            place = one.home or one.decoded.home or topic
            found.append((home, device, place))
        identity = one.decoded.identity
        if identity is not None and one.binding is not None and one.home is not None:
            before = self._was_at(identity, one.binding)
            if before.home != one.home and stands(before):
                found.append((before.home, before.device, one.home))
        return [
            (home, _wrong_home(home, device, place, topic))
            for home, device, place in dict.fromkeys(found)
            if self._is_news((home, device, place), at)
        ]

    def _was_at(self, identity: str, binding: DeviceBinding) -> DeviceBinding:
        """Return as what a device spoke before, and note as what it speaks now."""
        name = identity.strip().casefold()
        before = self._heard.pop(name, binding)
        self._heard[name] = binding
        if len(self._heard) > MAX_REMEMBERED:
            del self._heard[next(iter(self._heard))]
        return before

    def _is_news(self, what: tuple[str, str, str], at: Instant) -> bool:
        last = self._found.get(what)
        if last is not None and at < last + FOUND_AGAIN:
            return False
        self._found.pop(what, None)
        self._found[what] = at
        if len(self._found) > MAX_REMEMBERED:
            del self._found[next(iter(self._found))]
        return True


def _wrong_home(home: str, device: str, place: str, topic: str) -> ConditionFound:
    where = place if place == topic else f"{place}, on {topic}"
    return ConditionFound(
        input=0,
        at=0,
        name="wrong-home",
        subject=f"{device} at {place}",
        detail=(
            f"{device} is registered in {home} and speaks at {where}: move the device, or its"
            " entry in the homes' file"
        ),
    )

"""The provider of calls of a night: phones ring, somebody picks up, and presses a key or none.

A call is a message whose text is asked for when somebody picks up; what a key means is decided
where it is in the daemon. Only a key is an answer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from telecared.core.prompts import Prompt
from telecared.core.vocabulary import NotificationState
from telecared.errors import TelecaredError
from telecared.ports import Outgoing, PressedKey, Spoken
from telecared.sim.nights.provider import Provider, Taken

RINGS: Final = 25.0
"""Seconds after which nobody has picked up."""

TALKS: Final = 12.0
YES: Final = "1"

KEYS: Final = ("", "", YES, YES, "2", "9", "*", "31", "11", "12", "91")
"""What people press, one after another, before the night is calm."""


class Caller(Provider):
    """A provider that places calls; who owns one cannot be told by what was said in it.

    Attributes:
        on_text: asks what a call says.
        on_key: hands in a key, and returns once it is durable.
        pressed: told each key before it is handed in.
    """

    finds_by_text = False
    on_text: Callable[[str], Awaitable[Spoken | None]]
    on_key: Callable[[PressedKey], Awaitable[Prompt]]
    pressed: Callable[[Outgoing, str], None]

    def _plan(self, taken: Taken) -> None:
        """Decide whether somebody picks up, and when the call is over."""
        chance, loop = self._chance, self._world.loop
        rings = chance.choice((2.0, 8.0, 20.0))
        loop.call_later(0.1, self._report, taken.provider_id, NotificationState.SENT, "")
        if self.goes_wrong(0.5) or (not self._world.calm and chance.random() < 0.3):
            code = chance.choice(("busy", "no-answer"))
            loop.call_later(
                RINGS, self._report, taken.provider_id, NotificationState.UNDELIVERED, code
            )
            return
        loop.call_later(rings, self._picks_up, taken)
        over = rings + TALKS
        loop.call_later(over, self._report, taken.provider_id, NotificationState.DELIVERED, "")

    def _picks_up(self, taken: Taken) -> None:
        keys = YES if self._world.calm else self._chance.choice(KEYS)
        self._world.trace(f"{self.name}: {taken.message.notification} is answered, {keys!r}")
        task = self._world.loop.create_task(self._talk(taken, keys))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, taken: Taken, keys: str) -> None:
        """Listen, press, hang up. Where nobody answers us, the voice says so and all is over."""
        notification = taken.message.notification
        try:
            spoken = await self.on_text(notification)
            if spoken is None or not spoken.asks:
                return
            for key in keys:
                await asyncio.sleep(self._chance.choice((0.5, 3.0)))
                self.pressed(taken.message, key)
                await self.on_key(PressedKey(notification, taken.provider_id, key))
        except (TelecaredError, asyncio.CancelledError):
            return

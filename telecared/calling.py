"""What calls need of a running shard: the text that a voice says, and keys carried out.

Between the listener and the engine; what a key means is the core's.
"""

from typing import Final

from telecared.core.prompts import Prompt
from telecared.core.vocabulary import Channel
from telecared.engine import Engine
from telecared.hearing import Pressing
from telecared.ports import PressedKey, Spoken
from telecared.store_port import Batch, Store

MAX_REMEMBERED: Final = 1_000
"""Texts of calls in memory: with a full disk they are nowhere else."""


class Calling:
    """Answers the listener's questions about calls; `committed` watches every batch."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._texts: dict[str, Spoken] = {}

    def committed(self, batch: Batch) -> None:
        """Remember what the calls of a batch say."""
        for row in batch.notifications:
            if row.notify.channel is Channel.VOICE:
                self._texts[row.notify.id] = Spoken(row.notify.text, row.notify.language)
                if len(self._texts) > MAX_REMEMBERED:
                    del self._texts[next(iter(self._texts))]

    async def text(self, notification: str) -> Spoken | None:
        """Return what a call says; None when it is unknown, or was erased."""
        asks = self._asks(notification)
        kept = await self._store.spoken(notification)
        if kept is not None:
            return Spoken(*kept, asks=asks)
        # What was erased is gone from the store at once, and must be gone from here.
        on_disk = await self._store.recipient_of(notification) is not None
        known = None if on_disk else self._texts.get(notification)
        return None if known is None else Spoken(known.text, known.language, asks)

    def _asks(self, notification: str) -> bool:
        """Whether a call asks somebody to go: not when it tells news, or all is over."""
        home, _, named = notification.rpartition("/")
        number, _, k = named.partition("-")
        state = self._engine.homes.states.get(home)
        if state is None or not (number.isdecimal() and k.isdecimal()):
            return False
        alert = state.alerts.get(int(number))
        if alert is None:
            return False
        return next((told.pages for told in alert.told if told.k == int(k)), True)

    async def press(self, key: PressedKey) -> Prompt:
        """Carry out a key; return once it is durable, with what it came to."""
        pressing = Pressing(key)
        await self._engine.tell(pressing)
        return pressing.came_to

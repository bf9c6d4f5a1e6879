"""What the broker has handed over and the engine has not come to yet, in order.

Bounded: only QoS 0 messages can be lost here, and they are counted. What a message means, and
whether it is on record already, is `intake`.
"""

from collections import deque
from collections.abc import Callable, Sequence

from telecared.ports import Arrival, Connected, Disconnected, LinkEvent


class Inbox:
    """The queue between the MQTT session and the engine.

    Args:
        room: messages that may wait.
        is_alarm: whether a message carries a life-safety reading.

    Attributes:
        dropped: QoS 0 messages for which there was no room.
    """

    def __init__(self, room: int, is_alarm: Callable[[Arrival], bool]) -> None:
        self._room = room
        self._is_alarm = is_alarm
        self._waiting: deque[Arrival | LinkEvent] = deque()
        self._orphans: list[Arrival] = []
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, messages: Sequence[Arrival], *, only_guaranteed: bool = False) -> None:
        """Take messages in the order in which the broker delivered them.

        `only_guaranteed` where there is no room for any of QoS 0.
        """
        room = 0 if only_guaranteed else self._room - len(self._waiting)
        if room < len(messages):
            kept = [one for number, one in enumerate(messages) if one.qos or number < room]
            self.dropped += len(messages) - len(kept)
            messages = kept
        self._waiting.extend(messages)

    def link(self, event: LinkEvent) -> None:
        """Take a change of the link, in order with the messages around it.

        What a dead connection delivered and nobody has come to is sent again when the session is
        resumed (design 3.1, decision 7); when it is not, it is taken after all. An alarm waits for
        neither: told twice, it joins its alert.
        """
        match event:
            case Disconnected(connection=connection):
                self._set_aside(connection)
            case Connected(session_present=resumed):
                if not resumed:
                    self._waiting.extend(self._orphans)
                self._orphans.clear()
        self._waiting.append(event)

    def _set_aside(self, connection: int) -> None:
        kept: deque[Arrival | LinkEvent] = deque()
        for one in self._waiting:
            dead = isinstance(one, Arrival) and one.qos > 0 and one.connection == connection
            if isinstance(one, Arrival) and dead and not self._is_alarm(one):
                self._orphans.append(one)
            else:
                kept.append(one)
        self._waiting = kept

    def take(self, most: int) -> list[Arrival | LinkEvent]:
        """Return what has waited longest, at most so many."""
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

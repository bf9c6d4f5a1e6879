"""What one connection still owes the broker, in the order in which it was handed over.

MQTT wants acknowledgements in the order received [MQTT-4.6.0-2]. This keeps that order when our
own canary, or a commit out of turn, would overtake. It sends nothing itself.
"""

from collections import deque
from collections.abc import Sequence

from telecared.ports import Arrival


class Owed:
    """First in, first out of the messages of one connection that await acknowledgement."""

    def __init__(self) -> None:
        self._order: deque[Arrival] = deque()
        self._waiting: dict[int, Arrival] = {}
        self._committed: set[int] = set()

    def __len__(self) -> int:
        return len(self._order)

    def took(self, message: Arrival) -> None:
        """Remember a message of QoS 1 or 2 that the broker handed over.

        Some brokers hand one over again when they have waited long for its acknowledgement: one
        answers both.
        """
        if message.packet_id not in self._waiting:
            self._order.append(message)
            self._waiting[message.packet_id] = message

    def committed(self, messages: Sequence[Arrival]) -> list[Arrival]:
        """Mark messages as safe and return those whose turn it is to be acknowledged.

        Messages are known by identity, not by packet id: the broker uses an id again as soon as
        it is free, and acknowledging twice must never acknowledge its next user unseen.
        """
        order, waiting, committed = self._order, self._waiting, self._committed
        due: list[Arrival] = []
        for message in messages:
            if order and order[0] is message:
                order.popleft()
                del waiting[message.packet_id]
                due.append(message)
            elif waiting.get(message.packet_id) is message:
                committed.add(message.packet_id)
        while order and order[0].packet_id in committed:
            message = order.popleft()
            del waiting[message.packet_id]
            committed.discard(message.packet_id)
            due.append(message)
        return due

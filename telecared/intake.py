"""From MQTT arrivals to rows of the sequence of inputs: whose message it is, and whether it is new.

Holds the directory of devices and the memory of packet ids. It decides nothing about alarms; it
only never loses a message, and never stores one twice where that can be known.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from telecared.core.directory import Directory, Resolved
from telecared.core.events import SITE
from telecared.core.readings import is_life_safety
from telecared.core.vocabulary import PROPERTIES, Instant
from telecared.ports import Arrival
from telecared.store_port import InputRow, PacketMemory

MAX_PAYLOAD: Final = 65_536
"""Bytes of a payload that are kept and decoded, unless a deployment says otherwise."""

MAX_PACKETS: Final = 65_535
"""Packet ids that MQTT has: the memory can never grow past it."""


class Taken:
    """One arrival, looked at.

    Attributes:
        arrival: as it came.
        resolved: whose it is and what it says.
        is_alarm: a life-safety reading is in it, so that no batch waits for company.
    """

    __slots__ = ("arrival", "is_alarm", "resolved")

    def __init__(self, arrival: Arrival, resolved: Resolved) -> None:
        self.arrival = arrival
        self.resolved = resolved
        self.is_alarm = any(map(is_life_safety, resolved.decoded.readings))


class Intake:
    """Turns arrivals into rows.

    Attributes:
        directory: of all registered devices; replaced when homes change.
        schemes: registered schemes: an unknown device that names one belongs to its alerts.
    """

    def __init__(
        self,
        directory: Directory,
        schemes: frozenset[str],
        packets: Iterable[PacketMemory],
        *,
        max_payload: int = MAX_PAYLOAD,
    ) -> None:
        self.directory = directory
        self.schemes = schemes
        self._max_payload = max_payload
        self._packets = {packet.packet_id: packet for packet in packets}
        self._resumed: dict[int, bool] = {}

    def connected(self, connection: int, *, resumed: bool) -> None:
        """Note a new connection; without a resumed session no packet id means anything."""
        self._resumed[connection] = resumed
        if not resumed:
            self._packets.clear()

    def look(self, arrival: Arrival) -> Taken:
        """Decode one arrival. Never raises."""
        return Taken(
            arrival, self.directory.resolve(arrival.topic, arrival.payload[: self._max_payload])
        )

    def already_stored(self, arrival: Arrival) -> bool:
        """Whether this is the redelivery of a message that is on record and may be skipped.

        Decision 7: only when the session was resumed, and id, topic and payload are the same, and
        it carries a counter or tells nothing momentary and no danger.
        """
        if not arrival.redelivered or not self._resumed.get(arrival.connection, False):
            return False
        known = self._packets.get(arrival.packet_id)
        return known is not None and known.skip and known.digest == _digest(arrival)

    def row(self, taken: Taken, number: int, at: Instant) -> InputRow:
        """Return the row of one message."""
        arrival, resolved = taken.arrival, taken.resolved
        decoded, error = resolved.decoded, resolved.decoded.error
        readings, seq = decoded.readings, decoded.seq
        if len(arrival.payload) > self._max_payload:
            error = (
                f"the payload has {len(arrival.payload)} bytes, more than {self._max_payload}: cut"
            )
        home, device = self._whose(arrival, resolved)
        return InputRow(
            id=number,
            kind="message",
            at=at,
            home=home,
            device=device,
            topic=arrival.topic,
            qos=arrival.qos,
            retained=arrival.retained,
            redelivered=arrival.redelivered,
            seq=seq,
            payload=arrival.payload[: self._max_payload],
            readings=readings,
            error=None if resolved.ignored else error,
        )

    def _whose(self, arrival: Arrival, resolved: Resolved) -> tuple[str | None, str | None]:
        if resolved.ignored:
            return None, None
        if resolved.binding is not None:
            return resolved.home, resolved.binding.device
        scheme = resolved.decoded.scheme
        home = f"@scheme/{scheme}" if scheme in self.schemes else SITE
        return home, arrival.topic

    def remember(self, row: InputRow, arrival: Arrival) -> PacketMemory | None:
        """Remember the packet of a row that is about to be committed; None for QoS 0."""
        if arrival.qos == 0:
            return None
        once = any(
            PROPERTIES[reading.property].momentary or is_life_safety(reading)
            for reading in row.readings
        )
        memory = PacketMemory(
            packet_id=arrival.packet_id,
            digest=_digest(arrival),
            skip=row.seq is not None or not once,
            input=row.id,
        )
        self._packets[arrival.packet_id] = memory
        return memory


def _digest(arrival: Arrival) -> bytes:
    head = arrival.topic.encode("utf-8", "surrogatepass")
    return sha256(len(head).to_bytes(4, "big") + head + arrival.payload).digest()[:16]

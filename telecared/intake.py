"""From MQTT arrivals to rows of the sequence of inputs: whose message it is, and whether it is new.

Holds the directory of devices and the memory of packet ids. It decides nothing about alarms; it
only never loses a message, and never stores one twice where that can be known. Where else a device
was heard is `places`.
"""

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from typing import Final

from telecared.bodies import Evidence, apart, encode_evidence
from telecared.core.directory import Directory, Resolved
from telecared.core.events import SITE, encode_event
from telecared.core.hints import kind_of_name
from telecared.core.readings import is_life_safety
from telecared.core.vocabulary import PROPERTIES, Instant
from telecared.places import Places
from telecared.ports import Arrival
from telecared.store_port import InputRow, PacketMemory

MAX_PAYLOAD: Final = 65_536
"""Bytes of a payload that are kept and decoded, unless a deployment says otherwise."""

MAX_PACKETS: Final = 65_535
"""Packet ids that MQTT has: the memory can never grow past it."""


SCHEME_WITHIN: Final = 3
"""Levels of a topic among which its scheme is looked for, where its profile does not name it."""


class Taken:
    """One arrival, looked at.

    Attributes:
        arrival: as it came.
        resolved: whose it is and what it says, of the first device and of the others.
        is_alarm: a life-safety reading is in it, so that no batch waits for company.
        wall: the time by the wall clock, as `look` was told.
    """

    __slots__ = ("arrival", "is_alarm", "resolved", "wall")

    def __init__(self, arrival: Arrival, resolved: Resolved, wall: Instant | None) -> None:
        self.arrival = arrival
        self.wall = wall
        self.resolved = resolved
        self.is_alarm = any(map(is_life_safety, resolved.decoded.readings)) or any(
            is_life_safety(reading) for one in resolved.more for reading in one.decoded.readings
        )


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
        self._places = Places()

    def connected(self, connection: int, *, resumed: bool) -> None:
        """Note a new connection; without a resumed session no packet id means anything."""
        self._resumed[connection] = resumed
        if not resumed:
            self._packets.clear()

    def look(self, arrival: Arrival, wall: Instant | None = None) -> Taken:
        """Decode one arrival. Never raises.

        Args:
            arrival: as it came.
            wall: the time by the wall clock, by which devices were put in and taken away: people
                wrote those days. None where only its danger is asked for.
        """
        payload = arrival.payload[: self._max_payload]
        return Taken(arrival, self.directory.resolve(arrival.topic, payload, wall), wall)

    def already_stored(self, arrival: Arrival) -> bool:
        """Whether this is the redelivery of a message that is on record and may be skipped.

        Decision 7: only when the session was resumed, and id, topic and payload are the same, and
        it carries a counter or tells nothing momentary and no danger.
        """
        if not arrival.redelivered or not self._resumed.get(arrival.connection, False):
            return False
        known = self._packets.get(arrival.packet_id)
        return known is not None and known.skip and known.digest == _digest(arrival)

    def rows(self, taken: Taken, next_number: Callable[[], int], at: Instant) -> list[InputRow]:
        """Return the rows of one message: one for each device that it tells of, the first whole.

        The others have no payload: it is on record once. After them come findings about devices
        that speak in a home which is not theirs, as rows of their own: they belong to another
        home, and what was found must be found again when the rows are read once more.

        Args:
            taken: what `look` made of it.
            next_number: gives the next id in the sequence of inputs.
            at: engine time.
        """
        rows = [self._row(taken.arrival, taken.resolved, next_number(), at, is_first=True)]
        for one in taken.resolved.more:
            rows.append(self._row(taken.arrival, one, next_number(), at, is_first=False))
        for one in (taken.resolved, *taken.resolved.more):
            if one.elsewhere is None and one.decoded.identity is None:
                continue
            if self.directory.hears_neighbours(one.profile):
                continue
            stands = partial(self.directory.stands, at=taken.wall)
            for home, finding in self._places.found(one, taken.arrival.topic, at, stands):
                body = encode_event(finding)
                number = next_number()
                rows.append(InputRow(id=number, kind="finding", at=at, home=home, body=body))
        return rows

    def _row(
        self, arrival: Arrival, resolved: Resolved, number: int, at: Instant, *, is_first: bool
    ) -> InputRow:
        decoded, error = resolved.decoded, resolved.decoded.error
        if is_first and len(arrival.payload) > self._max_payload:
            error = (
                f"the payload has {len(arrival.payload)} bytes, more than {self._max_payload}: cut"
            )
        home, device, body = self._whose(arrival, resolved)
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
            seq=decoded.seq,
            payload=arrival.payload[: self._max_payload] if is_first else None,
            readings=decoded.readings,
            error=None if resolved.ignored else error,
            body=body,
        )

    def _whose(
        self, arrival: Arrival, resolved: Resolved
    ) -> tuple[str | None, str | None, bytes | None]:
        """Return the home and the device of a row, and of a stranger's what it was taken for."""
        if resolved.ignored:
            return None, None, None
        if resolved.binding is not None:
            return resolved.home, resolved.binding.device, None
        scheme = resolved.decoded.scheme
        if scheme not in self.schemes:
            # Its neighbours' profile may not say; a topic begins with what it is part of.
            levels = arrival.topic.split("/")[:SCHEME_WITHIN]
            scheme = next((level for level in levels if level in self.schemes), None)
        home = SITE if scheme is None else f"@scheme/{scheme}"
        name = resolved.stranger or arrival.topic
        topic, address = apart(name, arrival.topic)
        # Whose radio goes through walls is not where it is heard, but where it is registered.
        is_near = resolved.elsewhere is not None and self.directory.hears_neighbours(
            resolved.profile
        )
        evidence = Evidence(
            profile=resolved.profile,
            kind=kind_of_name(resolved.decoded.device or topic.rpartition("/")[2]),
            home=None if is_near else resolved.decoded.home,
            topic=topic,
            address=address,
            quiet=resolved.quiet,
            elsewhere=resolved.elsewhere,
        )
        return home, name, encode_evidence(evidence)

    def remember(self, rows: list[InputRow], arrival: Arrival) -> list[PacketMemory]:
        """Remember the packet of rows that are about to be committed; nothing for QoS 0.

        The memory is that of the first row; whether a copy may be skipped hangs on all.
        """
        if arrival.qos == 0:
            return []
        first = rows[0]
        once = any(
            PROPERTIES[reading.property].momentary or is_life_safety(reading)
            for row in rows
            for reading in row.readings
        )
        memory = PacketMemory(
            packet_id=arrival.packet_id,
            digest=_digest(arrival),
            skip=first.seq is not None or not once,
            input=first.id,
        )
        self._packets[arrival.packet_id] = memory
        return [memory]


def _digest(arrival: Arrival) -> bytes:
    head = arrival.topic.encode("utf-8", "surrogatepass")
    return sha256(len(head).to_bytes(4, "big") + head + arrival.payload).digest()[:16]

"""What stands on the alert topics: one retained message for each alert, and how each home stands.

Topics and payloads only, kept as they should be; no broker, no decisions. Nothing here names a
person, a number, an address or a text: whoever may read the broker may read this.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from telecared.core.vocabulary import AlertState, Priority
from telecared.core.windows import rfc3339
from telecared.store_port import AlertRow

MAX_ALERTS: Final = 10_000
"""Alerts with a topic of their own; how a home stands is told however many there are."""

LEVELS: Final = 3
"""Levels of a topic below the prefix."""

OK: Final = "ok"
AVAILABLE: Final = "available"
ONLINE: Final = b"online"
OFFLINE: Final = b"offline"

_UNUSABLE: Final = re.compile(r"[^A-Za-z0-9_-]")
_IN_A_TOPIC: Final = re.compile(r"[+#\x00]")


class Signposts:
    """The retained messages as they should be, and which of them the broker may not have yet.

    Args:
        prefix: below it stand all alert topics.
        discovery: the prefix under which Home Assistant looks for new entities; None for none.

    Attributes:
        wanted: topic -> payload, for everything that should be retained.
        changed: topics to publish, oldest first; each once, however often it changes meanwhile.
    """

    def __init__(self, prefix: str, discovery: str | None) -> None:
        self._prefix = prefix
        self._discovery = discovery
        self._schemes: dict[str, str] = {}
        self._open: dict[str, dict[int, Priority]] = {}
        self._alerts: set[tuple[str, int]] = set()
        self.wanted: dict[str, bytes] = {}
        self.changed: dict[str, None] = {}

    @property
    def availability(self) -> str:
        """The topic that tells whether we are there."""
        return f"{self._prefix}/{AVAILABLE}"

    def is_ours(self, topic: str, payload: bytes) -> bool:
        """Whether a retained message is one of those that only we write.

        Another deployment at the same broker has a prefix of its own, and tells Home Assistant of
        its homes under the same one: what follows its availability is not ours.
        """
        if topic.startswith(f"{self._prefix}/"):
            # Scheme, home, and what is told of it; what else stands there is somebody else's.
            return topic.count("/") == self._prefix.count("/") + LEVELS
        started = self._discovery is not None and topic.startswith(
            f"{self._discovery}/binary_sensor/telecared_"
        )
        told_by_us = msgspec.json.encode(self.availability) in payload
        return started and topic.endswith("/config") and told_by_us

    def home(self, home: str, scheme: str) -> None:
        """Take in a home: how it stands is told from now on, also when all is well."""
        before = self._schemes.get(home)
        if before == scheme:
            return
        if before is not None:
            self.gone(home)
        self._schemes[home] = scheme
        self._stands(home)
        if self._discovery is not None:
            name = f"telecared_{_entity(scheme)}_{_entity(home)}"
            self._put(f"{self._discovery}/binary_sensor/{name}/config", self._entity_of(home, name))

    def gone(self, home: str) -> None:
        """Take away everything of a home that was deleted."""
        if home not in self._schemes:
            return
        start = f"{self._place(home)}/"
        name = f"telecared_{_entity(self._schemes[home])}_{_entity(home)}"
        for topic in [
            one for one in self.wanted if one.startswith(start) or f"/{name}/config" in one
        ]:
            self._remove(topic)
        self._alerts -= {one for one in self._alerts if one[0] == home}
        self._open.pop(home, None)
        del self._schemes[home]

    def alerts(self, rows: Iterable[AlertRow]) -> None:
        """Take in alerts as they stand now; those that are only watched have no topic."""
        for row in rows:
            if row.watch:
                continue
            if row.home not in self._schemes:
                self.home(row.home, _scheme_of(row.home))
            resolved = row.state is AlertState.RESOLVED
            running = self._open.setdefault(row.home, {})
            if resolved:
                running.pop(row.n, None)
                self._alerts.discard((row.home, row.n))
                self._remove(f"{self._place(row.home)}/{row.n}")
            else:
                running[row.n] = row.priority
                self._alert(row)
            self._stands(row.home)

    def _alert(self, row: AlertRow) -> None:
        one = (row.home, row.n)
        if one not in self._alerts and len(self._alerts) >= MAX_ALERTS:
            return
        self._alerts.add(one)
        payload = {
            "alert": row.alert,
            "home": row.home,
            "scheme": self._schemes[row.home],
            "rule": row.rule,
            "priority": row.priority.value,
            "state": row.state.value,
            "opened_at": rfc3339(row.opened_at),
            "step": row.step,
            "repeats": row.repeats,
        }
        self._put(f"{self._place(row.home)}/{row.n}", msgspec.json.encode(payload))

    def _stands(self, home: str) -> None:
        running = self._open.get(home, {})
        worst = min(running.values(), key=lambda priority: priority.rank, default=None)
        told = OK if worst is None else worst.value
        self._put(f"{self._place(home)}/state", told.encode())

    def _place(self, home: str) -> str:
        scheme = self._schemes[home]
        last = home.partition("/")[0] if home.startswith("@") else home
        return f"{self._prefix}/{_level(scheme)}/{_level(last)}"

    def _put(self, topic: str, payload: bytes) -> None:
        if self.wanted.get(topic) != payload:
            self.wanted[topic] = payload
            self.changed[topic] = None

    def _remove(self, topic: str) -> None:
        if self.wanted.pop(topic, None) is not None:
            self.changed[topic] = None

    def _entity_of(self, home: str, name: str) -> bytes:
        """Return how Home Assistant is told of a home: on while any alert is unresolved."""
        return msgspec.json.encode(
            {
                "name": f"{home} alert",
                "unique_id": name,
                "default_entity_id": f"binary_sensor.{name}".lower(),
                "state_topic": f"{self._place(home)}/state",
                "value_template": "{{ 'OFF' if value == 'ok' else 'ON' }}",
                "payload_on": "ON",
                "payload_off": "OFF",
                "device_class": "safety",
                "availability_topic": self.availability,
                "payload_available": ONLINE.decode(),
                "payload_not_available": OFFLINE.decode(),
                "qos": 1,
                "device": {
                    "identifiers": ["telecared"],
                    "name": "telecared",
                    "manufacturer": "telecared",
                },
            }
        )


def _scheme_of(home: str) -> str:
    """Return under which scheme alerts without a home stand: `@scheme/ID` under its own."""
    return home.partition("/")[2] or home


def _level(name: str) -> str:
    """Return a name as one level of a topic."""
    return _IN_A_TOPIC.sub("_", name.replace("/", "_"))


def _entity(name: str) -> str:
    """Return a name as Home Assistant takes it; what had to be changed stays apart by a digest."""
    usable = _UNUSABLE.sub("_", name)
    if usable == name:
        return name
    return f"{usable}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"

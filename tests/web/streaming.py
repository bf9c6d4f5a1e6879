"""A browser's half of a stream: reads server-sent events as the standard says. Decides nothing."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

import httpx

from telecared.core.alert_commands import Acknowledged, Resolved
from telecared.core.vocabulary import AlertState, Outcome
from tests.engine.night import Night
from tests.web.centre import OLIVE, Centre, TownNight
from tests.web.town import town

PATIENCE_SECONDS = 10.0


def fresh(centre: Centre, *homes: str) -> list[str]:
    """Somebody in each home presses their pendant; return the alerts, which are new ones.

    What was open there is ended first, and a while passes: a second press would join the first.
    """
    centre.leaps(60)

    async def press(night: TownNight) -> list[str]:
        for home in homes:
            for alert in list(night.engine.homes.states[home].alerts.values()):
                if alert.state is not AlertState.RESOLVED:
                    await end(night, home, alert.n)
        schemes = {home.id: home.scheme for home in town()[1]}
        topics = [f"telecare/{schemes[home]}/{home}/pendant" for home in homes]
        await night.hears(*[night.message(topic=topic, trigger="pressed") for topic in topics])
        return [newest(night, home) for home in homes]

    return centre.does(press)


def newest(night: Night, home: str) -> str:
    """The newest alert of a home."""
    return f"{home}/{max(night.engine.homes.states[home].alerts)}"


async def end(night: Night, home: str, n: int) -> None:
    """Somebody at a terminal ends an alert."""
    ended = Resolved(input=0, at=0, alert=n, by=OLIVE, outcome=Outcome.TEST)
    assert (await night.orders(ended, home)).state == "done"


def ends(centre: Centre, alert: str) -> None:
    """Somebody at a terminal ends an alert."""
    home, n = alert.rsplit("/", 1)
    centre.does(lambda night: end(night, home, int(n)))


def taken(centre: Centre, alert: str, by: str = OLIVE) -> None:
    """Somebody at a terminal takes an alert."""
    home, n = alert.rsplit("/", 1)
    assert centre.orders(Acknowledged(input=0, at=0, alert=int(n), by=by), home).state == "done"


class Event:
    """One event: its name, its data, and when it came."""

    def __init__(self, name: str, data: Any) -> None:  # noqa: ANN401 - JSON
        self.name = name
        self.data = data
        self.at = time.monotonic()

    def __repr__(self) -> str:
        return f"{self.name} {str(self.data)[:120]}"


class Listener:
    """An open stream, read in a thread. Use it as a context manager.

    Attributes:
        last: the id that a browser would bring back.
        events: what came, in order.
        shown: the queue as a browser would show it: alert -> section.
        doubled: ids that were put on the screen twice without leaving it; always none.
    """

    def __init__(
        self, centre: Centre, name: str = "", *, query: str = "view=queue", last: str = "",
        cookie: str = "",
    ) -> None:  # fmt: skip
        self.last = last
        self.events: list[Event] = []
        self.shown: dict[str, str] = {}
        self.status = 0
        self.ended = threading.Event()
        self._changed = threading.Condition()
        self._client = httpx.Client(
            base_url=centre.url,
            cookies={"tc-session": cookie or centre.cookie(name)},
            headers={"Last-Event-ID": last} if last else {},
            timeout=20,
        )
        self._query = query
        self._over = False
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._client.close()
        self._thread.join(PATIENCE_SECONDS)

    def _read(self) -> None:
        with (
            suppress(httpx.HTTPError, httpx.StreamError, OSError, RuntimeError),
            self._client.stream("GET", f"/live?{self._query}") as answer,
        ):
            self.status = answer.status_code
            for name, data, last in parsed(answer.iter_lines()):
                with self._changed:
                    self.last = last or self.last
                    if name:
                        self.events.append(Event(name, data))
                        self._show(name, data)
                    self._changed.notify_all()
                if self._over:
                    return
        self.ended.set()
        with self._changed:
            self._changed.notify_all()

    def _show(self, name: str, data: Any) -> None:  # noqa: ANN401 - JSON
        if name == "list":
            self.shown = {row["id"]: row["section"] for row in data["rows"]}
        elif name == "row":
            self.shown[data["id"]] = data["section"]
        elif name == "gone":
            self.shown.pop(data["id"], None)

    def named(self, name: str) -> list[Event]:
        """The events of a name so far."""
        return [one for one in self.events if one.name == name]

    def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds."""
        with self._changed:
            assert self._changed.wait_for(holds, PATIENCE_SECONDS), self.events[-8:]

    def until_shown(self, alert: str, section: str = "at_centre") -> None:
        """Wait until a row stands in a section."""
        self.until(lambda: self.shown.get(alert) == section)

    def until_told(self) -> Self:
        """Wait until the first of everything has come."""
        self.until(lambda: self.named("pulse") or self.ended.is_set())
        return self


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, Any, str]]:
    """Yield (name, data, last id) of each event; no name for a block that only moves the id."""
    name, data, last = "", "", ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = line.removeprefix("data: ")
        elif line.startswith("id: "):
            last = line.removeprefix("id: ")
        elif not line:
            yield name if data else "", json.loads(data) if data else None, last
            name, data = "", ""

"""`demo` and `press`: the simulated street on this machine, and a pendant of it from outside.

Options, the words around the story, and the exit code. What is played is `telecared.demo`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from telecared.cli.common import Exit, Json, UsageError
from telecared.cli.output import put, say

if TYPE_CHECKING:
    from telecared.demo.ledger import Ending
    from telecared.demo.stage import Scene
    from telecared.store_port import Batch

FASTEST: Final = 3600.0
"""From about here on a policy's two minutes are over before an SMS has crossed the machine."""

DEFAULT_SPEED: Final = 60.0

WATCHED_SPEED: Final = 1.0
"""With somebody at the console, who needs the time that people need."""

STANDING_SECONDS: Final = 10.0
"""After this long without a line the demo says how everything stands."""

HIGHEST_PORT: Final = 65_535
PRESSED: Final = b'{"trigger": "pressed"}'


def demo_command(
    *,
    seconds: Annotated[
        float | None,
        Parameter(name="--seconds", help="End after so many seconds; left out, with Ctrl-C."),
    ] = None,
    speed: Annotated[
        float | None,
        Parameter(
            name="--speed",
            help=(
                f"Times the speed of life, up to {FASTEST:g}; left out, {WATCHED_SPEED:g} with the"
                f" console, and {DEFAULT_SPEED:g} without."
            ),
        ),
    ] = None,
    seed: Annotated[
        int, Parameter(name="--seed", help="Another number is another day on the same street.")
    ] = 1,
    keep: Annotated[
        Path | None,
        Parameter(name="--keep", help="A new folder for the demo's files, which then stay."),
    ] = None,
    json: Json = False,
) -> Exit:
    """Play a street of simulated homes on this machine, with nothing to set up.

    Until Ctrl-C with the console, for somebody to try; with --seconds or --json without it.
    """
    if seconds is not None and not 0 < seconds < float("inf"):
        raise UsageError("--seconds: write how long to play, a number above 0")
    watched = seconds is None and not json
    if speed is None:
        speed = WATCHED_SPEED if watched else DEFAULT_SPEED
    if not 0 < speed <= FASTEST:
        raise UsageError(f"--speed: write a number above 0 and up to {FASTEST:g}")
    show = None if json else _Show(speed=speed, ends=seconds is not None, keep=keep)
    if show is not None:
        show.open()
    # After the first words: it takes a second to load what sends and receives.
    from telecared.demo.stage import Wishes, play

    wishes = Wishes(seconds=seconds, speed=speed, seed=seed, keep=keep, console=watched)
    ending = play(wishes, (lambda _: lambda _: None) if show is None else show.begin)
    if show is None:
        _put(ending)
    else:
        show.end(ending)
    return Exit.FINE if ending.balances else Exit.FINDINGS


def _put(ending: "Ending") -> None:
    from telecared.cli.lines import DemoLine

    put(
        DemoLine(
            homes=ending.homes,
            events=ending.events,
            alerts_opened=ending.alerts.opened,
            alerts_acknowledged=ending.alerts.acknowledged,
            alerts_resolved=ending.alerts.closed_by_person + ending.alerts.closed_by_recovery,
            alerts_escalating=ending.alerts.escalating,
            notifications=ending.notifications,
            ledger_balances=ending.balances,
        )
    )


class _Show:
    """The demo on a terminal: what runs where, then the story, then the ledger."""

    def __init__(self, *, speed: float, ends: bool, keep: Path | None) -> None:
        from telecared.demo.narrator import Narrator
        from telecared.demo.screen import Screen
        from telecared.sim.street import STREET_HOMES, make_street

        self._speed = speed
        self._ends = ends
        self._keep = keep
        self._screen = Screen()
        self._street = make_street(STREET_HOMES)
        self._narrator = Narrator(self._street)
        self._told_at = time.perf_counter()

    def open(self) -> None:
        """Say what this is."""
        pace = "the speed of life"
        if self._speed != 1:
            pace = f"{self._speed:g} times {pace}"
        self._screen.heading(
            f"A street of {len(self._street)} homes, at {pace}. All of it runs on this machine,"
            " and nothing leaves it."
        )

    def begin(self, scene: "Scene") -> Callable[["Batch"], None]:
        """Say what runs where and what one can do; return who tells the story."""
        from telecared.demo.script import PENDANT_HOME, START
        from telecared.sim.street import SCHEME

        port = scene.broker.port
        if scene.console_url is not None:
            self._console(scene.console_url)
        fate = (
            "which stay" if self._keep is not None else "deleted at the end (--keep DIR keeps them)"
        )
        broker = f"mosquitto on 127.0.0.1:{port}"
        if not scene.broker.durable:
            broker = (
                f"iotcore on 127.0.0.1:{port}, which is not durable: it forgets what it holds when"
                " it stops. Debian's mosquitto keeps it."
            )
        self._screen.facts(
            [
                ("broker", broker),
                (
                    "phones" if scene.console_url is None else "messages",
                    f"nobody real is told: a false provider on {scene.provider_url} takes them",
                ),
                ("daemon", f"in this process, its files in {scene.folder}, {fate}"),
            ]
        )
        self._screen.plain("Press a pendant yourself, from a second terminal, with either of:")
        self._screen.copyable(f"telecared press --port {port} {PENDANT_HOME}")
        topic = f"telecare/{SCHEME}/{PENDANT_HOME}/pendant"
        self._screen.copyable(
            f"mosquitto_pub -h 127.0.0.1 -p {port} -t {topic} -q 1 -m '{PRESSED.decode()}'"
        )
        if not self._ends:
            self._screen.plain("Ctrl-C ends it and adds up the ledger.")
        self._screen.plain()
        self._screen.line(self._narrator.waking(START))
        return self._watch

    def _console(self, url: str) -> None:
        """Say where the console is and who may sign in."""
        from telecared.demo.phones import PATH
        from telecared.demo.staff import PASSWORD, STAFF

        self._screen.heading(f"Open {url} and sign in as {STAFF[0].name}, password {PASSWORD}")
        others = ", ".join(f"{one.name} ({one.role.value})" for one in STAFF[1:])
        self._screen.facts(
            [
                ("phones", f"{url}{PATH}: press a pendant, and answer as the family does"),
                ("also", f"{others}; they have the same password"),
            ]
        )

    def _watch(self, batch: "Batch") -> None:
        lines = self._narrator.told(batch)
        for line in lines:
            self._screen.line(line)
        now = time.perf_counter()
        if lines:
            self._told_at = now
        elif now - self._told_at > STANDING_SECONDS:
            self._told_at = now
            self._screen.line(self._narrator.standing(batch.at))

    def end(self, ending: "Ending") -> None:
        """Say how it ended."""
        self._screen.ledger(ending)
        if self._keep is not None:
            self._screen.plain(f"Look around: telecared alerts -c {self._keep}/telecared.yaml")


def press_command(
    home: Annotated[str, Parameter(help="The home whose pendant is pressed, such as larch-12.")],
    *,
    port: Annotated[int, Parameter(name="--port", help="Where the demo's broker listens.")],
) -> Exit:
    """Press a pendant on the street of a running demo."""
    import asyncio
    import os

    from telecared.adapters.mqtt_publish import MqttPublisher
    from telecared.ports import BrokerSettings
    from telecared.sim.street import SCHEME, STREET_HOMES, make_street

    homes = [household.home for household in make_street(STREET_HOMES)]
    if home not in homes:
        raise UsageError(f"'{home}' is not on the street; write one of {', '.join(homes)}")
    if not 1 <= port <= HIGHEST_PORT:
        raise UsageError("--port: write the port that the demo names in its first lines")

    async def press() -> None:
        # The process id keeps two hands on two pendants apart.
        settings = BrokerSettings(host="127.0.0.1", port=port, client_id=f"hand-{os.getpid()}")
        async with MqttPublisher(settings) as publisher:
            await publisher.publish(f"telecare/{SCHEME}/{home}/pendant", PRESSED)

    asyncio.run(press())
    say(f"The pendant of {home} was pressed, and the broker has it.")
    return Exit.FINE

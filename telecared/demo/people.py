"""The people of the demo who bring alerts to an end: some time after taking one, they close it.

They do it as anybody does, by a command that is durable before the engine hears of it. Who answers
an SMS, and when, is the behaviour of their phones.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from telecared.core.alert_commands import Resolved
from telecared.core.events import encode_event
from telecared.core.vocabulary import HOUR, AlertState, Duration, Instant
from telecared.ports import Clock
from telecared.sim.happenings import Happening, What
from telecared.sim.street import ending_of
from telecared.store_port import AlertRow, Batch, CommandRow, Store

LOOK_BACK: Final[Duration] = 4 * HOUR
"""An alert opens at most this long after what it is about."""

_CAUSES: Final[Mapping[str, frozenset[What]]] = {
    "pendant-pressed": frozenset({What.PENDANT, What.MISTAKE, What.FALL}),
    "fall": frozenset({What.FALL}),
    "smoke": frozenset({What.SMOKE}),
    "no-movement": frozenset({What.UNSEEN_FALL}),
    "front-door-at-night": frozenset({What.DOOR_AT_NIGHT}),
    "alarm-unit-silent": frozenset({What.UNIT_SILENT}),
    "mains-lost": frozenset({What.MAINS_LOST}),
    "battery-low": frozenset({What.BATTERY_LOW}),
}


def cause_of(alert: AlertRow, happenings: Sequence[Happening]) -> What | None:
    """Return what an alert is about, or None when nothing planned explains it."""
    possible = _CAUSES.get(alert.rule, frozenset())
    causes = [
        one
        for one in happenings
        if one.home == alert.home
        and one.what in possible
        and one.at <= alert.opened_at <= one.at + LOOK_BACK
    ]
    return causes[-1].what if causes else None


class People:
    """Watches alerts being taken, and closes them when their time has come.

    Args:
        store: takes the commands.
        clock: the street's.
        happenings: in order of time.
        names: whose alerts end like this; what anybody else has taken is theirs to close.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        happenings: Sequence[Happening],
        names: Collection[str],
    ) -> None:
        self._names = frozenset(names)
        self._store = store
        self._clock = clock
        self._happenings = happenings
        self._alerts: dict[str, AlertRow] = {}
        self._visits: dict[str, asyncio.Task[None]] = {}

    def committed(self, batch: Batch) -> None:
        """Look at what a batch says about alerts; call it on the event loop."""
        for alert in batch.alerts:
            before = self._alerts.get(alert.alert)
            self._alerts[alert.alert] = alert
            taken = alert.state is AlertState.ACKNOWLEDGED and alert.owner in self._names
            is_new = before is None or before.owner != alert.owner
            if taken and is_new and alert.alert not in self._visits:
                ending = ending_of(cause_of(alert, self._happenings))
                done_at = batch.at + ending.after
                self._visits[alert.alert] = asyncio.create_task(
                    self._visit(alert.alert, done_at), name=f"visit-{alert.alert}"
                )

    async def _visit(self, name: str, done_at: Instant) -> None:
        await asyncio.sleep(max(0.0, self._clock.real_seconds_until(done_at)))
        self._visits.pop(name, None)
        alert = self._alerts[name]
        # A lease that lapsed meanwhile means that somebody else may be on the way.
        if alert.state is not AlertState.ACKNOWLEDGED or alert.owner not in self._names:
            return
        outcome = ending_of(cause_of(alert, self._happenings)).outcome
        event = Resolved(input=0, at=0, alert=alert.n, by=alert.owner, outcome=outcome)
        await self._store.add_command(
            CommandRow(
                id=0,
                kind="resolve",
                by=alert.owner,
                via="demo",
                given_at=self._clock.now(),
                home=alert.home,
                body=encode_event(event),
            )
        )

    async def stop(self) -> None:
        """Let nobody do anything more."""
        visits = list(self._visits.values())
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

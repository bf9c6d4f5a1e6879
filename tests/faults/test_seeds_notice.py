"""The nights can fail: each known way to break a promise is noticed, by that promise's checker.

A defect is put into the real parts for one test; without it the same nights pass.
"""

import asyncio
import sys
from collections.abc import Callable

import msgspec
import pytest

from telecared import hearing
from telecared.calling import Calling
from telecared.committing import Committing
from telecared.core import alerts, escalation, leases, pressed, step, telling
from telecared.core.alert_commands import Acknowledged, Declined
from telecared.core.messages import Wording
from telecared.core.pressed import ACCEPTS
from telecared.core.prompts import Prompt
from telecared.core.state import Alert
from telecared.core.vocabulary import AlertState, Instant, NotificationState
from telecared.core.work import Work
from telecared.errors import GatewayError
from telecared.hearing import Pressing
from telecared.outbox import Outbox
from telecared.ports import Arrival, Outgoing, OwnerOf, PressedKey, Receipt, Sent
from telecared.sending import Provider
from telecared.shard import Shard
from telecared.stepping import Homes
from telecared.store_port import InputRow
from tests.faults.nights import first_broken

SEEDS = range(250)

Patch = Callable[[pytest.MonkeyPatch], None]


def acknowledges_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker hears that a message is safe while it stands in memory only."""

    def at_once(self: Committing, arrival: Arrival) -> None:
        self._acknowledge([arrival])

    monkeypatch.setattr(Committing, "owe_acknowledgement", at_once)


def forgets_to_arm_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an event makes due is not noted."""
    monkeypatch.setattr(step, "_refresh_alerts_due", lambda work: None)


def takes_undelivered_for_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that did not arrive counts as under way."""
    real = Shard.on_receipt

    async def hopeful(self: Shard, receipt: Receipt) -> None:
        if receipt.state is NotificationState.UNDELIVERED:
            receipt = msgspec.structs.replace(receipt, state=NotificationState.SENT)
        await real(self, receipt)

    monkeypatch.setattr(Shard, "on_receipt", hopeful)


def sends_again_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose fate is unknown is taken for not sent."""

    async def nothing(
        self: Provider, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        return None

    monkeypatch.setattr(Provider, "find", nothing)


def lets_an_acknowledgement_last_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a lease is no deadline."""
    real = escalation.alert_deadline

    def never(alert: Alert) -> Instant | None:
        return None if alert.state is AlertState.ACKNOWLEDGED else real(alert)

    monkeypatch.setattr(step, "alert_deadline", never)


def holds_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease is withdrawn, and its alert stays with its owner."""
    real = Work.put

    def put(self: Work, alert: Alert) -> Alert:
        if alert.state is AlertState.ACKNOWLEDGED:
            alert = msgspec.structs.replace(alert, lease_until=None)
        return real(self, alert)

    monkeypatch.setattr(Work, "put", put)


def loses_what_is_queued_at_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier process owed is not taken up."""

    async def nothing(self: Outbox) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Outbox, "recover", nothing)


def mutes_a_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm is put on record and opens nothing."""
    real = Homes._message

    def muted(self: Homes, row: InputRow) -> None:
        if row.device != "pendant":
            real(self, row)

    monkeypatch.setattr(Homes, "_message", muted)


def rests_where_all_have_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures do not move an alert on."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("telecared.core.") and hasattr(module, "after_failure"):
            monkeypatch.setattr(module, "after_failure", lambda work, alert: alert)


def stores_another_time_than_it_decided_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command is on record a moment later than it was carried out."""
    real = Homes.note

    def note(self: Homes, row: InputRow) -> None:
        real(self, msgspec.structs.replace(row, at=row.at + (row.kind == "command")))

    monkeypatch.setattr(Homes, "note", note)


def forgets_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines are looked at only when something else happens."""
    monkeypatch.setattr(Homes, "tick", lambda self, until, *, limit=None: False)


def tells_names_in_a_log_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log line quotes who is written to."""
    import structlog

    real = Provider.send

    async def send(self: Provider, message: Outgoing) -> Sent:
        structlog.get_logger("outbox").info("sending", number=message.number)
        return await real(self, message)

    monkeypatch.setattr(Provider, "send", send)


def never_pages_the_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands at the centre stands there for as long as nobody looks."""
    monkeypatch.setattr(escalation, "stands_there", lambda work, alert: alert)


def takes_a_repeat_for_told_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has it: whoever holds an alert hears nothing of its happening again."""
    monkeypatch.setattr(alerts, "page_owner", lambda work, alert, text: alert)


def lets_a_silent_owner_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner is paged, and has all of the lease to answer."""
    real = leases.page_owner

    def page(work: Work, alert: Alert, text: Wording) -> Alert:
        return work.put(msgspec.structs.replace(real(work, alert, text), update_by=None))

    monkeypatch.setattr(alerts, "page_owner", page)


def counts_as_sent_what_nobody_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that is too busy has it, surely."""
    real = Provider.send

    async def send(self: Provider, message: Outgoing) -> Sent:
        try:
            return await real(self, message)
        except GatewayError as error:
            if not error.too_fast:
                raise
        return Sent(f"surely-{message.notification}", NotificationState.SENT)

    monkeypatch.setattr(Provider, "send", send)


def takes_any_key_for_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever refuses has pressed a key."""
    real = pressed.resolve_key

    def resolve(_key: str, alert: Alert, to: str, name: str) -> Acknowledged | Declined | None:
        return real(ACCEPTS, alert, to, name)

    monkeypatch.setattr(hearing, "resolve_key", resolve)


def thanks_for_a_key_before_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The voice says that all is well, and then it is put on record."""

    async def press(self: Calling, key: PressedKey) -> Prompt:
        asyncio.get_running_loop().call_later(
            1.0, lambda: asyncio.ensure_future(self._engine.tell(Pressing(key)))
        )
        return Prompt.YOURS

    monkeypatch.setattr(Calling, "press", press)


def keeps_to_the_first_of_a_rota(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns end, and the same person is told."""
    monkeypatch.setattr(telling, "on_duty", lambda rota, at, more: (rota.layers[0].people[0],))


DEFECTS: dict[Patch, tuple[str, ...]] = {
    acknowledges_before_the_commit: ("P1 acknowledged is stored",),
    forgets_to_arm_a_deadline: ("P3 timers outlive us",),
    takes_undelivered_for_sent: ("P5 delivery is evidence",),
    sends_again_without_asking: ("P4 looked up before it is sent again",),
    lets_an_acknowledgement_last_for_ever: ("P3 timers outlive us",),
    holds_without_an_end: ("P2 nobody is forgotten",),
    loses_what_is_queued_at_a_crash: ("P4 none is lost", "it comes to rest"),
    mutes_a_press: ("P6 never muted",),
    rests_where_all_have_failed: ("P5 failure moves on",),
    stores_another_time_than_it_decided_by: ("P9 same inputs, same decisions",),
    forgets_the_time: ("P3 timers outlive us", "circle"),
    never_pages_the_supervisor: ("the supervisor is paged",),
    takes_a_repeat_for_told_already: ("P6 its owner is paged",),
    lets_a_silent_owner_keep_it: ("P6 a silent owner loses it",),
    counts_as_sent_what_nobody_took: ("P4 sent is taken",),
    takes_any_key_for_a_yes: ("P5 only an answer is one",),
    thanks_for_a_key_before_it_is_stored: ("P1 a key is stored",),
    keeps_to_the_first_of_a_rota: ("the rota is kept",),
    tells_names_in_a_log_line: ("P11 people's data stays where it belongs",),
}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_the_checkers_notice_a_daemon_that(defect: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A known defect fails some night of a small range, by the checker of the promise it breaks."""
    defect(monkeypatch)

    broken = first_broken(SEEDS)

    assert broken.checker in DEFECTS[defect]
    assert f"--seed {broken.seed}" in str(broken)

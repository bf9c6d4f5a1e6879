"""Receipts as they really come: out of order, and after the alert that they belong to is over."""

from pathlib import Path

from telecared.adapters.sqlite import SqliteReader
from telecared.core.effects import Notify
from telecared.core.vocabulary import DAY, Channel, NotificationState, Priority, Stage
from telecared.store_port import Batch, EvidenceRow, NotificationUpdate, NotifyRow
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import BEN, HOME, MIDNIGHT, open_store, problems_of

FIRST = f"{HOME}/1-1"


def told(state: NotificationState, notification: str = FIRST) -> Batch:
    """A report on one notification, long after everything else."""
    at = MIDNIGHT + DAY
    update = NotificationUpdate(id=notification, at=at, state=state, provider_id="SM1")
    return Batch(at=at, inputs=[samples.event(90, "alive")], notification_updates=[update])


async def test_what_was_delivered_stays_delivered(tmp_path: Path) -> None:
    """The sender's own `sent` may be told after the receipt, and takes nothing back."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.load()
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    for number, state in enumerate((NotificationState.DELIVERED, NotificationState.SENT)):
        batch = told(state)
        batch.inputs = [samples.event(90 + number, "alive")]
        await store.commit(batch)
    owed, awaited = await store.outbox(), await store.awaiting_receipts()
    await store.close()

    assert (owed, awaited) == ([], [])
    assert SqliteReader(path).notification_states() == {"delivered": 1}


async def test_a_receipt_that_decides_nothing_is_no_contradiction(tmp_path: Path) -> None:
    """Help texts belong to no alert, so that no record tells of their receipts: that is sound."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    help_text = Notify(
        id=f"{HOME}/0-1",
        at=MIDNIGHT + DAY,
        alert=0,
        k=1,
        priority=Priority.ROUTINE,
        to="sender",
        channel=Channel.SMS,
        number=BEN,
        text="Nothing is open for you now.",
    )
    asked = samples.line("notification.queued", n=None, to="sender")
    store = open_store(path)
    await store.load()
    batch = told(NotificationState.DELIVERED, f"{HOME}/0-1")
    batch.inputs = [samples.event(10, "alive")]
    batch.notifications = [NotifyRow(HOME, help_text)]
    batch.records = [asked]
    await store.commit(batch)
    await store.close()

    assert problems_of(path) == []


async def test_a_call_that_was_never_answered_for_is_known_by_its_callback(tmp_path: Path) -> None:
    """P4: what a provider reported of an attempt says whose it is, before and after others."""
    store = open_store(tmp_path / "telecared.db")
    await store.load()
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    rang = EvidenceRow(
        notification=FIRST, at=MIDNIGHT, stage=Stage.CALLED, provider="voice", provider_id="CA1"
    )
    wrote = EvidenceRow(
        notification=FIRST, at=MIDNIGHT, stage=Stage.REPLIED, provider="", provider_id="SM7"
    )
    await store.commit(Batch(at=MIDNIGHT, evidence=[rang, wrote]))
    found = [
        await store.notification_of(provider_id, provider)
        for provider_id, provider in (("CA1", "voice"), ("CA1", ""), ("CA1", "sms"), ("SM7", ""))
    ]
    await store.close()
    assert found == [FIRST, FIRST, None, None]

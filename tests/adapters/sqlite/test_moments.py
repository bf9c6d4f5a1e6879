"""The life of a notification as evidence: everything is kept, and nothing moves a state back."""

from pathlib import Path

from telecared.adapters.sqlite import RetentionClass, SqliteReader, verify
from telecared.adapters.sqlite.evidence import MAX_MOMENTS
from telecared.core.vocabulary import DAY, SECOND, NotificationState, Stage
from telecared.store_port import Batch, EvidenceRow, NotificationUpdate
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import HOME, MIDNIGHT, open_store, problems_of

PAGE = f"{HOME}/1-1"


def moment(
    stage: Stage, *, second: int = 1, provider: str = "first", key: str = "SM9"
) -> EvidenceRow:
    """A moment of Ben's page."""
    return EvidenceRow(
        notification=PAGE,
        at=MIDNIGHT + second * SECOND,
        stage=stage,
        provider=provider,
        provider_id=key,
    )


async def test_the_life_of_a_page_can_be_read(tmp_path: Path) -> None:
    """Attempts name their provider, and late or repeated receipts are all there."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    first = EvidenceRow(notification=PAGE, at=MIDNIGHT, stage=Stage.ATTEMPT, provider="first")
    await store.begin_attempt(PAGE, 77, provider="first", evidence=[first])
    stranger = EvidenceRow(notification="nobody/1-1", at=1, stage=Stage.FAILED)
    assert await store.keep_evidence([moment(Stage.ACCEPTED), stranger]) == [stranger]
    late = [moment(Stage.DELIVERED, second=9), moment(Stage.SENT, second=7)]
    await store.commit(Batch(at=MIDNIGHT, evidence=[*late, *late]))
    await store.close()

    [life] = SqliteReader(path).evidence_of(HOME, 1)
    assert (life.id, life.alert, life.to, life.provider) == (PAGE, f"{HOME}/1", "ben", "first")
    assert [one.stage.value for one in life.moments] == [
        "attempt", "accepted", "delivered", "sent", "delivered", "sent",
    ]  # fmt: skip
    assert SqliteReader(path).evidence_of(HOME, 1, "another") == []
    assert problems_of(path) == []


async def test_a_page_that_had_left_was_not_taken_back(tmp_path: Path) -> None:
    """`withdrawn` is kept only while it still waited."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    await store.keep_evidence([moment(Stage.WITHDRAWN)])
    sent = NotificationUpdate(id=PAGE, at=MIDNIGHT, state=NotificationState.SENT)
    await store.commit(Batch(at=MIDNIGHT, notification_updates=[sent]))
    await store.keep_evidence([moment(Stage.WITHDRAWN)])
    await store.close()
    [life] = SqliteReader(path).evidence_of(HOME, 1)
    assert [one.stage for one in life.moments] == [Stage.WITHDRAWN]


async def test_a_provider_that_repeats_itself_for_ever_fills_no_disk(tmp_path: Path) -> None:
    """There is an end to what is kept of one message."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    await store.keep_evidence([moment(Stage.SENT)] * (MAX_MOMENTS + 5))
    await store.close()
    [life] = SqliteReader(path).evidence_of(HOME, 1)
    assert len(life.moments) == MAX_MOMENTS


async def test_whoever_changes_evidence_is_found_out(tmp_path: Path) -> None:
    """It is in the chain, row by row."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    await store.keep_evidence([moment(Stage.SENT), moment(Stage.DELIVERED)])
    with store._connection as connection:
        connection.execute("UPDATE notification_evidence SET stage = 'failed' WHERE id = 2")
        connection.execute("DELETE FROM notification_evidence WHERE id = 1")
    await store.close()
    assert problems_of(path) == [
        "notification_evidence: 1 is missing and nothing says why",
        "notification_evidence: 2 is not what was committed to",
    ]


async def test_retention_and_erasing_take_evidence_along(tmp_path: Path) -> None:
    """A provider's id leads to a person: it goes with the rest, and verify says why."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    await store.keep_evidence([moment(Stage.DELIVERED)])
    await store.erase(HOME, 1, MIDNIGHT + DAY)
    await store.keep_evidence([moment(Stage.DELIVERED, key="SM-late")])
    await store.close()
    [life] = SqliteReader(path).evidence_of(HOME, 1)
    assert [(one.stage, one.provider_id) for one in life.moments] == [(Stage.DELIVERED, "")]
    verified = verify(path)
    assert verified.problems == []
    assert b"SM9" not in path.read_bytes()

    store = open_store(path)
    await store.apply_retention({RetentionClass.ALERTS: DAY}, MIDNIGHT + 10 * DAY)
    await store.close()
    assert SqliteReader(path).evidence_of(HOME, 1) == []
    assert problems_of(path) == []

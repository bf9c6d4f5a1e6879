"""What is committed is found again, by the engine, by readers and by other processes."""

from pathlib import Path

import pytest

from telecared.adapters.sqlite import CommandDesk, SqliteReader, verify
from telecared.core.vocabulary import MINUTE, SECOND, AlertState, NotificationState
from telecared.errors import StoreError
from telecared.reader_port import AlertFilter
from telecared.store_port import (
    AlertRow,
    Batch,
    CommandResult,
    HomeRecordWrite,
    HomeWrite,
    NotificationUpdate,
    PacketMemory,
    PlanWrite,
)
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import BEN, HOME, MIDNIGHT, open_store


async def test_an_engine_starts_from_what_the_last_one_committed(tmp_path: Path) -> None:
    """State, due instant, plan, home record, packets and settings survive a restart."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    empty = await store.load()
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    await store.remember("filters", '["telecare/#"]')
    await store.remember("commit_seconds", "0.004")
    await store.close()

    again = open_store(path)
    loaded = await again.load()
    await again.close()

    assert (empty.last_input, empty.homes, empty.clean_stop) == (0, [], False)
    assert (loaded.last_input, loaded.last_at) == (5, MIDNIGHT + 5 * SECOND)
    assert loaded.site == b"site facts"
    assert loaded.plan == b'{"rules":[]}'
    assert (loaded.filters, loaded.commit_seconds) == (("telecare/#",), 0.004)
    assert loaded.packets == [PacketMemory(7, b"d" * 16, skip=True, input=4)]
    home, site = loaded.homes
    assert (home.home, home.state, home.due_at) == (HOME, b"state 2", MIDNIGHT + MINUTE)
    assert home.record == samples.home_record().content
    assert (site.home, site.record, site.due_at) == ("@site", None, None)


async def test_every_message_is_on_record_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    """Topic, qos, times, payload and readings come back, also of what could not be decoded."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)

    reader = SqliteReader(path)
    inputs = reader.inputs()
    broken = inputs[4]

    assert [row.id for row in inputs] == list(range(1, 10))
    assert inputs[3] == samples.message(4)
    assert (broken.payload, broken.retained, broken.redelivered) == (b"\x00\xff{", True, True)
    assert broken.error == "the payload is no JSON"
    assert broken.seq is None
    assert inputs[6].body == b'{"provider_id":"SM1","text":"YES"}'


async def test_readers_see_only_what_they_ask_for(tmp_path: Path) -> None:
    """Filters by home, time, state and number of rows do what they say."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)

    reader = SqliteReader(path)

    assert [row.id for row in reader.events(home=None, since=None, limit=2)] == [4, 5]
    assert [row.id for row in reader.events(home=HOME, since=None, limit=9)] == [3, 4]
    assert [row.id for row in reader.events(home=None, since=MIDNIGHT + 4 * SECOND, limit=9)] == [
        4,
        5,
    ]
    assert [row.id for row in reader.inputs(home=HOME, after=3)] == [4, 5, 6, 7, 8, 9]
    assert [row.id for row in reader.inputs(home="other", after=3)] == [5, 7, 9]
    assert reader.alerts(AlertFilter()) == [samples.alert(AlertState.RESOLVED, "Ben Hall")]
    assert reader.alerts(AlertFilter(state=AlertState.OPEN)) == []
    assert reader.alerts(AlertFilter(home=HOME, since=MIDNIGHT + MINUTE)) == []
    assert [row.record for row in reader.records(home=HOME)] == [
        row.record for row in (*samples.opening().records, *samples.ending(1).records)
    ]
    assert reader.snapshot_days() == [("2026-03-01", 8)]
    site, plan, homes = reader.snapshot("2026-03-01")
    assert (site, plan) == (b"site facts", "p1")
    assert {home.home: home.state for home in homes} == {HOME: b"state 3", "@site": b"s"}


async def test_what_is_owed_to_people_is_known_until_it_is_sent(tmp_path: Path) -> None:
    """The outbox holds what is queued, with the open attempt; a receipt is awaited after that."""
    store = open_store(tmp_path / "telecared.db")
    await store.commit(samples.setting_up())
    batch = samples.opening()
    batch.notifications.append(samples.sms(k=2))
    await store.commit(batch)
    await store.begin_attempt(f"{HOME}/1-1", 77, provider="first")

    owed = await store.outbox()
    told = await store.open_alerts_told_to(BEN)
    withdrawn = NotificationUpdate(id=f"{HOME}/1-2", at=MIDNIGHT, withdrawn=True)
    sent = samples.ending(1).notification_updates[0]
    await store.commit(Batch(at=MIDNIGHT, notification_updates=[withdrawn, sent]))

    assert [(row.id, row.attempted_at, row.attempts) for row in owed] == [
        (f"{HOME}/1-1", 77, 1),
        (f"{HOME}/1-2", None, 0),
    ]
    assert (owed[0].provider, owed[1].provider, owed[0].language) == ("first", "", "en")
    assert (owed[0].number, owed[0].text, owed[0].to) == (BEN, samples.TEXT, "ben")
    assert owed[0].state is NotificationState.QUEUED
    assert [(row.home, row.n, row.code, row.contact) for row in told] == [(HOME, 1, "4242", "ben")]
    assert await store.outbox() == []
    assert await store.awaiting_receipts() == [(f"{HOME}/1-1", "first", "SM9")]
    assert await store.notification_of("SM9") == f"{HOME}/1-1"
    assert await store.notification_of("SM9", "first") == f"{HOME}/1-1"
    assert await store.notification_of("SM9", "second") is None
    assert await store.notification_of("SM0") is None
    assert await store.attempt_of(f"{HOME}/1-1") == ("first", "SM9")
    assert await store.attempt_of("nobody") == ("", "")
    assert await store.home_of_notification(f"{HOME}/1-1") == HOME
    assert await store.home_of_notification("nobody") is None
    with pytest.raises(StoreError, match="no notification"):
        await store.begin_attempt("nobody", 1)
    await store.close()


async def test_a_reply_finds_its_sender_and_is_taken_once(tmp_path: Path) -> None:
    """Numbers lead to contacts, to open alerts only, and a provider's id is known again."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)

    contacts = await store.contacts_with(BEN)
    await store.commit(Batch(at=MIDNIGHT, home_records=[HomeRecordWrite(HOME, "", None)], plans=[]))

    assert contacts == [(HOME, "ben")]
    assert await store.contacts_with(BEN) == []
    assert await store.open_alerts_told_to(BEN) == []
    assert await store.seen_inbound("SM1")
    assert not await store.seen_inbound("SM2")
    deleted = next(home for home in (await store.load()).homes if home.home == HOME)
    assert (deleted.state, deleted.record) == (b"state 3", None)
    await store.close()
    assert samples.problems_of(path) == []


async def test_a_command_from_another_process_reaches_the_engine(tmp_path: Path) -> None:
    """The desk's row is seen at once, carried out once, and its end is heard by who waits."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    store.commands_may_wait()
    before = store.commands_may_wait()
    slept: list[float] = []
    desk = CommandDesk(path, sleep=slept.append, seconds=lambda: len(slept) * 0.05)

    number = desk.add(samples.command())
    seen = store.commands_may_wait()
    waiting = await store.waiting_commands(10)
    unheard = desk.wait(number, 0.2)
    desk.log_read(by="Ben Hall", what="key safe", home=HOME, at=MIDNIGHT)
    await store.commit(
        Batch(
            at=MIDNIGHT + 9,
            inputs=[samples.event(4, "command", b"{}", HOME)],
            command_results=[CommandResult(number, "refused", "Cara already has it.", 4)],
        )
    )

    assert (before, seen, len(slept)) == (False, True, 4)
    assert [row.kind for row in waiting] == ["ack"]
    assert (waiting[0].id, waiting[0].body) == (number, b'{"n":1}')
    assert unheard == CommandResult(number, "accepted", "", 0)
    assert desk.wait(number, 1) == CommandResult(number, "refused", "Cara already has it.", 4)
    assert desk.state_of(99) is None
    assert await store.waiting_commands(10) == []
    await store.close()
    found = verify(path)
    assert found.problems == []
    assert found.counts["reads not in the chain yet"] == 0


async def test_states_of_many_homes_keep_their_own_due_instants(tmp_path: Path) -> None:
    """A state that is written again with the same due instant, or a moved one, is the last one."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    for writes in (
        [("a", b"1", 5), ("b", b"1", None)],
        [("a", b"2", 5), ("b", b"2", 7), ("a", b"3", 9)],
        [("a", b"4", 9), ("a", b"5", None), ("b", b"3", 7)],
    ):
        homes = [HomeWrite(*write) for write in writes]
        await store.commit(Batch(at=1, homes=homes))

    loaded = await store.load()

    assert [(home.home, home.state, home.due_at) for home in loaded.homes] == [
        ("a", b"5", None),
        ("b", b"3", 7),
    ]
    await store.close()


async def test_the_newest_plan_is_the_one_that_was_written_last(tmp_path: Path) -> None:
    """Going back to an older plan makes that one the newest again."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    for name in ("p1", "p2", "p1"):
        await store.commit(Batch(at=1, plans=[PlanWrite(name, name.encode())]))

    assert (await store.load()).plan == b"p1"
    await store.close()
    assert SqliteReader(path).plan("p2") == b"p2"
    assert samples.problems_of(path) == []


async def test_the_states_are_held_against_the_table_of_alerts(tmp_path: Path) -> None:
    """An alert that only the state or only the table knows is a finding."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    await store.close()

    def same(state: bytes) -> list[AlertRow]:
        return [samples.alert()] if state == b"state 2" else []

    assert verify(path, alerts_of_state=same).problems == []
    assert verify(path, alerts_of_state=lambda state: []).problems == [
        f"alerts: {HOME}/1 is unresolved, but not in the state of home {HOME}"
    ]
    owned = verify(path, alerts_of_state=lambda state: [samples.alert(owner="Cara")])
    assert f"alerts: {HOME}/1 differs from the state of its home" in owned.problems


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    """Whoever comes too late hears a sentence, and closing twice does no harm."""
    store = open_store(tmp_path / "telecared.db")
    await store.close()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.load()

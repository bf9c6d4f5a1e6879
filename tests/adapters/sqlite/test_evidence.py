"""Tampering is found, and what retention and erasure remove is explained."""

import sqlite3
from pathlib import Path

import pytest

from telecared.adapters.sqlite import RetentionClass, SqliteReader, back_up, verify
from telecared.core.vocabulary import DAY, HOUR, SECOND, NotificationState
from telecared.store_port import Batch, CommandResult, NotificationUpdate
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import HOME, MIDNIGHT, open_store, problems_of

TAMPERINGS = {
    "chain: entry 3 has been changed": "UPDATE chain SET ref = ref || '1' WHERE id = 3",
    "chain: entry 2 is missing": "DELETE FROM chain WHERE id = 2",
    "chain: entry 4 does not hold": "UPDATE chain SET hash = zeroblob(32) WHERE id = 3",
    "inputs: 1-3 are not": "UPDATE inputs SET payload = CAST('{}' AS BLOB) WHERE id = 3",
    "inputs: 4-5 are not": "UPDATE inputs SET at = at + 1 WHERE id = 5",
    "inputs: 6-8 are not": "UPDATE inputs SET body = '{}' WHERE id = 7",
    "inputs: 4 is missing": "DELETE FROM inputs WHERE id = 4",
    "inputs: 10 is in no entry": "INSERT INTO inputs SELECT 10, kind, at, home_id, device_id,"
    " topic_id, qos, retained, redelivered, seq, payload, readings, error, body"
    " FROM inputs WHERE id = 9",
    "home_salts: the salt for inputs": "DELETE FROM home_salts WHERE home_id = 1",
    "batches: 10 is in no entry": "INSERT INTO batches VALUES (10, 10)",
    "records: 2 is not": "UPDATE records SET late = 5 WHERE id = 2",
    "records: 3 is missing": "DELETE FROM records WHERE id = 3",
    "records: 6 is in no entry": "INSERT INTO records SELECT 6, home_id, at, 'note', rule, alert,"
    " priority, recipient, channel, late, input_id, content_id FROM records WHERE id = 1",
    "contents: 1 is not": "UPDATE contents SET body = replace(body, 'fall', 'none') WHERE id = 1",
    "contents: 2 has been emptied": "UPDATE contents SET body = NULL, salt = NULL,"
    " removed_by = 1 WHERE id = 2",
    "contents: 3 is missing": "DELETE FROM contents WHERE id = 3",
    "notifications: 1 is not": "UPDATE notifications SET recipient = 'cara'",
    "commands: 1 is not": "UPDATE commands SET by = 'Nobody'",
    "commands: the end of 1 is not": "UPDATE commands SET state = 'refused'",
    "commands: 1 has been emptied": "UPDATE commands SET salt = NULL, body = NULL",
    "plans: p1 is not": "UPDATE plans SET content = CAST('{}' AS BLOB)",
    "home_records: 1 is not": "UPDATE home_records SET content = CAST('{}' AS BLOB)",
    "alerts: larch-12/1 is open, but": "UPDATE alerts SET state = 'open'",
    "alerts: larch-12/2 was never opened": "UPDATE alerts SET n = 2, alert = 'larch-12/2'",
    "alerts: alert 1 of home 1 is in records": "DELETE FROM alerts",
    "notifications: alert 1 of home 1 has more in a final state": "UPDATE notifications"
    " SET state = 'delivered'",
    "buried_inputs: 4 is in inputs too": "INSERT INTO buried_inputs VALUES"
    " (4, zeroblob(32), NULL, NULL)",
    "dropped: 1 is in no entry": "INSERT INTO dropped VALUES (1, 1, 'records', 1, 9)",
    "erasures: 1 is in no entry": "INSERT INTO erasures VALUES (1, 1, 1, 1)",
}


@pytest.mark.parametrize(("finding", "statement"), TAMPERINGS.items())
async def test_whoever_changes_a_row_is_found_out(
    tmp_path: Path, finding: str, statement: str
) -> None:
    """Each table in turn is changed behind the program's back; verify names table and row."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    assert problems_of(path) == []

    with sqlite3.connect(path) as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()

    assert any(problem.startswith(finding) for problem in problems_of(path)), problems_of(path)


async def test_a_damaged_file_is_a_finding(tmp_path: Path) -> None:
    """Bytes that the disk has lost end in a sentence."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    data = bytearray(path.read_bytes())
    for page in range(5 * 4096, len(data), 4096):
        data[page : page + 16] = b"\xff" * 16
    path.write_bytes(data)

    assert problems_of(path) != []


async def test_what_verify_counts_is_what_was_written(tmp_path: Path) -> None:
    """The summary tells numbers and the hash that leaves the machine."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)

    found = verify(path)

    assert (found.counts["inputs"], found.counts["records"], found.counts["alerts"]) == (9, 5, 1)
    assert (found.counts["chain"], found.head) == SqliteReader(path).chain_head()
    assert found.explained == {}


async def test_retention_drops_rows_and_the_chain_still_verifies(tmp_path: Path) -> None:
    """Messages go first, then the rest; each time verify says what is gone and finds no wrong."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    now = MIDNIGHT + 10 * DAY
    term = {RetentionClass.MESSAGES: DAY, RetentionClass.UNDECODABLE: DAY}

    messages = await store.apply_retention(term, now)
    first = verify(path)
    everything = dict.fromkeys(RetentionClass, DAY)
    rest = await store.apply_retention(everything, now)
    await store.commit(Batch(at=now, inputs=[samples.event(10, "alive")]))
    await store.apply_retention(everything, now)
    loaded = await store.load()
    await store.close()
    second = verify(path)

    assert messages == {RetentionClass.MESSAGES: 2, RetentionClass.UNDECODABLE: 1}
    assert first.problems == []
    assert first.explained == {"inputs dropped by retention": 3}
    assert rest[RetentionClass.OTHER_INPUTS] == 5
    assert rest[RetentionClass.QUARANTINE] == 1
    assert rest[RetentionClass.SNAPSHOTS] == 0, "the newest snapshot stays"
    assert second.problems == []
    assert second.explained == {
        "inputs dropped by retention": 9,
        "records dropped by retention": 5,
        "notifications dropped by retention": 1,
        "commands dropped by retention": 1,
    }
    assert loaded.last_input == 10
    assert loaded.last_at == now
    rows = SqliteReader(path)
    assert (rows.records(), len(rows.inputs())) == ([], 1)


async def test_retention_keeps_what_an_unresolved_alert_and_the_outbox_need(
    tmp_path: Path,
) -> None:
    """The fall of last year is still open: its messages, lines and texts stay, others go."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    await store.commit(
        Batch(at=MIDNIGHT, inputs=[samples.message(6, home="other"), samples.event(7, "alive")])
    )

    counts = await store.apply_retention(dict.fromkeys(RetentionClass, HOUR), MIDNIGHT + 400 * DAY)

    assert counts[RetentionClass.ALERTS] == 0
    assert counts[RetentionClass.ALIVE] == 0, "the newest input stays"
    assert [row.id for row in SqliteReader(path).inputs(home=HOME)] == [2, 3, 4, 7]
    assert len(await store.outbox()) == 1
    await store.close()
    assert problems_of(path) == []


async def test_retention_works_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many rows go in many transactions; neighbours that went whole are told as one."""
    monkeypatch.setattr("telecared.adapters.sqlite.retention.SCANNED_INPUTS_MAX", 10)
    path = tmp_path / "telecared.db"
    store = open_store(path)
    number = 0
    for size in (7, 1, 30, 5, 12):
        inputs = [samples.message(number + each) for each in range(1, size + 1)]
        await store.commit(Batch(at=MIDNIGHT, inputs=inputs))
        number += size

    recent = await store.apply_retention(
        {RetentionClass.MESSAGES: DAY}, MIDNIGHT + DAY + 40 * SECOND
    )
    partly = verify(path)
    later = await store.apply_retention({RetentionClass.MESSAGES: DAY}, MIDNIGHT + 9 * DAY)
    await store.close()

    assert recent[RetentionClass.MESSAGES] == 39
    assert (partly.problems, partly.explained) == ([], {"inputs dropped by retention": 39})
    assert later[RetentionClass.MESSAGES] == 15
    whole = verify(path)
    assert (whole.problems, whole.explained) == ([], {"inputs dropped by retention": 54})
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT count(*) FROM buried_inputs").fetchone()[0]
    connection.close()
    assert kept == 11, "only the last batch, which is not gone as a whole, keeps commitments"


async def test_an_erased_person_leaves_a_chain_that_verifies(tmp_path: Path) -> None:
    """Texts, numbers, payloads and topics are gone from the file; verify says who removed them."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    number = await store.add_command(samples.command("erase"))
    await store.commit(
        Batch(
            at=MIDNIGHT + DAY,
            inputs=[samples.event(10, "command", b"{}")],
            command_results=[CommandResult(number, "done", "", 10)],
        )
    )

    assert await store.erase(HOME, number, MIDNIGHT + DAY)
    assert not await store.erase("nowhere", number, MIDNIGHT + DAY)
    assert await store.empty_journal()
    await store.commit(Batch(at=MIDNIGHT + DAY, inputs=[samples.message(11)]))
    await store.close()
    found = verify(path)

    assert found.problems == []
    assert found.explained == {
        f"inputs removed by command {number}": 5,
        f"contents removed by command {number}": 6,
        f"commands removed by command {number}": 1,
        f"home_records removed by command {number}": 1,
    }
    assert SqliteReader(path).is_erased(HOME) == number
    assert {row.record.reason for row in SqliteReader(path).records()} == {""}
    back_up(path, tmp_path / "copy.db")
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        for personal in (
            b"Larch Close",
            b"7700900123",
            b"Ben Hall, ",
            b'"n":4}',
            b"told of a fall",
        ):
            assert personal not in data, f"{personal!r} is still in {file.name}"


async def test_retention_after_an_erasure_keeps_both_explanations(tmp_path: Path) -> None:
    """A batch that holds erased inputs keeps their commitments when the others are dropped."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    await store.erase(HOME, 1, MIDNIGHT + DAY)
    await store.apply_retention(dict.fromkeys(RetentionClass, DAY), MIDNIGHT + 90 * DAY)
    await store.close()

    found = verify(path)

    assert found.problems == []
    assert found.explained["inputs removed by command 1"] == 5
    assert found.explained["inputs dropped by retention"] == 3


async def test_the_history_of_a_notification_must_be_in_the_record(tmp_path: Path) -> None:
    """A state that nobody recorded is a finding, also when the chain holds."""
    path = tmp_path / "telecared.db"
    store = open_store(path)
    await store.commit(samples.setting_up())
    await store.commit(samples.opening())
    failed = NotificationUpdate(
        id=f"{HOME}/1-1", at=MIDNIGHT, state=NotificationState.FAILED, code="30003"
    )
    await store.commit(Batch(at=MIDNIGHT, notification_updates=[failed]))
    await store.close()

    (problem,) = problems_of(path)
    assert problem.startswith("notifications: alert 1 of home 1 has more in a final state")
    assert problem.endswith("notification.failed")


async def test_ended_commands_and_replaced_versions_of_a_home_have_a_term_too(
    tmp_path: Path,
) -> None:
    """What still waits, and the version of a home that counts, stay."""
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    waiting = await store.add_command(samples.command("snooze"))
    await store.commit(Batch(at=MIDNIGHT + DAY, home_records=[samples.home_record("Elsewhere")]))
    terms = {
        RetentionClass.COMMANDS: DAY,
        RetentionClass.HOME_RECORDS: DAY,
        RetentionClass.SNAPSHOTS: DAY,
    }

    held = await store.apply_retention(terms, MIDNIGHT + 9 * DAY)
    await store.snapshot("2026-03-09")
    await store.apply_retention(terms, MIDNIGHT + 9 * DAY)
    await store.apply_retention(terms, MIDNIGHT + 9 * DAY)
    left = await store.waiting_commands(9)
    loaded = await store.load()
    await store.close()

    assert held[RetentionClass.HOME_RECORDS] == 0, "a snapshot stands on it"
    assert held[RetentionClass.COMMANDS] == 1
    assert [command.id for command in left] == [waiting]
    assert loaded.homes[0].record == samples.home_record("Elsewhere").content
    found = verify(path)
    assert found.problems == []
    assert found.explained == {
        "commands dropped by retention": 1,
        "home_records dropped by retention": 1,
    }

"""A legal hold keeps what retention would drop; what an erasure takes with it is on record."""

from pathlib import Path

import msgspec

from telecared.adapters.sqlite import RetentionClass, SqliteReader, verify
from telecared.core.legal_holds import ErasureWrite, HoldRow, HoldWrite
from telecared.core.vocabulary import DAY, SECOND, Stage
from telecared.store_port import Batch, EvidenceRow, InputRow
from tests.adapters.sqlite import samples
from tests.adapters.sqlite.samples import BEN, HOME, MIDNIGHT, open_store, problems_of

LATER = MIDNIGHT + 90 * DAY


async def counts_after(path: Path, hold: HoldWrite | None) -> dict[RetentionClass, int]:
    """What retention drops of the night, ninety days later."""
    await samples.written_night(path)
    store = open_store(path)
    await store.snapshot("2026-03-02")
    if hold is not None:
        await store.commit(Batch(at=MIDNIGHT + DAY, holds=[hold]))
    await store.commit(Batch(at=LATER, inputs=[samples.event(10, "alive")]))
    counts = await store.apply_retention(dict.fromkeys(RetentionClass, DAY), LATER)
    await store.close()
    assert problems_of(path) == []
    return counts


async def test_retention_passes_a_held_home_over(tmp_path: Path) -> None:
    """Its messages, alerts, lines, texts, snapshots and commands stay; the site's inputs go."""
    held = await counts_after(tmp_path / "held.db", HoldWrite(home=HOME, command=1))
    free = await counts_after(tmp_path / "free.db", None)

    assert free[RetentionClass.ALERTS] > 0
    assert free[RetentionClass.QUARANTINE] == 1
    for name in (RetentionClass.ALERTS, RetentionClass.QUARANTINE, RetentionClass.COMMANDS,
                 RetentionClass.SNAPSHOTS, RetentionClass.MESSAGES):  # fmt: skip
        assert held[name] == 0, name
    assert held[RetentionClass.ALIVE] == free[RetentionClass.ALIVE] == 1
    reader = SqliteReader(tmp_path / "held.db")
    assert len(reader.records(home=HOME)) == 5
    assert {row.id for row in reader.inputs(home=HOME)} >= {2, 3, 4, 6, 8}


async def test_a_hold_that_ran_out_or_was_released_keeps_nothing(tmp_path: Path) -> None:
    """The end is that of its day, not of the day on which somebody remembers it."""
    ran_out = HoldWrite(home=HOME, command=1, until=MIDNIGHT + 2 * DAY)
    lasting = HoldWrite(home=HOME, command=1, until=LATER + 1)

    assert (await counts_after(tmp_path / "out.db", ran_out))[RetentionClass.ALERTS] > 0
    assert (await counts_after(tmp_path / "on.db", lasting))[RetentionClass.ALERTS] == 0

    path = tmp_path / "released.db"
    await samples.written_night(path)
    store = open_store(path)
    await store.commit(Batch(at=MIDNIGHT, holds=[HoldWrite(home=HOME, command=7, until=LATER)]))
    placed = (await store.load()).holds
    await store.commit(Batch(at=MIDNIGHT, holds=[HoldWrite(home=HOME, command=8, released=True)]))
    released = (await store.load()).holds
    await store.close()
    assert placed == (HoldRow(HOME, 7, MIDNIGHT, LATER),)
    assert [one.stands(LATER - 1) for one in placed] == [True]
    assert [one.stands(LATER) for one in placed] == [False]
    assert released == ()
    assert problems_of(path) == []


def said(number: int, phone: str, text: str) -> InputRow:
    """An SMS that came in."""
    body = f'{{"provider_id":"IN{number}","number":"{phone}","text":"{text}"}}'
    return samples.event(number, "sms", body.encode())


async def test_an_erasure_takes_what_stands_under_other_names(tmp_path: Path) -> None:
    """Texts of its people, strangers on its topics, evidence, what the scheme was asked about it.

    A number that another home knows too is that home's: only what meant the erased one goes.
    """
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    shared, other = "+447700900177", "+447700900188"
    record = samples.home_record("1 Elm Road")
    assert record.content is not None
    elm = record.content.replace(HOME.encode(), b"elm-1").replace(BEN.encode(), shared.encode())
    await store.commit(Batch(at=MIDNIGHT + DAY, home_records=[type(record)("elm-1", "elm", elm)]))
    record = samples.home_record()
    assert record.content is not None
    more = record.content.replace(BEN.encode(), shared.encode())
    stranger = samples.event(10, "message", b'{"home":"larch-12","topic":"x/kettle-word"}', "@site")
    meant = msgspec.structs.replace(
        samples.event(13, "command", b"{}", HOME), at=MIDNIGHT + 12 * SECOND
    )
    await store.commit(
        Batch(
            at=MIDNIGHT + DAY,
            inputs=[
                stranger,
                said(11, BEN, "own-word"),
                said(12, shared, "meant-word"),
                meant,
                said(14, shared, "elsewhere-word"),
                said(15, other, "other-word"),
                samples.message(16, home="elm-1"),
            ],
            home_records=[
                type(record)(HOME, "second", more),
            ],
            evidence=[
                EvidenceRow(
                    notification=f"{HOME}/1-1", at=MIDNIGHT, stage=Stage.SENT, provider_id="SMx9"
                )
            ],
        )
    )
    asked = await store.add_command(samples.command("checked", "@scheme/northside"))
    await store.commit(Batch(at=MIDNIGHT + DAY, erasures=[ErasureWrite(HOME, asked)]))
    await store.close()

    found = verify(path)
    data = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert found.problems == []
    for word in (b"own-word", b"meant-word", b"kettle-word", b"SMx9", BEN.encode()):
        assert word not in data, word
    for word in (b"elsewhere-word", b"other-word", b"elm-1/pendant"):
        assert word in data, word
    assert found.explained[f"notification_evidence removed by command {asked}"] == 1
    assert SqliteReader(path).is_erased(HOME) == asked
    assert SqliteReader(path).is_erased("elm-1") is None


async def test_a_hold_keeps_what_its_people_wrote_and_strangers_said(tmp_path: Path) -> None:
    """Texts of its people and messages on its topics belong to no home: the hold keeps them too.

    What other people wrote goes at its term, and so does all of it once the hold is released.
    """
    path = tmp_path / "telecared.db"
    await samples.written_night(path)
    store = open_store(path)
    stranger = samples.event(11, "message", b'{"home":"larch-12","topic":"x/kettle"}', "@site")
    lines = samples.line("alert.opened", n=None)
    about = [
        msgspec.structs.replace(
            lines, home="@site", record=msgspec.structs.replace(lines.record, reason=reason)
        )
        for reason in (f"{BEN} is wrong", "somebody else")
    ]
    inputs = [
        said(10, BEN, "yes"), stranger, said(12, "+447700900188", "no"), samples.event(13, "alive")
    ]  # fmt: skip
    held = HoldWrite(home=HOME, command=1)
    await store.commit(Batch(at=MIDNIGHT + DAY, inputs=inputs[:3], records=about, holds=[held]))
    await store.commit(Batch(at=LATER, inputs=inputs[3:]))

    await store.apply_retention(dict.fromkeys(RetentionClass, DAY), LATER)
    reader = SqliteReader(path)
    kept = {row.id for row in reader.inputs()}
    told = {row.record.reason for row in reader.records(home="@site")}
    await store.commit(Batch(at=LATER, holds=[HoldWrite(home=HOME, command=2, released=True)]))
    await store.apply_retention(dict.fromkeys(RetentionClass, DAY), LATER)
    left = {row.id for row in reader.inputs()}
    await store.close()

    assert {10, 11} <= kept
    assert 12 not in kept
    assert told == {f"{BEN} is wrong"}
    assert not {10, 11} & left
    assert list(reader.records(home="@site")) == []
    assert problems_of(path) == []

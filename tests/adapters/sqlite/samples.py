"""Rows as an engine would write them: two homes, a night, one alert from opening to its end."""

from collections.abc import Callable
from pathlib import Path

from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import SqliteStore, verify
from telecared.core.effects import Notify, Record
from telecared.core.plan import HomeRecord, content_hash, encode_home
from telecared.core.policy import Contact
from telecared.core.readings import Reading
from telecared.core.vocabulary import (
    DAY,
    MINUTE,
    SECOND,
    AlertState,
    Cause,
    Channel,
    NotificationState,
    Outcome,
    Priority,
)
from telecared.store_port import (
    AlertRow,
    Batch,
    CommandResult,
    CommandRow,
    HomeRecordWrite,
    HomeWrite,
    InputRow,
    NotificationUpdate,
    NotifyRow,
    PacketMemory,
    PlanWrite,
    Quarantine,
    RecordRow,
)

MIDNIGHT = 1_772_323_200_000_000
HOME = "larch-12"
BEN = "+447700900123"
TEXT = "Possible fall at 12 Larch Close."


def open_store(path: Path, ballast: int = 0) -> SqliteStore:
    """A store without ballast, so that tests stay quick."""
    return SqliteStore(path, salt=salt, ballast_bytes=ballast)


def problems_of(path: Path) -> list[str]:
    """What verifying finds wrong."""
    return verify(path).problems


def message(number: int, *, home: str | None = HOME, at: int | None = None) -> InputRow:
    """A message of a pendant."""
    return InputRow(
        id=number,
        kind="message",
        at=MIDNIGHT + number * SECOND if at is None else at,
        home=home,
        device="pendant",
        topic=f"telecare/northside/{home}/pendant",
        qos=1,
        seq=number,
        payload=b'{"trigger":"pressed","n":%d}' % number,
        readings=(
            Reading("pendant", "trigger", "pressed", MIDNIGHT),
            Reading("pendant", "battery", 81.5, None),
            Reading("pendant", "location", (51.5, -0.25), None),
        ),
    )


def undecodable(number: int) -> InputRow:
    """What cannot be decoded is on record too."""
    return InputRow(
        id=number,
        kind="message",
        at=MIDNIGHT + number * SECOND,
        topic="telecare/northside/\udcff/x",
        device="\ud800",
        qos=1,
        seq=2**80,
        retained=True,
        redelivered=True,
        payload=b"\x00\xff{",
        error="the payload is no JSON",
    )


def event(number: int, kind: str, body: bytes | None = None, home: str | None = None) -> InputRow:
    """An input that is no message."""
    return InputRow(id=number, kind=kind, at=MIDNIGHT + number * SECOND, home=home, body=body)


def alert(state: AlertState = AlertState.OPEN, owner: str | None = None, n: int = 1) -> AlertRow:
    """The alert of the night."""
    ended = state is AlertState.RESOLVED
    return AlertRow(
        alert=f"{HOME}/{n}",
        home=HOME,
        n=n,
        rule="fall",
        priority=Priority.LIFE_SAFETY,
        state=state,
        opened_at=MIDNIGHT + SECOND,
        code="4242",
        owner=owner,
        step=1,
        next_at=None if ended else MIDNIGHT + MINUTE,
        resolved_at=MIDNIGHT + 10 * SECOND if ended else None,
        resolved_by=owner if ended else None,
        outcome=Outcome.FALSE_ACTIVATION if ended else None,
        cause=Cause.PET if ended else None,
        linked_to=f"{HOME}/9" if ended else "",
    )


_TIMES = {"alert.opened": 1, "alert.resolved": 10}


def line(name: str, *, number: int = 0, n: int | None = 1, to: str | None = None) -> RecordRow:
    """A line of the record."""
    return RecordRow(
        HOME,
        Record(
            at=MIDNIGHT + _TIMES.get(name, number) * SECOND,
            event=name,
            rule="fall",
            alert=n,
            priority=Priority.LIFE_SAFETY,
            to=to,
            channel=Channel.SMS if to else None,
            text=TEXT if to else None,
            reason="The fall detector told of a fall.",
            input=number,
        ),
    )


def sms(k: int = 1, n: int = 1, number: str = BEN, to: str = "ben") -> NotifyRow:
    """A message that is owed."""
    return NotifyRow(
        HOME,
        Notify(
            id=f"{HOME}/{n}-{k}",
            at=MIDNIGHT + SECOND,
            alert=n,
            k=k,
            priority=Priority.LIFE_SAFETY,
            to=to,
            channel=Channel.SMS,
            number=number,
            text=TEXT,
        ),
    )


def home_record(address: str = "12 Larch Close") -> HomeRecordWrite:
    """A registered home with one contact."""
    content = encode_home(
        HomeRecord(
            id=HOME,
            scheme="northside",
            timezone="Europe/London",
            address=address,
            contacts=(Contact(id="ben", name="Ben Hall", phone=BEN, roles=("carer",)),),
        )
    )
    return HomeRecordWrite(HOME, content_hash(content), content)


def command(kind: str = "ack", home: str | None = HOME) -> CommandRow:
    """What somebody asks for."""
    return CommandRow(
        id=0, kind=kind, by="Ben Hall", via="cli", given_at=MIDNIGHT, home=home, body=b'{"n":1}'
    )


def setting_up() -> Batch:
    """Start, plan, homes."""
    return Batch(
        at=MIDNIGHT,
        inputs=[event(1, "start", b"{}"), event(2, "home", b"{}", HOME), message(3)],
        homes=[HomeWrite(HOME, b"state 1", MIDNIGHT + MINUTE), HomeWrite("@site", b"s", None)],
        site=b"site facts",
        plans=[PlanWrite("p1", b'{"rules":[]}')],
        home_records=[home_record()],
    )


def opening() -> Batch:
    """The alert opens and Ben is owed a message."""
    return Batch(
        at=MIDNIGHT + SECOND,
        inputs=[message(4), undecodable(5)],
        homes=[HomeWrite(HOME, b"state 2", MIDNIGHT + MINUTE)],
        alerts=[alert()],
        records=[
            line("alert.opened", number=4),
            line("notification.queued", number=4, to="ben"),
        ],
        notifications=[sms()],
        packets=[PacketMemory(7, b"d" * 16, skip=True, input=4)],
        quarantined=[Quarantine(5, HOME, "message", "", "ValueError in step", MIDNIGHT)],
    )


def ending(command_id: int) -> Batch:
    """Ben was told, took it and said how it ended."""
    return Batch(
        at=MIDNIGHT + 10 * SECOND,
        inputs=[
            event(6, "result", b"{}", HOME),
            event(7, "sms", b'{"provider_id":"SM1","text":"YES"}'),
            event(8, "command", b"{}", HOME),
        ],
        homes=[HomeWrite(HOME, b"state 3", None)],
        alerts=[alert(AlertState.RESOLVED, "Ben Hall")],
        records=[
            line("notification.sent", number=6, to="ben"),
            line("alert.acknowledged", number=8),
            line("alert.resolved", number=8),
        ],
        notification_updates=[
            NotificationUpdate(
                id=f"{HOME}/1-1",
                at=MIDNIGHT + 6 * SECOND,
                state=NotificationState.SENT,
                provider_id="SM9",
            )
        ],
        command_results=[CommandResult(command_id, "done", "", 8)],
        forget_packets=True,
    )


async def written_night(path: Path) -> None:
    """A database with the whole night in it, closed."""
    store = open_store(path)
    await store.commit(setting_up())
    await store.commit(opening())
    number = await store.add_command(command())
    await store.commit(ending(number))
    await store.snapshot("2026-03-01")
    await store.commit(Batch(at=MIDNIGHT + DAY, inputs=[event(9, "alive")]))
    await store.close()


Change = Callable[[Batch], None]

"""`export`: everything that is held about a home and its resident, as one file they can be given.

A zip with `home.json` (for programs) and `home.txt` (to be read). That it was asked for is on
record before a byte is written; what is held is read from the store as it stands.
"""

import base64
import io
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.adapters.sqlite import History, KeptMessage, SqliteReader
from telecared.adapters.system_clock import wall_now
from telecared.cli.common import By, Config, Exit, Json, name_of, require_config
from telecared.cli.output import put, say
from telecared.cli.record_lines import ExportLine
from telecared.cli.store import log_read, require_store
from telecared.config.deployment import load_deployment
from telecared.core.plan import HomeRecord, decode_home
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339
from telecared.errors import Refused, StoreError
from telecared.reader_port import AlertFilter
from telecared.store_port import InputRow

FILE_MODE: Final = 0o600
EVERY: Final = 2**62

Part = Mapping[str, object]


def export(
    home: Annotated[str, Parameter(name="HOME", help="The home's id, like larch-12.")],
    /,
    *,
    to: Annotated[Path, Parameter(name="--to", help="The zip file to write; it must be new.")],
    by: By,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Write everything that is held about a home and its resident to a file."""
    name = name_of(by)
    path = load_deployment(require_config(config)).store_path
    require_store(path)
    reader = SqliteReader(path)
    if not any(one.home == home for one in reader.load().homes) or home.startswith("@"):
        erased = reader.is_erased(home)
        if erased is not None:
            raise Refused(f"{home} was removed by command {erased}: nothing of it is held")
        raise Refused(f"there is no home {home}: `telecared import` registers one")
    if to.exists():
        raise Refused(f"{to} is there already, and is not replaced; name another file")
    log_read(path, by=name, what="export of everything held", home=home)
    held = held_about(path, home)
    _write(to, home, held)
    counts = {key: len(value) for key, value in held.items() if isinstance(value, list)}
    if as_json:
        put(ExportLine(str(to), home, counts))
    else:
        told = ", ".join(f"{count} {key.replace('_', ' ')}" for key, count in counts.items())
        say(f"{to} holds what is known of {home}: {told}")
    return Exit.FINE


def held_about(path: Path, home: str) -> dict[str, object]:
    """Return everything a store holds about a home, in builtin types.

    Raises:
        StoreError: the store cannot be read.
    """
    reader, history = SqliteReader(path), History(path)
    stored = next(one for one in reader.load().homes if one.home == home)
    record = None if stored.record is None else decode_home(stored.record)
    state = _state(home, stored.state)
    strangers = history.strangers_of(home)
    return {
        "home": home,
        "written_at": rfc3339(wall_now()),
        "record": None if record is None else msgspec.to_builtins(record),
        "earlier_records": [
            {"since": rfc3339(at), "record": _builtins(content)}
            for at, content in history.record_times(home)[:-1]
        ],
        "devices": _devices(record, state),
        "suspensions": [msgspec.to_builtins(one) for one in state.suspensions.values()],
        "silences": [msgspec.to_builtins(one) for one in state.silences.values()],
        "promises": [msgspec.to_builtins(one) for one in state.promises.values()],
        "what_is_remembered": msgspec.to_builtins(
            {name: getattr(state, name) for name in state.__struct_fields__
             if name not in ("suspensions", "silences", "promises", "version")}
        ),
        "set_aside": [
            {"at": rfc3339(at), "what": what, "key": key, "error": error}
            for at, what, key, error in history.set_aside(home)
        ],
        "legal_holds": [
            {"since": rfc3339(one.at), "command": one.command,
             "until": None if one.until is None else rfc3339(one.until)}
            for one in reader.holds() if one.home == home
        ],
        "alerts": [
            {**msgspec.to_builtins(one), **_times(one, "opened_at", "resolved_at", "lease_until")}
            for one in reversed(reader.alerts(AlertFilter(home=home, limit=EVERY)))
        ],
        "notifications": [_message(one) for one in history.messages(0, home=home)],
        "record_lines": [
            {**msgspec.to_builtins(one.record), "at": rfc3339(one.record.at)}
            for one in reader.records(home=home)
        ],
        "inputs": [_input(row) for row in history.inputs(home)],
        "strangers_on_its_topics": [_input(row) for row in strangers if row.kind == "message"],
        "replies": _replies(row for row in strangers if row.kind == "sms"),
        "commands": history.commands(home),
        "who_read_it": [
            {"at": rfc3339(at), "by": by, "what": what} for at, by, what in history.reads(home)
        ],
    }  # fmt: skip


def _state(home: str, blob: bytes | None) -> HomeState:
    if blob is None:
        return HomeState(home=home)
    try:
        return decode_state(blob)
    except ValueError as error:
        raise StoreError(str(error)) from None


def _builtins(content: bytes | None) -> object:
    return None if content is None else msgspec.json.decode(content)


def _times(of: object, *names: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names:
        at: Instant | None = getattr(of, name)
        found[name] = None if at is None else rfc3339(at)
    return found


def _devices(record: HomeRecord | None, state: HomeState) -> list[object]:
    devices = () if record is None else record.devices
    return [
        {
            **msgspec.to_builtins(device),
            "heard_at": None if (at := state.heard.get(device.id)) is None else rfc3339(at),
            "tested_at": None if (at := state.tested.get(device.id)) is None else rfc3339(at),
        }
        for device in devices
    ]


def _message(one: KeptMessage) -> dict[str, object]:
    return {
        **msgspec.to_builtins(one),
        **_times(one, "queued_at", "changed_at"),
        "moments": [
            {**msgspec.to_builtins(moment), "at": rfc3339(moment.at)} for moment in one.moments
        ],
    }


def _input(row: InputRow) -> dict[str, object]:
    text, binary = _payload(row.payload)
    return {
        "id": row.id,
        "kind": row.kind,
        "at": rfc3339(row.at),
        "device": row.device,
        "topic": row.topic,
        "payload": text,
        "payload_b64": binary,
        "readings": [msgspec.to_builtins(one) for one in row.readings],
        "error": row.error,
        "body": None if row.body is None else row.body.decode("utf-8", "backslashreplace"),
    }


def _payload(payload: bytes | None) -> tuple[str | None, str | None]:
    if payload is None:
        return None, None
    try:
        return payload.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(payload).decode()


def _replies(rows: Iterable[InputRow]) -> list[object]:
    """Return the SMS that came from the home's people; they belong to no home by themselves."""
    found: list[object] = []
    for row in rows:
        told = msgspec.json.decode(row.body or b"{}", type=_Inbound)
        found.append({"at": rfc3339(row.at), "number": told.number, "text": told.text})
    return found


class _Inbound(msgspec.Struct, frozen=True):
    number: str = ""
    text: str = ""


# --- the file ---------------------------------------------------------------------------------


def _write(to: Path, home: str, held: Mapping[str, object]) -> None:
    """Write the zip for its owner only; nothing is left of one that could not be finished."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        formatted = msgspec.json.format(msgspec.json.encode(held), indent=2)
        archive.writestr("home.json", formatted)
        archive.writestr("home.txt", readable(home, held))
    try:
        handle = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
    except OSError as error:
        raise StoreError(f"{to} cannot be written: {error.strerror}; name another file") from None
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(packed.getvalue())
    except OSError as error:
        to.unlink(missing_ok=True)
        raise StoreError(f"{to} cannot be written: {error.strerror}; name another file") from None


def readable(home: str, held: Mapping[str, object]) -> str:
    """Return the same for people: one paragraph a part, one line a thing."""
    lines = [f"What is held about {home}", ""]
    for key, value in held.items():
        title = key.replace("_", " ").capitalize()
        if isinstance(value, list):
            lines.append(f"{title} ({len(value)})")
            lines += [f"  - {_line(each)}" for each in value]
        elif isinstance(value, Mapping):
            lines.append(title)
            lines += [f"  {name}: {_line(each)}" for name, each in value.items()]
        else:
            lines.append(f"{title}: {_line(value)}")
        lines.append("")
    return "\n".join(lines)


def _line(value: object) -> str:
    """Return a value as one line without brackets; what is empty is left out."""
    if isinstance(value, Mapping):
        told = ((name, each) for name, each in value.items() if each not in (None, "", [], {}))
        return "; ".join(f"{str(name).replace('_', ' ')} {_line(each)}" for name, each in told)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_line(each) for each in value) or "none"
    return "none" if value is None else str(value).replace("\n", " ")

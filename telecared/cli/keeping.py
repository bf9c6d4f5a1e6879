"""`backup`, `restore`, `verify`: copies of the store, and whether it is what the engine wrote.

Copying and checking the file is the store's; the ledger is the core's.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.adapters.console_db import console_path
from telecared.adapters.sqlite import SqliteReader, Verification, back_up
from telecared.adapters.sqlite import restore as put_back
from telecared.adapters.sqlite import verify as verify_store
from telecared.adapters.system_clock import wall_now
from telecared.cli.common import Config, Exit, Json, require_config
from telecared.cli.lines import CopyLine, LedgerLine, VerifyLine
from telecared.cli.output import count_of, put, say
from telecared.cli.store import group_umask, require_store
from telecared.config.deployment import load_deployment
from telecared.core.ledger import Ledger, add_up
from telecared.core.state import decode_state
from telecared.core.windows import rfc3339
from telecared.errors import Refused, StoreError
from telecared.reader_port import AlertFilter
from telecared.rows import alert_row, standing_of
from telecared.store_port import AlertRow

SQLITE_HEAD: Final = b"SQLite format 3\0"
"""How every database begins."""

EVERY_ALERT: Final = 2**62

LOOKS: Final = 5
"""How often a ledger that does not balance is read again before it counts."""


def backup(
    target: Annotated[
        Path | None,
        Parameter(name="TARGET", help="The file to write. Left out: one in the backup folder."),
    ] = None,
    /,
    *,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Make a verified copy of the store, in use or not."""
    deployment = load_deployment(require_config(config))
    path = deployment.store_path
    require_store(path)
    if target is None:
        now = rfc3339(wall_now())[:19].replace(":", "").replace("-", "")
        # Not the name of a nightly copy: those are let go by rotation.
        target = deployment.backup_path / f"{path.stem}.{now}Z.db"
    if target.absolute() == path.absolute():
        raise StoreError(f"{target} is the store itself; name another file")
    if target.absolute() == console_path(path).absolute():
        raise StoreError(f"{target} holds who may sign in to the console; name another file")
    _refuse_other_files(target)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{target.parent} cannot be made: {error.strerror}") from None
    back_up(path, target)
    if as_json:
        put(CopyLine(str(target)))
    else:
        say(f"{target} is a verified copy")
    return Exit.FINE


def _refuse_other_files(target: Path) -> None:
    """Raise Refused where a copy would take the place of something that is no copy."""
    try:
        with target.open("rb") as there:
            head = there.read(len(SQLITE_HEAD))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}; name a file") from None
    if head and head != SQLITE_HEAD:
        raise Refused(f"{target} is no database, and a copy would replace it; name another file")


def restore(
    file: Annotated[Path, Parameter(name="FILE", help="The backup.")],
    /,
    *,
    yes: Annotated[
        bool, Parameter(name="--yes", negative=(), help="Put it in the place of the store.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Put a backup in the place of the store, which is kept beside it."""
    path = load_deployment(require_config(config)).store_path
    _require_file(file)
    if not yes:
        raise Refused(
            f"{file} would take the place of {path}, which would be kept beside it; nothing was"
            " changed. Add --yes if that is meant"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with group_umask():
        aside = put_back(file, path)
    if as_json:
        put(CopyLine(str(path), None if aside is None else str(aside)))
    else:
        before = f"; what stood there is now {aside}" if aside is not None else ""
        say(f"{path} is restored{before}")
    return Exit.FINE


def verify(
    file: Annotated[
        Path | None,
        Parameter(name="FILE", help="A database or a backup. Left out: the deployment's store."),
    ] = None,
    /,
    *,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Check the store from end to end: file, chain, tables, states, ledger."""
    if file is not None:
        _require_file(file)
        path = file
    else:
        path = load_deployment(require_config(config)).store_path
        require_store(path)
    found = verify_store(path, alerts_of_state=alerts_of_state)
    ledger = _ledger(path, found)
    if as_json:
        put(_line(found, ledger))
    else:
        _show(found, ledger)
    return Exit.FINDINGS if found.problems else Exit.FINE


def _require_file(file: Path) -> None:
    if not file.is_file():
        raise StoreError(f"there is no file {file}; check the name")


def alerts_of_state(blob: bytes) -> list[AlertRow]:
    """Return the unresolved alerts that a home's state holds; StoreError when it cannot be read."""
    try:
        state = decode_state(blob)
    except ValueError as error:
        raise StoreError(str(error)) from None
    return [alert_row(state.home, alert) for alert in state.alerts.values()]


def ledger_of(path: Path) -> Ledger:
    """Return the ledger of a store: its record held against its table of alerts.

    In a store that is in use the two are read a moment apart, so that only what differs in every
    one of several looks is told.
    """
    ledger = _one_look(path)
    lasting = set(ledger.differences)
    for _ in range(LOOKS - 1):
        if ledger.balances:
            return ledger
        ledger = _one_look(path)
        lasting &= set(ledger.differences)
    return msgspec.structs.replace(ledger, differences=tuple(sorted(lasting)))


def _one_look(path: Path) -> Ledger:
    reader = SqliteReader(path)
    standings = map(standing_of, reader.alerts(AlertFilter(limit=EVERY_ALERT)))
    return add_up(((one.home, one.record) for one in reader.records()), standings)


def _ledger(path: Path, found: Verification) -> Ledger | None:
    """Return the ledger, and add what is wrong with it to the findings."""
    if not found.is_sound:
        return None
    ledger = ledger_of(path)
    found.problems.extend(f"ledger: {each}" for each in ledger.differences)
    return ledger


def _line(found: Verification, ledger: Ledger | None) -> VerifyLine:
    return VerifyLine(
        sound=not found.problems,
        problems=found.problems,
        explained=found.explained,
        counts=found.counts,
        head=found.head,
        ledger=None
        if ledger is None
        else LedgerLine(
            opened=ledger.opened,
            closed_by_person=ledger.closed_by_person,
            closed_by_recovery=ledger.closed_by_recovery,
            acknowledged=ledger.acknowledged,
            escalating=ledger.escalating,
            balances=ledger.balances,
        ),
    )


def _show(found: Verification, ledger: Ledger | None) -> None:
    for problem in found.problems:
        say(problem)
    for reason, count in found.explained.items():
        say(f"{count_of(count, 'row')} gone: {reason}")
    if ledger is not None:
        say(
            f"{count_of(ledger.opened, 'alert')} opened = {ledger.closed_by_person} closed by a"
            f" person + {ledger.closed_by_recovery} closed by recovery + {ledger.acknowledged}"
            f" acknowledged + {ledger.escalating} escalating"
        )
    if found.problems:
        say(f"{count_of(len(found.problems), 'problem')} found")
    else:
        say(
            f"sound: {count_of(found.counts.get('chain', 0), 'entry', 'entries')} of the chain hold"
        )

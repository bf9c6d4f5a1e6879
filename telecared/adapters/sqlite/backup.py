"""Copies of the whole database: made while it is in use, checked before they count, put back.

A copy holds personal data: mode 0600, and it expires by rotation. When a copy is made, and how
many are kept, is the caller's matter.
"""

import stat
from pathlib import Path
from typing import Final

from telecared.adapters.sqlite.connection import DATABASE_MODE, copy_database
from telecared.adapters.sqlite.lock import engine_lock
from telecared.adapters.sqlite.verify import verify
from telecared.errors import StoreError

KEEP_NIGHTLY: Final = 14
_JOURNALS: Final = ("-wal", "-shm")
_ASIDE_MAX: Final = 1_000


def back_up(path: Path, target: Path) -> None:
    """Copy the database, in use or not, to `target` and verify the copy, chain included.

    Nothing stands at `target` before it has been verified; an older file is replaced only then.

    Raises:
        StoreError: the copy could not be made, or does not verify.
    """
    copy_database(path, target, verified=_require_sound)


def _require_sound(path: Path) -> None:
    problems = verify(path).problems
    if problems:
        raise StoreError(f"{path.name} does not verify: {problems[0]}")


def back_up_nightly(path: Path, folder: Path, stamp: str, keep: int = KEEP_NIGHTLY) -> Path:
    """Make the backup of a night and let the oldest go; running twice a night does no harm.

    Args:
        path: the database.
        folder: where backups live; made when it is missing.
        stamp: names the night and sorts by time (`2026-03-29`); it begins with a digit.
        keep: how many nights are kept, at least 1.

    Returns:
        The file that was written.

    Raises:
        StoreError: as `back_up`; then no older backup has been let go.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = folder / f"{path.stem}-{stamp}.db"
        back_up(path, target)
        # Only what a night names: `<stem>-console.db` is no backup, wherever it stands.
        for old in sorted(folder.glob(f"{path.stem}-[0-9]*.db"))[: -max(1, keep)]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"could not keep a backup in {folder}: {error.strerror}") from error
    return target


def restore(source: Path, path: Path) -> Path | None:
    """Put a backup in the place of the database and keep what it replaces beside it.

    Returns:
        Where the replaced database was put, with its journal, or None when there was none.

    Raises:
        StoreError: an engine runs on the database, or the backup does not verify; then nothing
            has been changed.
    """
    with engine_lock(path):
        if not source.is_file():
            raise StoreError(f"there is no backup {source}")
        _require_sound(source)
        fresh = path.with_name(f".{path.name}.restored")
        copy_database(source, fresh)
        try:
            aside = _put_aside(path)
            fresh.chmod(DATABASE_MODE if aside is None else stat.S_IMODE(aside.stat().st_mode))
            fresh.replace(path)
        except OSError as error:
            raise StoreError(f"could not restore {path.name}: {error.strerror}") from error
        return aside


def _put_aside(path: Path) -> Path | None:
    if not path.exists():
        return None
    names = (path.with_name(f"{path.name}.replaced-{n}") for n in range(1, _ASIDE_MAX))
    aside = next((name for name in names if not name.exists()), None)
    if aside is None:
        raise StoreError(f"too many replaced databases beside {path}; remove some")
    path.replace(aside)
    for suffix in _JOURNALS:
        journal = path.with_name(path.name + suffix)
        if journal.exists():
            journal.replace(aside.with_name(aside.name + suffix))
    return aside

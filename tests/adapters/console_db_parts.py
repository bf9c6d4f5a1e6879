"""A console database in which hashing is cheap, with two people in it."""

from collections.abc import Iterator
from pathlib import Path

from argon2 import PasswordHasher

from telecared.accounts_port import Draft, SignIn, Tried
from telecared.adapters.console_db import ConsoleDb
from telecared.adapters.entropy import salt
from telecared.core.operators import Role
from telecared.core.vocabulary import SECOND, Duration, Instant

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Thousands of times cheaper than the real one."""

NOW: Instant = 1_790_000_000 * SECOND
PASSWORD = "kettle garden seven bricks"
DESK = "192.0.2.10"
ELSEWHERE = "198.51.100.9"


def open_db(path: Path, *, idle: Duration | None = None) -> ConsoleDb:
    """Open a console database with cheap hashing."""
    if idle is None:
        return ConsoleDb(path, chance=salt, hasher=CHEAP)
    return ConsoleDb(path, chance=salt, hasher=CHEAP, idle=idle)


def opened(path: Path) -> Iterator[ConsoleDb]:
    """A fresh database with Ann, who is an administrator, and Ben, an operator of northside."""
    db = open_db(path)
    db.add(
        Draft(name="Ann Lee", role=Role.ADMINISTRATOR),
        PASSWORD,
        must_change=False,
        by=None,
        now=NOW,
    )
    ben = Draft(name="Ben Hall", role=Role.OPERATOR, schemes=("northside",), known_as="ben@x.test")
    db.add(ben, PASSWORD, must_change=False, by=None, now=NOW)
    yield db
    db.close()


def sign_in(
    db: ConsoleDb,
    name: str = "Ann Lee",
    password: str = PASSWORD,
    *,
    address: str = DESK,
    browser: str = "",
    now: Instant = NOW,
) -> SignIn:
    """Try to sign in."""
    return db.sign_in(name, password, address=address, browser=browser, now=now)


def token_of(db: ConsoleDb, name: str = "Ann Lee", *, now: Instant = NOW) -> str:
    """Sign in and return the session's token."""
    tried = sign_in(db, name, now=now)
    assert tried.tried is Tried.DONE
    return tried.token

"""What somebody who means harm tries against the accounts: each of it comes to nothing."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from telecared.accounts_port import Draft, Tried
from telecared.adapters.console_db import ConsoleDb
from telecared.core.operators import Role
from telecared.core.vocabulary import DAY, SECOND, Instant
from telecared.errors import Refused
from tests.adapters.console_db_parts import DESK, NOW, PASSWORD, opened, sign_in, token_of

NEW = "four other words entirely"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ConsoleDb]:
    """Ann, an administrator, and Ben, an operator."""
    yield from opened(tmp_path / "telecared-console.db")


def session_of(db: ConsoleDb, token: str) -> int:
    """The session of a cookie."""
    visitor = db.visitor(token, NOW, acts=False)
    assert visitor is not None
    return visitor.session


def has_code(db: ConsoleDb, operator: int, now: Instant) -> str:
    """Have somebody set up a phone; return its secret."""
    secret = db.begin_code(operator, now)
    assert db.take_code(operator, pyotp.TOTP(secret).at(now // SECOND), now)
    return secret


def change(db: ConsoleDb, operator: int, draft: Draft) -> None:
    """Ann writes something down about somebody."""
    db.change(operator, draft, by=1, now=NOW)


def test_two_people_have_two_names_however_their_letters_are_coded(db: ConsoleDb) -> None:
    """One letter with an accent, or a letter and an accent: on every screen the same name."""
    zoe = Draft(name="Zo\u00eb Ali", role=Role.OPERATOR)
    db.add(zoe, PASSWORD, must_change=False, by=1, now=NOW)

    for name in ("Zoe\u0308 Ali", "\uff3ao\u00eb Ali"):
        with pytest.raises(Refused, match="taken"):
            db.add(Draft(name=name, role=Role.OPERATOR), PASSWORD, must_change=True, by=1, now=NOW)
    assert sign_in(db, "ZOE\u0308 ali").tried is Tried.DONE


def test_a_token_does_not_act_under_the_name_of_a_person(db: ConsoleDb) -> None:
    """What it does would stand on record as done by them."""
    with pytest.raises(Refused, match="somebody's name"):
        db.add_token(Draft(name="ben  HALL", role=Role.OPERATOR), lasts=DAY, by=1, now=NOW)


def test_an_administrator_of_one_scheme_does_not_count_for_one_who_sees_all(
    db: ConsoleDb,
) -> None:
    """Nor one who can sign in by nothing at all: nobody could mend it from the console."""
    narrow = Draft(name="Nia North", role=Role.ADMINISTRATOR, schemes=("northside",))
    nia = db.add(narrow, PASSWORD, must_change=False, by=1, now=NOW)
    mute = Draft(name="Max Mute", role=Role.ADMINISTRATOR)
    db.add(mute, None, must_change=False, by=1, now=NOW)
    ann = Draft(name="Ann Lee", role=Role.ADMINISTRATOR)

    with pytest.raises(Refused, match="last administrator"):
        db.disable(1, by=nia, now=NOW)
    with pytest.raises(Refused, match="last administrator"):
        change(db, 1, Draft(name="Ann Lee", role=Role.ADMINISTRATOR, schemes=("northside",)))
    change(db, 1, ann)
    db.disable(nia, by=1, now=NOW)


def test_a_new_password_ends_what_the_old_one_began(db: ConsoleDb) -> None:
    """Somebody who knew the old one stands before the code, and stays there."""
    secret = has_code(db, 2, NOW)
    half = sign_in(db, "Ben Hall")
    assert half.tried is Tried.CODE
    now = NOW + 30 * SECOND
    code = pyotp.TOTP(secret).at(now // SECOND)
    mine = db.confirm(sign_in(db, "Ben Hall").token, code, address=DESK, browser="", now=now)
    session = session_of(db, mine.token)

    assert db.change_password(session, PASSWORD, NEW, address=DESK, now=now).tried is Tried.DONE
    later = now + 30 * SECOND
    code = pyotp.TOTP(secret).at(later // SECOND)
    again = db.confirm(half.token, code, address=DESK, browser="", now=later)
    assert again.tried is Tried.WRONG


def test_a_password_that_an_administrator_gives_meanwhile_stays(
    db: ConsoleDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sits at the desk of somebody else does not win by being slow."""
    session = session_of(db, token_of(db, "Ben Hall"))
    hashed = db._hashing.password

    def slowly(password: str) -> str:
        monkeypatch.undo()
        db.reset(2, "given by an administrator", by=1, now=NOW)
        return hashed(password)

    monkeypatch.setattr(db._hashing, "password", slowly)
    tried = db.change_password(session, PASSWORD, NEW, address=DESK, now=NOW)

    assert tried.tried is Tried.WRONG
    assert sign_in(db, "Ben Hall", NEW).tried is Tried.WRONG
    assert sign_in(db, "Ben Hall", "given by an administrator").tried is Tried.DONE


def test_a_clock_that_was_years_ahead_keeps_nobody_from_their_code(db: ConsoleDb) -> None:
    """A code of then was used; those of now count again, and each of them once."""
    secret = has_code(db, 2, NOW + 400 * DAY)

    half = sign_in(db, "Ben Hall").token
    code = pyotp.TOTP(secret).at(NOW // SECOND)
    assert db.confirm(half, code, address=DESK, browser="", now=NOW).tried is Tried.DONE
    half = sign_in(db, "Ben Hall").token
    assert db.confirm(half, code, address=DESK, browser="", now=NOW).tried is Tried.CODE


def test_a_clock_that_was_set_back_a_little_counts_no_code_twice(db: ConsoleDb) -> None:
    """An hour of summer time is no reason to take a code that somebody saw."""
    secret = has_code(db, 2, NOW)
    code = pyotp.TOTP(secret).at(NOW // SECOND - 1800)

    half = sign_in(db, "Ben Hall", now=NOW - 1800 * SECOND).token
    tried = db.confirm(half, code, address=DESK, browser="", now=NOW - 1800 * SECOND)
    assert tried.tried is Tried.CODE


def test_it_knows_of_no_home(db: ConsoleDb) -> None:
    """What `telecared erase` must find, it need not look for here."""
    with db._file.reading() as connection:
        columns = connection.execute(
            """SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                WHERE m.type = 'table'"""
        ).fetchall()
    named = [
        tuple(one) for one in columns if {"home", "resident", "alert"} & set(one[1].split("_"))
    ]
    assert named == []

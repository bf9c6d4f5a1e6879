"""Sessions of the console: they hold for a shift, lock, end at once, and outlive a restart."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.accounts_port import Draft, Tried
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.console_db.signing_in import MAX_SESSIONS
from telecared.core.operators import Role
from telecared.core.sign_in import IDLE, LIMITS, SESSION
from telecared.core.vocabulary import HOUR, MINUTE, SECOND
from telecared.errors import Refused, StoreError
from tests.adapters.console_db_parts import (
    DESK,
    ELSEWHERE,
    NOW,
    PASSWORD,
    open_db,
    opened,
    sign_in,
    token_of,
)

ANN, BEN = 1, 2


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ConsoleDb]:
    """Ann and Ben work here."""
    yield from opened(tmp_path / "x-console.db")


def test_who_signs_in_is_known_by_the_cookie(db: ConsoleDb) -> None:
    """Name and role are read at each request; a made-up token is nobody."""
    visitor = db.visitor(token_of(db, "ben  HALL"), NOW, acts=True)

    assert visitor is not None
    assert (visitor.operator.name, visitor.operator.schemes) == ("Ben Hall", ("northside",))
    assert not visitor.locked
    assert db.visitor("x" * 43, NOW, acts=True) is None
    assert db.visitor("", NOW, acts=True) is None
    assert db.visitor("x" * 10_000, NOW, acts=True) is None


def test_a_wrong_password_a_wrong_name_and_a_disabled_operator_are_told_alike(
    db: ConsoleDb,
) -> None:
    """Nobody learns who works here."""
    db.disable(BEN, by=ANN, now=NOW)

    assert sign_in(db, password="wrong").tried is Tried.WRONG
    assert sign_in(db, "Nobody Here").tried is Tried.WRONG
    assert sign_in(db, "Ben Hall").tried is Tried.WRONG
    assert [entry.kind for entry in db.log(limit=3)] == ["sign_in_failed"] * 3


def test_a_session_outlives_a_restart_of_the_console(tmp_path: Path) -> None:
    """It stands in the file, by its digest alone."""
    path = tmp_path / "x-console.db"
    first = next(opened(path))
    token = token_of(first)
    first.close()

    again = open_db(path)

    assert again.visitor(token, NOW + HOUR, acts=False) is not None
    again.close()
    assert token.encode() not in path.read_bytes()
    assert PASSWORD.encode() not in path.read_bytes()


def test_a_session_ends_after_a_shift_whatever_is_done(db: ConsoleDb) -> None:
    """Acts put off the lock, not the end."""
    token = token_of(db)
    for minute in range(0, SESSION // MINUTE, 5):
        visitor = db.visitor(token, NOW + minute * MINUTE, acts=True)
        assert visitor is not None
        assert not visitor.locked

    assert db.visitor(token, NOW + SESSION, acts=True) is None


def test_a_session_locks_when_idle_and_its_stream_does_not_keep_it_open(db: ConsoleDb) -> None:
    """What a page asks for by itself is no act; an act after the lock does not open it."""
    token = token_of(db)
    db.visitor(token, NOW + IDLE - 1, acts=False)

    assert db.visitor(token, NOW + IDLE, acts=True).locked  # type: ignore[union-attr]
    assert db.visitor(token, NOW + IDLE + 1, acts=True).locked  # type: ignore[union-attr]

    wrong = db.unlock(token, "wrong", address=DESK, now=NOW + IDLE)
    right = db.unlock(token, PASSWORD, address=DESK, now=NOW + IDLE)

    assert (wrong.tried, right.tried) == (Tried.WRONG, Tried.DONE)
    assert not db.visitor(token, NOW + IDLE + 1, acts=True).locked  # type: ignore[union-attr]


def test_somebody_who_leaves_the_desk_locks_it(db: ConsoleDb) -> None:
    """Another tab's act does not unlock it; guessing the password is slowed down."""
    token = token_of(db)
    db.lock(token, NOW)
    db.lock(token, NOW)

    assert db.visitor(token, NOW + MINUTE, acts=True).locked  # type: ignore[union-attr]
    tried = [
        db.unlock(token, "wrong", address=DESK, now=NOW).tried
        for _ in range(LIMITS["browser"].free + 2)
    ]
    assert tried[-1] is Tried.WAIT
    assert db.unlock("x" * 43, PASSWORD, address=DESK, now=NOW).tried is Tried.WRONG
    kinds = [entry.kind for entry in db.log(limit=20)]
    assert kinds.count("locked") == 1
    assert kinds.count("unlock_failed") == LIMITS["browser"].free + 1


def test_an_ended_session_is_over_with_the_next_request(db: ConsoleDb) -> None:
    """Signed out, revoked one by one or all, disabled, reset: each counts at once."""
    out, one, rest, off = (token_of(db, "Ben Hall") for _ in range(4))
    db.sign_out(out, NOW)
    assert db.visitor(out, NOW, acts=True) is None
    first = db.visitor(one, NOW, acts=True)
    assert first is not None
    assert db.revoke(BEN, session=first.session, by=ANN, now=NOW) == 1
    assert db.visitor(one, NOW, acts=True) is None
    assert db.revoke(BEN, by=ANN, now=NOW) == 2
    assert db.visitor(rest, NOW, acts=True) is None
    assert db.visitor(off, NOW, acts=True) is None

    last = token_of(db, "Ben Hall")
    db.disable(BEN, by=ANN, now=NOW)
    assert db.visitor(last, NOW, acts=True) is None
    db.enable(BEN, by=ANN, now=NOW)
    assert db.visitor(last, NOW, acts=True) is None


def test_a_role_that_changes_holds_from_the_next_request_on(db: ConsoleDb) -> None:
    """Nobody keeps what they may by keeping a tab open."""
    token = token_of(db, "Ben Hall")
    db.change(BEN, Draft(name="Ben Hall", role=Role.AUDITOR), by=ANN, now=NOW)

    visitor = db.visitor(token, NOW, acts=True)

    assert visitor is not None
    assert (visitor.operator.role, visitor.operator.schemes) == (Role.AUDITOR, None)
    detail = db.log(limit=1)[0].detail
    assert "role operator -> auditor" in detail
    assert "Ben" not in detail


def test_a_new_password_ends_every_other_session(db: ConsoleDb) -> None:
    """Who changes it because somebody knows it wants that somebody gone."""
    here, there = token_of(db), token_of(db)
    visitor = db.visitor(here, NOW, acts=True)
    assert visitor is not None
    new = "another garden of seven"

    wrong = db.change_password(visitor.session, "wrong", new, address=DESK, now=NOW)
    done = db.change_password(visitor.session, PASSWORD, new, address=DESK, now=NOW)

    assert (wrong.tried, done.tried) == (Tried.WRONG, Tried.DONE)
    assert db.visitor(here, NOW, acts=True) is not None
    assert db.visitor(there, NOW, acts=True) is None
    assert sign_in(db, password=new).tried is Tried.DONE
    assert db.change_password(999, PASSWORD, new, address=DESK, now=NOW).tried is Tried.WRONG


def test_a_password_that_was_given_must_be_changed(db: ConsoleDb) -> None:
    """And whoever forgot theirs loses what stood under the old one."""
    token = token_of(db, "Ben Hall")
    db.reset(BEN, "a given password here", by=ANN, now=NOW)

    assert db.visitor(token, NOW, acts=True) is None
    given = sign_in(db, "Ben Hall", "a given password here")
    visitor = db.visitor(given.token, NOW, acts=True)
    assert visitor is not None
    assert visitor.must_change_password


def test_one_person_has_so_many_sessions_and_the_oldest_ends(db: ConsoleDb) -> None:
    """A script that signs in again and again does not fill the disk."""
    tokens = [token_of(db, now=NOW + n * SECOND) for n in range(MAX_SESSIONS + 2)]

    later = NOW + MINUTE
    assert len(db.sessions(later, operator=ANN)) == MAX_SESSIONS
    assert db.visitor(tokens[0], later, acts=False) is None
    assert db.visitor(tokens[-1], later, acts=False) is not None
    newest = db.sessions(later)[0]
    assert (newest.operator, newest.address, newest.locked) == (ANN, DESK, False)


def test_the_last_administrator_stays(db: ConsoleDb) -> None:
    """Nobody could let anybody in any more."""
    with pytest.raises(Refused, match="last administrator"):
        db.disable(ANN, by=ANN, now=NOW)
    with pytest.raises(Refused, match="last administrator"):
        db.change(ANN, Draft(name="Ann Lee", role=Role.OPERATOR), by=ANN, now=NOW)

    db.change(BEN, Draft(name="Ben Hall", role=Role.ADMINISTRATOR), by=ANN, now=NOW)
    db.disable(ANN, by=BEN, now=NOW)

    assert [account.disabled_at for account in db.operators()] == [NOW, None]


def test_names_are_taken_once_however_they_are_written(db: ConsoleDb) -> None:
    """Two people under one name would be one on record."""
    with pytest.raises(Refused, match="name is taken"):
        db.add(Draft(name="ANN lee", role=Role.OPERATOR), None, must_change=False, by=ANN, now=NOW)
    known = Draft(name="Cara Singh", role=Role.OPERATOR, known_as="ben@x.test")
    with pytest.raises(Refused, match="by the provider"):
        db.add(known, None, must_change=False, by=ANN, now=NOW)
    with pytest.raises(Refused, match="no such operator"):
        db.disable(77, by=ANN, now=NOW)

    db.change(ANN, Draft(name="Ann Lee-Ward", role=Role.ADMINISTRATOR), by=ANN, now=NOW)
    assert db.named("ann lee-ward") == db.operator(ANN)
    assert db.named("nobody") is None
    assert db.operator(77) is None


def test_who_comes_from_the_provider_needs_an_account_here(db: ConsoleDb) -> None:
    """It proves who somebody is; what they may do is decided here."""
    known = db.sign_in_known("ben@x.test", address=DESK, now=NOW)
    unknown = db.sign_in_known("eve@x.test", address=ELSEWHERE, now=NOW)
    nobody = db.sign_in_known("", address=ELSEWHERE, now=NOW)

    assert [each.tried for each in (known, unknown, nobody)] == [
        Tried.DONE,
        Tried.WRONG,
        Tried.WRONG,
    ]
    db.disable(BEN, by=ANN, now=NOW)
    assert db.sign_in_known("ben@x.test", address=DESK, now=NOW).tried is Tried.WRONG


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """And so is one that a newer program wrote, and one in no folder."""
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match="is damaged"):
        open_db(broken)
    with pytest.raises(StoreError, match="make its folder"):
        open_db(tmp_path / "no" / "x.db")

    newer = tmp_path / "newer.db"
    open_db(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute(
            "UPDATE _sqlite_migrations SET name = 'm999' WHERE name = 'm001_first_tables'"
        )
    connection.close()
    with pytest.raises(StoreError, match="newer telecared"):
        open_db(newer)


def test_the_console_database_lies_beside_the_store() -> None:
    """Backups and permissions of the folder hold for both."""
    assert console_path(Path("/srv/telecared.db")) == Path("/srv/telecared-console.db")

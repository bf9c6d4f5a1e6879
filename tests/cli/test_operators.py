"""`telecared operators` and `operator`: the first administrator is made at a terminal."""

import getpass
import io
import sys
from pathlib import Path

import pytest

from telecared.adapters.console_db import ConsoleDb
from telecared.adapters.entropy import salt
from telecared.adapters.system_clock import wall_now
from tests.adapters.console_db_parts import CHEAP
from tests.cli.conftest import Call

PASSWORD = "kettle garden seven bricks"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is another test's subject."""

    def made(path: Path, **_: object) -> ConsoleDb:
        return ConsoleDb(path, chance=salt, hasher=CHEAP)

    monkeypatch.setattr("telecared.cli.operators.ConsoleDb", made)


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Have stdin hold a text."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def add(call: Call, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Add an operator whose password comes from stdin."""
    typed(monkeypatch, f"{PASSWORD}\n")
    return call("operator", "add", *arguments, "--password-stdin").code


def tried(site: Path, name: str, password: str) -> str:
    """What signing in at the console comes to."""
    db = ConsoleDb(site / "telecared-console.db", chance=salt, hasher=CHEAP)
    came = db.sign_in(name, password, address="192.0.2.1", browser="", now=wall_now())
    db.close()
    return came.tried.value


def test_the_first_administrator_is_made_and_signs_in(
    site: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store, too; the file is for the group alone."""
    assert "operator add" in call("operators").out

    assert add(call, monkeypatch, "Ann Lee", "--role", "administrator") == 0
    assert add(call, monkeypatch, "Ben Hall", "--scheme", "northside", "--must-change") == 0

    assert tried(site, "ann lee", PASSWORD) == "done"
    ann, ben = call("operators", "--json").objects
    assert (ann["name"], ann["role"], ann["schemes"]) == ("Ann Lee", "administrator", None)
    assert (ben["schemes"], ben["must_change_password"]) == (["northside"], True)
    assert "must change the password" in call("operators").out
    assert not (site / "telecared-console.db").stat().st_mode & 0o007


def test_what_cannot_be_is_refused_with_a_sentence(
    site: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weak password, a name twice, nobody of that name, no terminal."""
    typed(monkeypatch, "short\n")
    weak = call("operator", "add", "Ann Lee", "--password-stdin")
    assert (weak.code, "too short" in weak.err) == (1, True)
    assert add(call, monkeypatch, "Ann Lee", "--role", "administrator") == 0
    assert add(call, monkeypatch, "ann lee") == 1
    assert call("operator", "disable", "Nobody").code == 1
    assert "last administrator" in call("operator", "disable", "Ann Lee").err
    typed(monkeypatch, "")
    assert call("operator", "add", "Cara Singh").code == 2
    assert call("operator", "add", "@site", "--password-stdin").code == 2
    assert call("operator", "add", "Cara Singh", "--no-password").code == 2
    assert call("operator", "add", "Cara Singh", "--scheme", "").code == 2


def test_a_password_is_asked_for_twice_at_a_terminal(
    site: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weak one and a slip are told, and asked for again."""
    answers = iter(["short", PASSWORD, "a slip of hand", PASSWORD, PASSWORD])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)

    said = call("operator", "add", "Ann Lee")

    assert said.code == 0
    assert "too short" in said.err
    assert "not the same" in said.err
    assert tried(site, "Ann Lee", PASSWORD) == "done"


def test_somebody_who_leaves_is_let_in_no_more(
    site: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, with every session; and can be let in again, or given a new password."""
    add(call, monkeypatch, "Ben Hall")
    tried(site, "Ben Hall", PASSWORD)
    assert len(call("operator", "sessions", "Ben Hall", "--json").objects) == 1
    assert "192.0.2.1" in call("operator", "sessions", "Ben Hall").out
    assert call("operator", "sessions", "Ben Hall", "--end").out == "1 session ended\n"

    assert call("operator", "disable", "Ben Hall").code == 0
    assert tried(site, "Ben Hall", PASSWORD) == "wrong"
    assert "let in no more" in call("operators").out
    assert call("operator", "enable", "Ben Hall").code == 0
    typed(monkeypatch, "another garden of seven\n")
    assert call("operator", "password", "Ben Hall", "--password-stdin").code == 0
    assert tried(site, "Ben Hall", "another garden of seven") == "done"


def test_a_token_is_shown_once_and_ended_by_its_name(site: Path, call: Call) -> None:
    """For a centre's own systems; never as an administrator."""
    said = call("operator", "token", "County desk", "--scheme", "northside", "--for", "30d")
    assert said.out.startswith("tc_")
    (told,) = call("operator", "token", "Other", "--json").objects
    assert str(told["token"]).startswith("tc_")

    assert call("operator", "token", "x", "--role", "administrator").code == 1
    assert call("operator", "token", "x", "--for", "10000d").code == 2
    assert call("operator", "token", "County desk", "--end").out == "1 token ended\n"
    assert call("operator", "token", "County desk", "--end").code == 1

"""Guessing is slow and shuts out nobody who works there; codes from phones; API tokens; the log."""

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
import structlog

from telecared.accounts_port import Draft, SignIn, Tried
from telecared.adapters.console_db import ConsoleDb
from telecared.adapters.console_db import attempts as places
from telecared.adapters.console_db.codes import RECOVERY_CODES
from telecared.core.operators import Role
from telecared.core.sign_in import CODE_TIME, LIMITS, LONGEST_TOKEN_LIFE
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Instant
from telecared.errors import Refused
from tests.adapters.console_db_parts import (
    DESK,
    ELSEWHERE,
    NOW,
    PASSWORD,
    opened,
    sign_in,
    token_of,
)

ANN = 1


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ConsoleDb]:
    """Ann and Ben work here."""
    yield from opened(tmp_path / "x-console.db")


def guess(db: ConsoleDb, times: int, name: str = "Ann Lee", address: str = ELSEWHERE) -> SignIn:
    """Guess so often, all at one instant, and return the last answer."""
    for _ in range(times):
        last = sign_in(db, name, "a wrong guess", address=address)
    return last


def test_a_guesser_waits_longer_and_longer_and_the_right_password_waits_too(db: ConsoleDb) -> None:
    """A pause looks at nothing, so that it tells nothing either."""
    free = LIMITS["name"].free
    assert guess(db, free + 1).tried is Tried.WRONG

    waited = sign_in(db, address=ELSEWHERE)
    assert (waited.tried, waited.wait) == (Tried.WAIT, 5 * SECOND)
    guess(db, 50)
    assert sign_in(db, address=ELSEWHERE, now=NOW + 5 * SECOND).tried is Tried.DONE
    assert sign_in(db, address=ELSEWHERE, now=NOW + 6 * SECOND).tried is Tried.DONE


def test_a_guesser_elsewhere_does_not_keep_ann_from_her_desk(db: ConsoleDb) -> None:
    """The pause of her name holds at the guesser's address."""
    guess(db, LIMITS["name"].free + 1)

    assert guess(db, 1).tried is Tried.WAIT
    assert sign_in(db, address=DESK).tried is Tried.DONE


def test_a_known_browser_is_counted_alone_whatever_comes_from_its_address(db: ConsoleDb) -> None:
    """A program on the centre's own network cannot shut the centre out."""
    browser = sign_in(db, address=DESK).browser
    assert browser
    for n in range(LIMITS["address"].free + 1):
        sign_in(db, f"nobody {n}", "x", address=DESK)
    guess(db, LIMITS["name"].free + 1, address=DESK)

    assert sign_in(db, address=DESK).tried is Tried.WAIT
    known = sign_in(db, address=DESK, browser=browser)
    assert (known.tried, known.browser) == (Tried.DONE, "")
    stranger = sign_in(db, "Ben Hall", address=DESK, browser=browser)
    assert stranger.tried is Tried.WAIT


def test_a_shared_desk_is_one_browser_to_both_who_use_it(db: ConsoleDb) -> None:
    """Ben's sign-in does not make Ann's browser a stranger to her."""
    browser = sign_in(db).browser

    assert sign_in(db, "Ben Hall", browser=browser).browser == browser
    assert sign_in(db, browser=browser).browser == ""
    assert sign_in(db, browser="made up").browser not in ("", "made up")


def test_a_name_guessed_from_everywhere_is_slowed_down_as_well(db: ConsoleDb) -> None:
    """A new address for each guess does not help."""
    for n in range(LIMITS["everywhere"].free + 1):
        guess(db, 1, address=f"203.0.113.{n}")

    assert guess(db, 1, address="203.0.113.250").tried is Tried.WAIT


def test_many_guesses_at_once_do_not_slip_through(db: ConsoleDb) -> None:
    """Each is counted before it is looked at."""
    answers: list[Tried] = []

    def one() -> None:
        answers.append(sign_in(db, "Ann Lee", "a wrong guess", address=ELSEWHERE).tried)

    threads = [threading.Thread(target=one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count(Tried.WRONG) == LIMITS["name"].free + 1


def test_places_of_failures_do_not_fill_the_disk(
    db: ConsoleDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest are forgotten, and after an hour all are."""
    monkeypatch.setattr(places, "MAX_PLACES", 9)
    for n in range(6):
        sign_in(db, f"nobody {n}", address=f"203.0.113.{n}", now=NOW + n)

    with db._file.reading() as connection:
        assert connection.execute("SELECT count(*) FROM failures").fetchone()[0] == 9
    sign_in(db, now=NOW + 2 * HOUR)
    with db._file.reading() as connection:
        assert connection.execute("SELECT count(*) FROM failures").fetchone()[0] <= 3


def with_code(db: ConsoleDb, at: Instant = NOW) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """Ann's phone, set up, and her codes for recovery."""
    phone = pyotp.TOTP(db.begin_code(ANN, at))
    codes = db.take_code(ANN, phone.at(at // SECOND), at)
    return phone, codes


def confirm(db: ConsoleDb, code: str, now: Instant, token: str = "") -> SignIn:
    """Sign Ann in with a code."""
    half = token or sign_in(db, now=now).token
    return db.confirm(half, code, address=DESK, browser="", now=now)


def test_a_code_from_the_phone_is_asked_for_and_counts_once(db: ConsoleDb) -> None:
    """Also when it is shown again in another browser within its half minute."""
    phone, _ = with_code(db)
    later = NOW + MINUTE
    code = phone.at(later // SECOND)

    half = sign_in(db, now=later)
    assert half.tried is Tried.CODE
    assert db.visitor(half.token, later, acts=True) is None
    assert confirm(db, code, later, half.token).tried is Tried.DONE
    assert confirm(db, code, later).tried is Tried.CODE
    assert confirm(db, code, later, half.token).tried is Tried.WRONG, "that half was used up"
    assert confirm(db, f" {phone.at(later // SECOND + 30)} ", later).tried is Tried.DONE


def test_the_code_with_which_a_phone_was_set_up_has_counted(db: ConsoleDb) -> None:
    """Whoever looked over a shoulder cannot use it."""
    phone, _ = with_code(db)

    assert confirm(db, phone.at(NOW // SECOND), NOW).tried is Tried.CODE


def test_guessing_codes_is_slowed_down_and_the_password_does_not_reset_it(db: ConsoleDb) -> None:
    """Six digits are few."""
    with_code(db)
    for _ in range(LIMITS["code"].free + 1):
        assert confirm(db, "000000", NOW).tried is Tried.CODE

    assert confirm(db, "000000", NOW).tried is Tried.WAIT
    late = sign_in(db).token
    assert db.confirm(late, "1", address=DESK, browser="", now=NOW + CODE_TIME).tried is Tried.WRONG


def test_a_lost_phone_is_replaced_by_codes_on_paper_once_each(db: ConsoleDb) -> None:
    """However they are written; an administrator can do without them too."""
    _, codes = with_code(db)
    assert len(set(codes)) == RECOVERY_CODES
    typed = codes[0].lower().replace("-", " ")

    assert confirm(db, typed, NOW).tried is Tried.DONE
    assert confirm(db, typed, NOW).tried is Tried.CODE
    assert "recovery_code_used" in [entry.kind for entry in db.log(limit=10)]
    db.drop_code(ANN, by=ANN, now=NOW)
    assert sign_in(db).tried is Tried.DONE
    assert confirm(db, codes[1], NOW, "no half").tried is Tried.WRONG


def test_a_new_phone_counts_only_after_its_first_code(db: ConsoleDb) -> None:
    """Whoever closes the page half-way is not shut out."""
    assert db.pending_code(ANN) == ""
    secret = db.begin_code(ANN, NOW)

    assert db.pending_code(ANN) == secret
    assert db.take_code(ANN, "000000", NOW) == ()
    assert sign_in(db).tried is Tried.DONE
    with pytest.raises(Refused):
        db.begin_code(77, NOW)


def test_a_token_acts_for_a_time_with_a_role_and_schemes(db: ConsoleDb) -> None:
    """It is shown once, kept as a digest, and ends by itself or by hand."""
    draft = Draft(name="County desk", role=Role.OPERATOR, schemes=("northside",))
    made, token = db.add_token(draft, lasts=DAY, by=ANN, now=NOW)
    _, long_one = db.add_token(draft, lasts=10_000 * DAY, by=None, now=NOW)

    operator = db.bearer(token, NOW + HOUR)
    assert operator is not None
    assert (operator.id, operator.name, operator.schemes) == (-made, "County desk", ("northside",))
    assert db.tokens()[1].used_at == NOW + HOUR
    assert db.bearer(token, NOW + DAY) is None
    assert db.bearer(long_one, NOW + LONGEST_TOKEN_LIFE) is None
    assert db.bearer("tc_made-up", NOW) is None
    assert db.bearer(token_of(db), NOW) is None, "a cookie is no token"
    db.revoke_token(made, by=ANN, now=NOW)
    assert db.bearer(token, NOW) is None
    with pytest.raises(Refused, match="no such token"):
        db.revoke_token(made, by=ANN, now=NOW)
    with pytest.raises(Refused, match="cannot be an administrator"):
        db.add_token(Draft(name="x", role=Role.ADMINISTRATOR), lasts=DAY, by=ANN, now=NOW)


def test_the_log_tells_who_did_what_and_log_lines_name_nobody(db: ConsoleDb) -> None:
    """Ids only, in the file and on the daemon's log; addresses stay in the file."""
    structlog.reset_defaults()
    with structlog.testing.capture_logs() as lines:
        token = token_of(db, "Ben Hall")
        db.lock(token, NOW)
        sign_in(db, "Ann Lee", "a wrong guess", address=ELSEWHERE)
        db.reset(2, PASSWORD, by=ANN, now=NOW)

    assert [line["what"] for line in lines] == ["sign_in", "locked", "sign_in_failed", "reset"]
    assert (lines[3]["operator"], lines[3]["by_operator"]) == (2, ANN)
    assert not [word for word in ("Ann", "Ben", DESK, ELSEWHERE) if word in str(lines)]
    newest = db.log(limit=2)
    assert [(entry.kind, entry.operator, entry.by) for entry in newest] == [
        ("reset", 2, ANN),
        ("sign_in_failed", ANN, None),
    ]
    assert db.log(limit=1, before=newest[1].id)[0].kind == "locked"


def test_the_file_is_for_the_group_alone(tmp_path: Path) -> None:
    """The umask of the daemon decides; nobody else reads it."""
    path = tmp_path / "x-console.db"
    ConsoleDb(path, chance=lambda: b"x" * 32).close()

    assert not stat.S_IMODE(path.stat().st_mode) & 0o007

"""What signing in costs whoever guesses, and what it must not cost whoever works there."""

import pytest

from telecared.core.operators import Role
from telecared.core.sign_in import (
    CLOCK_LEEWAY,
    IDLE,
    LIMITS,
    LONGEST_NAME,
    LONGEST_PASSWORD,
    MAX_SCHEMES,
    QUIET,
    SESSION,
    TOKEN_ROLES,
    address_group,
    clean_name,
    is_idle,
    is_within,
    name_problem,
    password_problem,
    pause_after,
    schemes_problem,
    session_holds,
)
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND

NOW = 1_790_000_000 * SECOND


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "too short"),
        ("x" * LONGEST_PASSWORD + "yz", "too long"),
        ("Password2026!", "guessed first"),
        ("correct horse battery staple", "guessed first"),
        ("abababababab", "guessed first"),
        ("Ann Lee 2026!", "little more than the name"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_write_instead(password: str, says: str) -> None:
    """Length, what is guessed first, and the owner's name: nothing about its composition."""
    problem = password_problem(password, "Ann Lee")

    assert problem is not None
    assert says in problem
    assert "write" in problem


def test_four_words_are_a_good_password() -> None:
    """No digit and no sign is asked for."""
    assert password_problem("kettle garden seven bricks", "Ann Lee") is None


def test_a_name_is_one_line_that_people_can_be_held_to() -> None:
    """It stands beside every act: neither empty, nor endless, nor like an address of the site."""
    assert name_problem(clean_name("  Ann   Lee ")) is None
    assert "Write the name" in str(name_problem(""))
    assert "too long" in str(name_problem("x" * (LONGEST_NAME + 1)))
    assert "one line" in str(name_problem("Ann\x00Lee"))
    assert "without @" in str(name_problem("@site"))


def test_schemes_are_named_or_all() -> None:
    """No scheme at all would be an operator who sees nothing, which nobody means."""
    assert schemes_problem(["northside"]) is None
    assert "at least one" in str(schemes_problem([]))
    assert "more than" in str(schemes_problem(["x"] * (MAX_SCHEMES + 1)))
    assert "1 to" in str(schemes_problem([""]))


def test_somebody_who_mistypes_is_not_slowed_down_and_a_guesser_is() -> None:
    """Four are free; from then on each failure doubles the pause, up to five minutes."""
    limit = LIMITS["name"]

    assert pause_after(limit, 4, NOW, NOW) == 0
    assert pause_after(limit, 5, NOW, NOW) == 5 * SECOND
    assert pause_after(limit, 6, NOW, NOW) == 10 * SECOND
    assert pause_after(limit, 6, NOW - 4 * SECOND, NOW) == 6 * SECOND
    assert pause_after(limit, 6, NOW - 10 * SECOND, NOW) == 0
    assert pause_after(limit, 1_000_000, NOW, NOW) == 5 * MINUTE


def test_failures_are_forgotten_after_an_hour_and_when_the_clock_was_set_back() -> None:
    """Nobody waits until a wrong clock is where it once was."""
    limit = LIMITS["name"]

    assert pause_after(limit, 100, NOW - QUIET, NOW) == 0
    assert pause_after(limit, 100, NOW + DAY, NOW) == 0


def test_a_centre_behind_one_address_never_waits_long() -> None:
    """Whatever anybody tries from there, half a minute is the most."""
    assert pause_after(LIMITS["address"], 1_000_000, NOW, NOW) == 30 * SECOND


def test_a_session_outlasts_a_shift_and_ends() -> None:
    """Twelve hours and the handover; a session of a future that a wrong clock told has ended."""
    assert session_holds(NOW, NOW + SESSION, NOW + 12 * HOUR)
    assert not session_holds(NOW, NOW + SESSION, NOW + SESSION)
    assert not session_holds(NOW, NOW + SESSION, NOW - CLOCK_LEEWAY - 1)


def test_a_session_locks_when_nobody_is_there() -> None:
    """A quarter of an hour without an act."""
    assert not is_idle(NOW, NOW + IDLE - 1, IDLE)
    assert is_idle(NOW, NOW + IDLE, IDLE)


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_half_an_ipv6_address_counts_as_one(address: str, counts_as: str) -> None:
    """The rest of it is free to whoever has it."""
    assert address_group(address) == counts_as


def test_no_token_makes_operators() -> None:
    """People are made by people."""
    assert Role.ADMINISTRATOR not in TOKEN_ROLES
    assert Role.OPERATOR in TOKEN_ROLES


def test_nobody_gives_the_sight_of_more_than_they_see() -> None:
    """An administrator of one scheme has nothing to do with another, nor with those who see all."""
    assert is_within(("northside",), None)
    assert is_within(None, None)
    assert is_within(("northside",), ("northside", "southside"))
    assert not is_within(("southside",), ("northside",))
    assert not is_within(None, ("northside",))

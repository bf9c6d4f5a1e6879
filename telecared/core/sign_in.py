"""What signing in may cost and how long it holds: passwords, pauses after failures, the idle lock.

Pure decisions with their limits. Hashing, keeping and counting are an adapter's.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

import msgspec

from telecared.core.operators import Role
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Duration, Instant

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
"""Hashing takes longer the longer a password is; nobody types more than this."""

LONGEST_NAME: Final = 100
MAX_SCHEMES: Final = 1_000
LONGEST_SCHEME: Final = 100

SESSION: Final[Duration] = 13 * HOUR
"""A shift of twelve hours and its handover: after it one signs in again, whatever was done."""

LONGEST_SESSION: Final[Duration] = 7 * DAY
SHORTEST_SESSION: Final[Duration] = 10 * MINUTE
IDLE: Final[Duration] = 15 * MINUTE
"""After so long without an act the session locks."""

SHORTEST_IDLE: Final[Duration] = MINUTE
CODE_TIME: Final[Duration] = 5 * MINUTE
"""Between the password and the code from the phone."""

TOKEN_LIFE: Final[Duration] = 90 * DAY
LONGEST_TOKEN_LIFE: Final[Duration] = 366 * DAY
KNOWN_BROWSER: Final[Duration] = 90 * DAY
"""How long a browser in which somebody has signed in is remembered to be theirs."""

QUIET: Final[Duration] = HOUR
"""After so long without a failure the failures before it are forgotten."""

CLOCK_LEEWAY: Final[Duration] = HOUR
"""A clock that is set back by more than this ends the sessions that began after it."""

_MAX_DOUBLINGS: Final = 20

TOKEN_ROLES: Final = tuple(role for role in Role if role is not Role.ADMINISTRATOR)
"""Whom an API token may act as: a token that makes operators is a password nobody changes."""


class Limit(msgspec.Struct, frozen=True):
    """How failures from one place are slowed down.

    Attributes:
        free: failures that cost no pause.
        first: the pause after one failure more; each further failure doubles it.
        longest: no pause is longer, so that nobody is ever kept out for good.
    """

    free: int
    first: Duration
    longest: Duration


LIMITS: Final = {
    # One person at one desk: somebody who mistypes is not slowed down, a guesser soon is.
    "name": Limit(free=4, first=5 * SECOND, longest=5 * MINUTE),
    # One name from everywhere: guessing it from many addresses does not pay either.
    "everywhere": Limit(free=30, first=5 * SECOND, longest=MINUTE),
    # A whole centre may stand behind one address, so that its pauses stay short.
    "address": Limit(free=30, first=SECOND, longest=30 * SECOND),
    # A browser in which this person has signed in before: what others do does not touch it.
    "browser": Limit(free=4, first=5 * SECOND, longest=5 * MINUTE),
    # Six digits, of which three hold at a time: 4 a minute for a day find one in 60.
    "code": Limit(free=4, first=15 * SECOND, longest=5 * MINUTE),
}
"""What failures are counted by -> how they are slowed down."""

_GUESSED_FIRST: Final = """
123456789012 1234567890123 12345678901234 123456781234 123412341234 123123123123 987654321098
098765432109 112233445566 102030405060 147258369147 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc
zaq12wsxcde3 abc123abc123 a1b2c3d4e5f6 passw0rd p@ssword p@ssw0rd trustno1 trustno1trustno1
password passwordpassword admin administrator adminadmin adminadminadmin root changeme
changemechangeme changemenow letmein letmeinletmein welcome welcomewelcome iloveyou
iloveyouiloveyou sunshine football liverpool manchester arsenal chelsea princess monkey dragon
superman batman christmas january february march april may june july august september october
november december spring summer autumn winter qwerty qwertyqwerty qwertyuiop qwertyuiopas azerty
azertyuiop asdfghjkl asdfghjklzxc zxcvbnm abcd abcdef abcdefgh abcdefghijkl abcdefghijklm
telecare telecarealarm telecaretelecare telecared telecaredtelecared monitoring
monitoringcentre alarmcentre alarm operator supervisor carer pendant correcthorsebatterystaple
"""
_COMMON: Final = frozenset(_GUESSED_FIRST.split())
"""Guessed first, also with digits and signs around them. Spelled without capitals and spaces."""

_AROUND: Final = "0123456789!?.,;:-_+*#@$%&/()=[]{}<>\"'"

_FEWEST_LETTERS: Final = 5
"""Different characters, at least: `abababababab` is long and nothing else."""


def password_problem(password: str, name: str) -> str | None:
    """Return what is wrong with a new password and what to write instead, or None.

    Length and a list of common ones, nothing about its composition: rules of that kind make people
    write passwords down.

    Args:
        password: as typed.
        name: of its owner, which must not be all there is to it.
    """
    if len(password) < SHORTEST_PASSWORD:
        return (
            f"The password is too short: write at least {SHORTEST_PASSWORD} characters, such as"
            " four words."
        )
    if len(password) > LONGEST_PASSWORD:
        return f"The password is too long: write at most {LONGEST_PASSWORD} characters."
    plain = password.casefold()
    spelled = "".join(plain.split())
    if {spelled, spelled.strip(_AROUND)} & _COMMON or len(set(plain)) < _FEWEST_LETTERS:
        return "The password is one that is guessed first: write another, such as four words."
    left = plain
    for word in name.casefold().split():
        left = left.replace(word, "")
    if len("".join(left.split()).strip(_AROUND)) < SHORTEST_PASSWORD // 2:
        return "The password is little more than the name: write another, such as four words."
    return None


def name_problem(name: str) -> str | None:
    """Return what is wrong with an operator's name and what to write instead, or None."""
    if not name:
        return "Write the name under which everything they do will be on record."
    if len(name) > LONGEST_NAME:
        return f"The name is too long: write at most {LONGEST_NAME} characters."
    if not name.isprintable() or name.startswith("@"):
        return "Write the name of a person, in one line and without @ in front."
    return None


def clean_name(name: str) -> str:
    """Return a name without needless space, as it is kept and compared."""
    return " ".join(name.split())


def schemes_problem(schemes: Sequence[str]) -> str | None:
    """Return what is wrong with a list of schemes and what to write instead, or None."""
    if not schemes:
        return "Name at least one scheme, or say that they see every scheme."
    if len(schemes) > MAX_SCHEMES:
        return f"There are more than {MAX_SCHEMES} schemes: say that they see every scheme."
    if any(not scheme or len(scheme) > LONGEST_SCHEME for scheme in schemes):
        return f"A scheme's name has 1 to {LONGEST_SCHEME} characters."
    return None


def is_within(schemes: Sequence[str] | None, of: Sequence[str] | None) -> bool:
    """Whether somebody who sees `of` may give, or take, the sight of `schemes`.

    None is every scheme: an administrator of one scheme makes nobody who sees more.
    """
    return of is None or (schemes is not None and set(schemes) <= set(of))


def address_group(address: str) -> str:
    """Return what counts as one address: of IPv6 the first half, the rest of which is free."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, 64), strict=False))
    return str(found)


def is_quiet(last: Instant, now: Instant) -> bool:
    """Whether the failures until `last` are forgotten.

    A clock that was set back forgets them too: nobody must wait until it is where it was.
    """
    return not 0 <= now - last < QUIET


def pause_after(limit: Limit, failures: int, last: Instant, now: Instant) -> Duration:
    """Return how long to wait from now until the next attempt is looked at; 0 for none.

    Args:
        limit: what holds for this kind of place.
        failures: in a row, without an hour of quiet between them.
        last: when the last of them was.
        now: wall time.
    """
    if failures <= limit.free or is_quiet(last, now):
        return 0
    doublings = min(failures - limit.free - 1, _MAX_DOUBLINGS)
    pause = min(limit.first << doublings, limit.longest)
    return max(0, pause - (now - last))


def session_holds(created: Instant, expires: Instant, now: Instant) -> bool:
    """Whether a session has not ended; one from a future that a wrong clock told has."""
    return created - CLOCK_LEEWAY <= now < expires


def is_idle(used: Instant, now: Instant, idle: Duration) -> bool:
    """Whether a session locks because nobody has done anything for long enough."""
    return now - used >= idle

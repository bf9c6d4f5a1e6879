"""What all commands share: the options, the exit codes, and how a word becomes a value.

Reading the deployment's files is `config`; this only finds the file that is meant.
"""

import contextlib
import os
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from telecared.core.vocabulary import Duration, Instant
from telecared.errors import ConfigError, ReplayError, TelecaredError

DEFAULT_CONFIG: Final = Path("telecared.yaml")

GROUP_UMASK: Final = 0o007
"""Staff in the daemon's group may hand in commands; nobody else sees anything."""

LONGEST_NAME: Final = 200


class Exit(IntEnum):
    """The exit codes that scripts rely on."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    ACCEPTED = 3


class UsageError(TelecaredError):
    """The command line itself is wrong: exit code 2."""


Config = Annotated[
    Path | None,
    Parameter(name=["--config", "-c"], help="The deployment file; ./telecared.yaml if left out."),
]
Json = Annotated[
    bool,
    Parameter(
        name="--json",
        negative=(),
        show_default=False,
        help="One JSON object a line, and nothing else.",
    ),
]
By = Annotated[str, Parameter(name="--by", help="Who does this: a person's name. Compulsory.")]
ReadBy = Annotated[
    str | None,
    Parameter(name="--by", help="Who looks; it is kept. Left out: your name on this machine."),
]
Wait = Annotated[
    str, Parameter(name="--wait", help="How long to wait until it is carried out, like 10s.")
]
Home = Annotated[str | None, Parameter(name="--home", help="One home only.")]
Since = Annotated[
    str | None,
    Parameter(
        name="--since", help="From this time on: 2026-03-01T07:00:00Z, or 2h for two hours ago."
    ),
]
Limit = Annotated[int, Parameter(name="--limit", help="At most this many, the newest ones.")]


def find_config(given: Path | None) -> Path | None:
    """Return the deployment file that is meant, or None when there is none here."""
    if given is not None:
        return given
    return DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None


def require_config(given: Path | None) -> Path:
    """Return the deployment file.

    Raises:
        ConfigError: nobody named one and none is here; the sentence says what to do.
    """
    found = find_config(given)
    if found is None:
        raise ConfigError([nothing_here()])
    return found


def nothing_here() -> str:
    """Return what to say where a deployment file is meant to be and none is."""
    return (
        f"there is no {DEFAULT_CONFIG} in {Path.cwd()}; copy telecared.example.yaml there and"
        " edit it, or name your file with -c"
    )


def duration_of(text: str, option: str) -> Duration:
    """Return the duration that an option was given. Raises UsageError."""
    from telecared.config.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def instant_of(text: str, option: str) -> Instant:
    """Return the time that an option was given, RFC 3339. Raises UsageError."""
    from telecared.core.streams import parse_stamp

    try:
        return parse_stamp(text)
    except ReplayError:
        raise UsageError(
            f"{option}: '{text}' is no time with its offset; write it like 2026-03-01T07:04:00Z"
        ) from None


def since_of(text: str | None) -> Instant | None:
    """Return the instant that `--since` means: a time, or a duration back from now."""
    from telecared.adapters.system_clock import wall_now

    if text is None:
        return None
    with contextlib.suppress(UsageError):
        return wall_now() - duration_of(text, "--since")
    return instant_of(text, "--since")


def limit_of(limit: int) -> int:
    """Return how many rows are wanted. Raises UsageError."""
    if limit < 1:
        raise UsageError(f"--limit: {limit} is less than one; write how many you want to see")
    return limit


def name_of(by: str) -> str:
    """Return the named person. Raises UsageError when there is no name in it."""
    name = " ".join(by.split())
    if not name or len(name) > LONGEST_NAME:
        raise UsageError("--by: write the name of the person who does this")
    return name


def reader_of(by: str | None) -> str:
    """Return who looks: the given name, or that of the operating system's user."""
    if by is not None:
        return name_of(by)
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"

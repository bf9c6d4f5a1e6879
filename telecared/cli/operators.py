"""`operators`, `operator`: who may sign in to the console, from the command line.

The first administrator is made here. What a name or a password must be is `core.sign_in`; how it is
kept, the console's database.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from cyclopts import App, Parameter

from telecared.accounts_port import Account, Draft
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.logs import set_up_logs
from telecared.adapters.system_clock import wall_now
from telecared.cli.common import Config, Exit, Json, UsageError, duration_of, require_config
from telecared.cli.operator_lines import AddedLine, OperatorLine, SessionLine, TokenLine
from telecared.cli.output import count_of, put, say, short_time, table, time_text, warn
from telecared.cli.store import group_umask
from telecared.config.deployment import load_deployment
from telecared.core.operators import Role
from telecared.core.sign_in import (
    LONGEST_TOKEN_LIFE,
    clean_name,
    name_problem,
    password_problem,
    schemes_problem,
)
from telecared.core.windows import duration_text
from telecared.errors import Refused

operator = App(name="operator")

TRIES: Final = 3
"""How often a new password is asked for at a terminal."""

Name = Annotated[str, Parameter(name="NAME", help="The person's name.")]
PasswordStdin = Annotated[
    bool,
    Parameter(
        name="--password-stdin",
        negative=(),
        help="Read the password from the first line of stdin instead of asking for it.",
    ),
]
Schemes = Annotated[
    list[str] | None,
    Parameter(name="--scheme", help="A scheme whose homes they see; may be repeated. Default all."),
]


@contextmanager
def _accounts(config: Config) -> Iterator[ConsoleDb]:
    deployment = load_deployment(require_config(config))
    path = console_path(deployment.store_path)
    set_up_logs(quiet=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with group_umask():
        accounts = ConsoleDb(path, chance=salt)
    try:
        yield accounts
    finally:
        accounts.close()


def _named(accounts: ConsoleDb, name: str) -> Account:
    found = accounts.named(name)
    if found is None:
        raise Refused("there is no operator of this name; `telecared operators` lists them")
    return found


def operators(*, config: Config = None, as_json: Json = False) -> Exit:
    """List who may sign in to the console."""
    with _accounts(config) as accounts:
        several = accounts.operators()
    if as_json:
        for each in several:
            put(_line(each))
        return Exit.FINE
    if not several:
        say('nobody yet; write: telecared operator add "YOUR NAME" --role administrator')
        return Exit.FINE
    table(
        ("name", "role", "schemes", "signs in with", "last signed in", "state"),
        [
            (
                each.name,
                each.role.value,
                "every" if each.schemes is None else " ".join(each.schemes),
                _signs_in_with(each),
                short_time(each.signed_in_at) or "never",
                _state(each),
            )
            for each in several
        ],
    )
    return Exit.FINE


def _signs_in_with(account: Account) -> str:
    if not account.has_password:
        return "provider"
    return "password and code" if account.has_code else "password"


def _state(account: Account) -> str:
    if account.disabled_at is not None:
        return "let in no more"
    return "must change the password" if account.must_change_password else "may sign in"


def _line(account: Account) -> OperatorLine:
    return OperatorLine(
        operator=account.id,
        name=account.name,
        role=account.role.value,
        schemes=None if account.schemes is None else list(account.schemes),
        known_as=account.known_as or None,
        password=account.has_password,
        code=account.has_code,
        must_change_password=account.must_change_password,
        disabled_at=time_text(account.disabled_at),
        signed_in_at=time_text(account.signed_in_at),
    )


@operator.command
def add(
    name: Name,
    /,
    *,
    role: Annotated[Role, Parameter(name="--role", help="What they may do.")] = Role.OPERATOR,
    scheme: Schemes = None,
    known_as: Annotated[
        str, Parameter(name="--known-as", help="What the identity provider calls them.")
    ] = "",
    no_password: Annotated[
        bool,
        Parameter(
            name="--no-password", negative=(), help="They sign in through the provider alone."
        ),
    ] = False,
    must_change: Annotated[
        bool,
        Parameter(
            name="--must-change",
            negative=(),
            help="They must choose another password when they sign in.",
        ),
    ] = False,
    password_stdin: PasswordStdin = False,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Add somebody, who may sign in from then on."""
    draft = _draft(name, role, scheme, known_as)
    if no_password and not draft.known_as:
        raise UsageError("--no-password: write --known-as, too, or they cannot sign in at all")
    with _accounts(config) as accounts:
        if accounts.named(draft.name) is not None:
            raise Refused("this name is taken; everybody's acts are on record under their own name")
        password = None if no_password else _new_password(draft.name, from_stdin=password_stdin)
        number = accounts.add(draft, password, must_change=must_change, by=None, now=wall_now())
    if as_json:
        put(AddedLine(number))
    else:
        say(f"{draft.name} may sign in as {draft.role}")
    return Exit.FINE


def _draft(name: str, role: Role, schemes: list[str] | None, known_as: str) -> Draft:
    """Return what is to be written down. Raises UsageError."""
    named = clean_name(name)
    problem = name_problem(named)
    if problem is not None:
        raise UsageError(f"NAME: {problem}")
    if schemes is not None:
        problem = schemes_problem(schemes)
        if problem is not None:
            raise UsageError(f"--scheme: {problem}")
    return Draft(
        name=named,
        role=role,
        schemes=None if schemes is None else tuple(schemes),
        known_as=known_as.strip(),
    )


def _new_password(name: str, *, from_stdin: bool) -> str:
    """Return a new password from stdin or, twice the same, from the terminal."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        problem = password_problem(password, name)
        if problem is not None:
            raise Refused(problem)
        return password
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask for a password at; write --password-stdin and send it"
        )
    from getpass import getpass

    for _ in range(TRIES):
        password = getpass("New password: ")
        problem = password_problem(password, name)
        if problem is None and getpass("The same once more: ") == password:
            return password
        warn(problem or "These were not the same.")
    raise Refused("no password was set; nothing was changed")


@operator.command
def disable(name: Name, /, *, config: Config = None) -> Exit:
    """Let somebody in no more; their sessions end at once."""
    with _accounts(config) as accounts:
        found = _named(accounts, name)
        accounts.disable(found.id, by=None, now=wall_now())
    say(f"{found.name} is let in no more")
    return Exit.FINE


@operator.command
def enable(name: Name, /, *, config: Config = None) -> Exit:
    """Let somebody in again."""
    with _accounts(config) as accounts:
        found = _named(accounts, name)
        accounts.enable(found.id, by=None, now=wall_now())
    say(f"{found.name} may sign in again")
    return Exit.FINE


@operator.command
def password(
    name: Name, /, *, password_stdin: PasswordStdin = False, config: Config = None
) -> Exit:
    """Give somebody a password that they must change; their codes and sessions are gone."""
    with _accounts(config) as accounts:
        found = _named(accounts, name)
        new = _new_password(found.name, from_stdin=password_stdin)
        accounts.reset(found.id, new, by=None, now=wall_now())
    say(f"{found.name} has a new password, and must change it at the next sign-in")
    return Exit.FINE


@operator.command
def sessions(
    name: Name,
    /,
    *,
    end: Annotated[bool, Parameter(name="--end", negative=(), help="End them all.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """List where somebody is signed in, or end it."""
    with _accounts(config) as accounts:
        found = _named(accounts, name)
        several = accounts.sessions(wall_now(), operator=found.id)
        if end:
            accounts.revoke(found.id, by=None, now=wall_now())
    if as_json:
        for each in several:
            put(
                SessionLine(
                    session=each.id,
                    operator=each.operator,
                    created_at=str(time_text(each.created_at)),
                    used_at=str(time_text(each.used_at)),
                    expires_at=str(time_text(each.expires_at)),
                    address=each.address,
                    locked=each.locked,
                    ended=end,
                )
            )
        return Exit.FINE
    if end or not several:
        say(f"{count_of(len(several), 'session')} {'ended' if end else 'open'}")
        return Exit.FINE
    table(
        ("since", "last used", "ends", "address", "state"),
        [
            (
                short_time(each.created_at),
                short_time(each.used_at),
                short_time(each.expires_at),
                each.address,
                "locked" if each.locked else "open",
            )
            for each in several
        ],
    )
    return Exit.FINE


@operator.command
def token(
    name: Annotated[str, Parameter(name="NAME", help="Under which the system acts.")],
    /,
    *,
    role: Annotated[Role, Parameter(name="--role", help="What it may do.")] = Role.OPERATOR,
    scheme: Schemes = None,
    lasts: Annotated[str, Parameter(name="--for", help="How long it is good, like 90d.")] = "90d",
    end: Annotated[
        bool, Parameter(name="--end", negative=(), help="End the tokens of this name instead.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Make a token with which one of your own systems uses the API; it is shown this once."""
    draft = _draft(name, role, scheme, "")
    duration = duration_of(lasts, "--for")
    if not 0 < duration <= LONGEST_TOKEN_LIFE:
        raise UsageError(f"--for: write at most {duration_text(LONGEST_TOKEN_LIFE)}")
    with _accounts(config) as accounts:
        if end:
            return _end_tokens(accounts, draft.name)
        number, made = accounts.add_token(draft, lasts=duration, by=None, now=wall_now())
    if as_json:
        put(TokenLine(number, made))
    else:
        say(made)
        warn("it is shown only now; send it with every request: Authorization: Bearer TOKEN")
    return Exit.FINE


def _end_tokens(accounts: ConsoleDb, name: str) -> Exit:
    ended = 0
    for each in accounts.tokens():
        if each.name == name and each.revoked_at is None:
            accounts.revoke_token(each.id, by=None, now=wall_now())
            ended += 1
    if not ended:
        raise Refused("there is no such token that is still good")
    say(f"{count_of(ended, 'token')} ended")
    return Exit.FINE

"""The port between the console and its accounts: who is signed in, and who may ask by token.

Plain values and protocols. What a role may do is `core.operators`, what a sign-in may cost
`core.sign_in`; how it is kept, an adapter's.
"""

from enum import StrEnum
from typing import Protocol

import msgspec

from telecared.core.operators import Operator, Role
from telecared.core.vocabulary import Duration, Instant
from telecared.errors import TelecaredError


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """A session that holds, with whoever it is.

    Attributes:
        session: its id, for revoking it.
        operator: whoever signed in.
        csrf: what a form of this session must carry.
        locked: nobody was there for a while: nothing personal is shown, nothing may be done, and
            alarms go on being heard.
        must_change_password: nothing but that is served until it is done.
    """

    session: int
    operator: Operator
    csrf: str
    locked: bool = False
    must_change_password: bool = False


class Accounts(Protocol):
    """What the guard of the console asks. Every call may be made from any thread.

    Raises StoreError from every method when the accounts cannot be read.
    """

    def visitor(self, token: str, now: Instant, *, acts: bool) -> Visitor | None:
        """Return whose session a cookie's token is, or None.

        Args:
            token: as the cookie has it.
            now: wall time.
            acts: a person did something, which puts off the idle lock; false for what a page does
                by itself.
        """
        ...

    def bearer(self, token: str, now: Instant) -> Operator | None:
        """Return on whose behalf an API token acts, or None; its id is below zero."""
        ...


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An operator as administrators see them.

    Attributes:
        schemes: whose homes they may see; None for every scheme.
        known_as: what an identity provider calls them; "" for nobody there.
        has_password: they can sign in with one; without, only through the provider.
        has_code: they prove themselves with a code from a phone, too.
        must_change_password: it was given to them.
        disabled_at: since when they may not sign in.
        signed_in_at: when they last did.
    """

    id: int
    name: str
    role: Role
    schemes: tuple[str, ...] | None
    known_as: str
    has_password: bool
    has_code: bool
    must_change_password: bool
    created_at: Instant
    disabled_at: Instant | None
    signed_in_at: Instant | None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is written down about an operator."""

    name: str
    role: Role
    schemes: tuple[str, ...] | None = None
    known_as: str = ""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has not ended.

    Attributes:
        address: of the browser. Personal data.
    """

    id: int
    operator: int
    created_at: Instant
    used_at: Instant
    expires_at: Instant
    address: str
    locked: bool


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token with which a centre's own system acts; the token itself is kept nowhere.

    Attributes:
        created_by: the operator who made it; None for the command line.
    """

    id: int
    name: str
    role: Role
    schemes: tuple[str, ...] | None
    created_at: Instant
    created_by: int | None
    expires_at: Instant
    used_at: Instant | None
    revoked_at: Instant | None


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done about signing in, without names.

    Attributes:
        kind: such as `sign_in`, `sign_in_failed`, `changed`.
        operator: whom it is about; None where nobody of that name exists.
        by: the operator who did it; None for the command line, and for whom nobody knows.
        detail: such as `role operator -> supervisor`.
    """

    id: int
    at: Instant
    kind: str
    operator: int | None
    by: int | None
    address: str
    detail: str


class Tried(StrEnum):
    """What came of an attempt to sign in or to unlock.

    `code` asks for a code from the phone; `wrong` does not say what was; `wait` was not looked at.
    """

    DONE = "done"
    CODE = "code"
    WRONG = "wrong"
    WAIT = "wait"


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What an attempt came to.

    Attributes:
        token: for the session's cookie, when it is `done`; for the next step, when it is `code`.
        lasts: how long the cookie is good for.
        browser: for the cookie by which this browser is known from now on; "" to leave it.
        wait: how long, when it is `wait`.
    """

    tried: Tried
    token: str = ""
    lasts: Duration = 0
    browser: str = ""
    wait: Duration = 0


class SigningIn(Accounts, Protocol):
    """What pages ask about whoever signs in, or has.

    Names, passwords and codes are as typed. `now` is wall time. Raises StoreError like Accounts.
    """

    def sign_in(
        self, name: str, password: str, *, address: str, browser: str, now: Instant
    ) -> SignIn:
        """Try a name and a password; `browser` is the cookie by which it may be known, or ""."""
        ...

    def confirm(self, token: str, code: str, *, address: str, browser: str, now: Instant) -> SignIn:
        """Try the code of the second step: from the phone, or one of those for recovery."""
        ...

    def sign_in_known(self, known_as: str, *, address: str, now: Instant) -> SignIn:
        """Sign in whom an identity provider has proven to be there."""
        ...

    def sign_out(self, token: str, now: Instant) -> None:
        """End a session."""
        ...

    def lock(self, token: str, now: Instant) -> None:
        """Lock a session as if nobody had been there for long."""
        ...

    def unlock(self, token: str, password: str, *, address: str, now: Instant) -> SignIn:
        """Try the password of whoever locked a session. Never asks for a code."""
        ...

    def prove(self, session: int, password: str, *, address: str, now: Instant) -> SignIn:
        """Try the password of whoever has a session, before something grave."""
        ...

    def change_password(
        self, session: int, old: str, new: str, *, address: str, now: Instant
    ) -> SignIn:
        """Change one's own password; every other session of theirs ends.

        The new one is judged by `core.sign_in` before.
        """
        ...

    def begin_code(self, operator: int, now: Instant) -> str:
        """Return a new secret for codes, which counts once a code made with it was shown."""
        ...

    def pending_code(self, operator: int) -> str:
        """Return the secret that waits for its first code, or ""."""
        ...

    def take_code(self, operator: int, code: str, now: Instant) -> tuple[str, ...]:
        """Take the first code of a new secret; return codes for recovery, () when it is wrong."""
        ...

    def drop_code(self, operator: int, *, by: int | None, now: Instant) -> None:
        """Ask an operator for no code any more."""
        ...


class People(SigningIn, Protocol):
    """What administrators do. `by` is the operator who does it, None for the command line.

    Raises Refused where it cannot be done, with a sentence: no such operator, a name that is taken,
    the last administrator.
    """

    def operators(self) -> list[Account]:
        """Return every operator in the order of their names."""
        ...

    def operator(self, operator: int) -> Account | None:
        """Return one operator."""
        ...

    def named(self, name: str) -> Account | None:
        """Return the operator of a name, however its letters are written."""
        ...

    def add(
        self, draft: Draft, password: str | None, *, must_change: bool, by: int | None, now: Instant
    ) -> int:
        """Add an operator and return their id. Without a password they use the provider."""
        ...

    def change(self, operator: int, draft: Draft, *, by: int | None, now: Instant) -> None:
        """Write down something else about an operator; it holds from their next request on."""
        ...

    def reset(self, operator: int, password: str, *, by: int | None, now: Instant) -> None:
        """Give a password that must be changed; codes, sessions and known browsers are gone."""
        ...

    def disable(self, operator: int, *, by: int | None, now: Instant) -> None:
        """Let an operator in no more, from their next request on."""
        ...

    def enable(self, operator: int, *, by: int | None, now: Instant) -> None:
        """Let an operator in again."""
        ...

    def sessions(self, now: Instant, *, operator: int | None = None) -> list[Session]:
        """Return the sessions that have not ended, of one operator or of all, newest first."""
        ...

    def revoke(
        self,
        operator: int,
        *,
        session: int | None = None,
        but: int | None = None,
        by: int | None,
        now: Instant,
    ) -> int:
        """End one session of an operator, or all (but one); return how many."""
        ...

    def tokens(self) -> list[ApiToken]:
        """Return every API token, newest first, ended ones too."""
        ...

    def add_token(
        self, draft: Draft, *, lasts: Duration, by: int | None, now: Instant
    ) -> tuple[int, str]:
        """Make an API token; return its id and the token, which cannot be shown again."""
        ...

    def revoke_token(self, token: int, *, by: int | None, now: Instant) -> None:
        """End an API token."""
        ...

    def log(self, *, limit: int, before: int | None = None) -> list[LogEntry]:
        """Return what was done, newest first; `before` is the id at which a page begins."""
        ...


class NotProven(TelecaredError):
    """An identity provider has not proven who somebody is; the sentence is for them."""


class IdentityProvider(Protocol):
    """Somebody else who proves who somebody is. May be asked from any thread, and takes time."""

    @property
    def label(self) -> str:
        """What stands on the button that leads there."""
        ...

    def begin(self, now: Instant) -> tuple[str, str]:
        """Return where to send a browser, and what it must bring back. Raises NotProven."""
        ...

    def finish(self, kept: str, *, state: str, code: str, now: Instant) -> str:
        """Return what the provider calls whoever came back. Raises NotProven.

        Args:
            kept: what `begin` gave the browser to bring back.
            state: as the provider sent it with the browser.
            code: likewise.
            now: wall time.
        """
        ...

"""What `operators` and `operator` print with `--json`.

Shapes only; `telecared schema --output COMMAND` prints them.
"""

import msgspec


class OperatorLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in to the console; `schemes` null for every scheme."""

    operator: int
    name: str
    role: str
    schemes: list[str] | None
    known_as: str | None
    password: bool
    code: bool
    must_change_password: bool
    disabled_at: str | None
    signed_in_at: str | None


class AddedLine(msgspec.Struct, frozen=True):
    """The number of somebody who was added."""

    operator: int


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session that holds, or that this command ended."""

    session: int
    operator: int
    created_at: str
    used_at: str
    expires_at: str
    address: str
    locked: bool
    ended: bool


class TokenLine(msgspec.Struct, frozen=True):
    """A token, shown this once."""

    number: int
    token: str

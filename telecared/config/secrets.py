"""Secrets, which stand in a file only by reference: `{file: …}`, `{env: …}`, `{credential: …}`.

The reference and how it is followed. No secret is kept here, and none is ever in a sentence.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, model_validator

from telecared.config.fields import Body
from telecared.config.files import read_text
from telecared.errors import ConfigError

CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
"""The environment variable by which systemd tells where credentials lie."""

MAX_SECRET_CHARS: Final = 4096

_REMEDY: Final = "write {env: NAME}, {file: path} or {credential: name}"


class SecretRef(Body):
    """Where a secret lies; exactly one of the three."""

    file: Path | None = None
    env: str | None = None
    credential: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretRef":
        if len(self.model_fields_set) != 1:
            raise ValueError(f"exactly one place is possible; {_REMEDY}")
        return self


def _reference(value: object) -> object:
    if isinstance(value, dict | SecretRef):
        return value
    raise ValueError(f"a secret does not stand in this file; {_REMEDY}")


Secret = Annotated[SecretRef, BeforeValidator(_reference)]


def process_environment() -> Mapping[str, str]:
    """Return the environment of this process; nothing else here looks at it."""
    return os.environ


def resolve_secret(
    reference: SecretRef,
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    read: Callable[[Path], str] = read_text,
) -> str:
    """Follow a reference and return the secret, without a line break at its end.

    Args:
        reference: where it lies.
        folder: what a relative `file` is relative to.
        environment: None for the process's own.
        read: how a file is read.

    Raises:
        ConfigError: it is not there, empty, or too long to be one.
    """
    known = process_environment() if environment is None else environment
    if reference.env is not None:
        if reference.env not in known:
            problem = (
                f"the environment variable {reference.env} is not set; export it before this"
                " command, or write {file: path} or {credential: name} instead of {env: ...}"
            )
            raise ConfigError([problem])
        return _clean(known[reference.env], f"the environment variable {reference.env}")
    if reference.file is not None:
        path = folder / reference.file
        return _clean(read(path), str(path))
    name = str(reference.credential)
    if CREDENTIALS not in known:
        problem = (
            f"the credential {name} cannot be read, since systemd did not start this process;"
            f" start the service, or set {CREDENTIALS} to the folder that holds it"
        )
        raise ConfigError([problem])
    path = Path(known[CREDENTIALS]) / name
    return _clean(read(path), str(path))


def _clean(text: str, place: str) -> str:
    secret = text.rstrip("\r\n")
    if not secret or len(secret) > MAX_SECRET_CHARS:
        raise ConfigError([f"{place} holds no secret (or one too long); put the secret there"])
    return secret

"""Reading what others say over HTTP: fields by their path, and codes that are fit for the record.

Shared by whoever asks a provider and whoever listens to one. Nothing is sent or stored here.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")


def read_answer(body: bytes) -> Any:  # noqa: ANN401 - what JSON can say
    """Return a body's JSON; a text that is none as it is."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.decode("utf-8", "replace").strip()


def at_path(told: Any, path: str) -> str | None:  # noqa: ANN401 - what JSON can say
    """Return the value at a path like `messages.0.id` as text; None where there is none.

    The path `.` is the answer itself, for one that is a plain word. A field whose own name holds
    the dots, as forms have them, is found too.
    """
    if isinstance(told, Mapping) and path in told:
        told = told[path]
    else:
        for part in path.split(".") if path != "." else ():
            if isinstance(told, Mapping):
                told = told.get(part)
            elif isinstance(told, list) and part.isdecimal() and int(part) < len(told):
                told = told[int(part)]
            else:
                return None
    if isinstance(told, bool):
        return "true" if told else "false"
    return str(told) if isinstance(told, str | int | float) else None


def plain_code(told: str | None) -> str:
    """Return a code for the record: short and plain, or nothing; a sentence may name somebody."""
    return told if told and _CODE.fullmatch(told) else ""

"""What names a device inside a message, and when two such names are the same.

Templates (`{model}/{id}`), their texts, and the canonical form in which addresses are compared.
Which device has an address is `registered`'s part.
"""

import re
from typing import Any, Final

import msgspec

from telecared.core.fields import find, spelled
from telecared.core.profiles import Path

MAX_NAME_CHARS: Final = 256
"""A longer text in a payload names no device."""

MAX_HEX_CHARS: Final = 34
"""A longer hexadecimal text is compared as text: no address has so many digits."""

_FIELD: Final = re.compile(r"\{([^{}]*)\}")
_HEX: Final = re.compile(r"0x[0-9a-f]+", re.ASCII)


class Template(msgspec.Struct, frozen=True):
    """A compiled address: fields, and the literal texts before, between and after them.

    `key` is the first key of the first field: without it nothing is there.
    """

    key: str
    paths: tuple[Path, ...]
    literals: tuple[str, ...]


def template(text: str) -> Template:
    """Compile a field (`data.id`) or a text with fields in braces (`{model}/{id}`).

    Raises:
        ValueError: it is empty, has a brace without a partner, or braces around nothing.
    """
    if not text:
        raise ValueError("an address is empty; write a field such as id")
    if "{" not in text and "}" not in text:
        return _compiled([text], ("", ""))
    literals = _FIELD.split(text)
    names, between = literals[1::2], literals[0::2]
    if any("{" in each or "}" in each for each in between) or not all(names):
        raise ValueError(
            f'"{text}" has a brace that holds no field; write it like {{model}}/{{id}}'
        )
    return _compiled(names, tuple(between))


def _compiled(names: list[str], literals: tuple[str, ...]) -> Template:
    paths = tuple(tuple(name.split(".")) for name in names)
    return Template(paths[0][0], paths, literals)


def text_of(how: Template, data: object) -> str | None:
    """Return the folded text of a template, or None when one of its fields is not there."""
    parts = [how.literals[0].casefold()]
    for path, literal in zip(how.paths, how.literals[1:], strict=True):
        word = spelled(find(data, path))
        if not word:
            return None
        parts.append(word)
        parts.append(literal.casefold())
    return as_name("".join(parts))


def as_name(text: str | None) -> str | None:
    """Return a text of a payload as the name of a device, or None where it can be nobody's.

    What no store can hold (half of a surrogate pair) is replaced.
    """
    if not text or len(text) > MAX_NAME_CHARS:
        return None
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def texts_of(templates: tuple[Template, ...], data: object) -> list[str]:
    """Return the texts of those templates whose fields are all there, in their order."""
    return [text for each in templates if (text := text_of(each, data)) is not None]


def first_text(templates: tuple[Template, ...], data: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return the text of the first template whose fields are all there, or None."""
    for each in templates:
        if each.key in data:  # nearly never, and then nothing else is looked at
            text = text_of(each, data)
            if text is not None:
                return text
    return None


def canonical(text: str) -> str:
    """Return the form in which addresses are equal: each piece stripped, folded, hex as number."""
    return "/".join(map(_piece, text.split("/")))


def _piece(text: str) -> str:
    folded = text.strip().casefold()
    if len(folded) <= MAX_HEX_CHARS and _HEX.fullmatch(folded):
        return str(int(folded, 16))
    return folded

"""What may be asked in the address of a request of the API, and how each is read.

Told to its description as well, so that both know the same. What is answered is `views.api`.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import Instant
from telecared.errors import TelecaredError
from telecared.web.errors import BadForm

LONGEST: Final = 200


class Kept(StrEnum):
    """What a value is kept as."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be asked.

    Attributes:
        words: the only ones there are, where they are known.
        least, most: of numbers.
        pattern: of texts.
    """

    name: str
    what: str
    kept: Kept = Kept.TEXT
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    pattern: str = ""


class Answers(msgspec.Struct, frozen=True):
    """What was asked, by the names of what may be."""

    texts: Mapping[str, str]
    numbers: Mapping[str, int]

    def text(self, name: str) -> str | None:
        """Return a text, None where it was not asked for."""
        return self.texts.get(name)

    def number(self, name: str, otherwise: int) -> int:
        """Return a number."""
        return self.numbers.get(name, otherwise)

    def time(self, name: str) -> Instant | None:
        """Return an instant, None where it was not asked for."""
        return self.numbers.get(name)


def read_query(known: Sequence[Asked], query: Mapping[str, str]) -> Answers:
    """Read a query. Raises BadForm with every problem at once."""
    problems: dict[str, str] = {}
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    names = {one.name for one in known}
    for name in query:
        if name not in names:
            there = ", ".join(sorted(names)) or "nothing"
            problems[name[:LONGEST]] = f"This cannot be asked here; what can: {there}."
    for one in known:
        value = query.get(one.name)
        if value is None:
            continue
        problem = _problem_of(one, value)
        if problem:
            problems[one.name] = problem
        elif one.kept is Kept.NUMBER:
            numbers[one.name] = int(value)
        elif one.kept is Kept.TIME:
            numbers[one.name] = parse_stamp(value)
        else:
            texts[one.name] = value
    if problems:
        raise BadForm(problems)
    return Answers(texts, numbers)


def _problem_of(one: Asked, value: str) -> str:
    if one.kept is Kept.NUMBER:
        fits = value.isascii() and value.isdecimal() and len(value) <= len(str(one.most))
        fits = fits and one.least <= int(value) <= one.most
        return "" if fits else f"Write a whole number from {one.least} to {one.most}."
    if one.kept is Kept.TIME:
        try:
            parse_stamp(value)
        except TelecaredError:
            return "Write a time such as 2026-03-01T07:04:09Z."
        return ""
    if one.words:
        return "" if value in one.words else f"Write one of {', '.join(one.words)}."
    if not 0 < len(value) <= LONGEST:
        return f"Write 1 to {LONGEST} characters."
    if one.pattern and not re.fullmatch(one.pattern, value):
        return "Write it as the answer before gave it."
    return ""

"""By which words a row is found to be about a home and its people, wherever it stands.

SQL asks through functions that a connection is taught, and that forget when the work is done. What
is done with what is found is `elsewhere` (erasing) and `retention` (legal holds).
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from telecared.core.plan import HomeRecord, decode_home

SHORTEST_NEEDLE: Final = 4
"""What is shorter is no name by which a text could be found to be about somebody."""


class Personal(msgspec.Struct, frozen=True):
    """By what a row is found to be about a home.

    Attributes:
        needles: texts that name the home or its people and nobody else.
        shared: numbers of people who are contacts of other homes too.
        names: of people, by whom its commands were given.
    """

    needles: tuple[str, ...]
    shared: tuple[str, ...]
    names: tuple[str, ...]


def personal_of(connection: sqlite3.Connection, home_id: int, home: str) -> Personal:
    """Return what every version of a home's record says of whom it is about."""
    records = [
        decode_home(content)
        for (content,) in connection.execute(
            "SELECT content FROM home_records WHERE home_id = ? AND content IS NOT NULL", (home_id,)
        )
    ]
    others = {
        row[0]
        for row in connection.execute(
            "SELECT number FROM contact_numbers WHERE home_id <> ?", (home_id,)
        )
    }
    numbers = {number for record in records for number in _numbers(record)}
    texts = {f"/{home}/", f'"{home}"', *(numbers - others)}
    for record in records:
        texts |= {device.topic for device in record.devices}
        texts |= {record.address, record.resident_name}
    names = {one.name for record in records for one in record.contacts}
    names |= {record.resident_name for record in records}
    return Personal(
        needles=tuple(sorted(text for text in texts if len(text) >= SHORTEST_NEEDLE)),
        shared=tuple(sorted(numbers & others)),
        names=tuple(sorted(name for name in names if name)),
    )


def _numbers(record: HomeRecord) -> Iterable[str]:
    if record.resident_phone is not None:
        yield record.resident_phone
    for contact in record.contacts:
        if contact.phone:
            yield contact.phone
        if contact.email:
            yield contact.email


def teach(connection: sqlite3.Connection, function: str, words: Iterable[str] | None) -> None:
    """Give a connection a function that says whether a text holds one of some words.

    Args:
        connection: the writer's.
        function: its name in SQL; it takes a text, bytes or NULL.
        words: what it looks for; None takes it away again.
    """
    known = None if words is None else _teller_of(words)
    connection.create_function(function, 1, known, deterministic=True)


def _teller_of(words: Iterable[str]) -> Callable[[str | bytes | None], bool]:
    """Return what says whether a text holds one of some words, as it is or as JSON writes it.

    "2 Larch Close" does not stand in "12 Larch Close", nor one number in a longer one.
    """
    forms = {form for word in words for form in (word, json.dumps(word)[1:-1], _utf8_json(word))}
    needles = sorted(form.encode() for form in forms)
    whole = re.compile(
        b"|".join(
            (rb"(?<![0-9A-Za-z])" if each[:1].isalnum() else b"")
            + re.escape(each)
            + (rb"(?![0-9A-Za-z])" if each[-1:].isalnum() else b"")
            for each in needles
        )
    )

    def tells(text: str | bytes | None) -> bool:
        if text is None:
            return False
        data = text.encode() if isinstance(text, str) else text
        # Most texts hold none of them: a loop knows that twice as fast as `any`.
        for each in needles:
            if each in data:
                return whole.search(data) is not None
        return False

    return tells


def _utf8_json(word: str) -> str:
    return msgspec.json.encode(word).decode()[1:-1]

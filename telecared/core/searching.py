"""One box finds a home: by address, name, phone, device or tag, in any order and any spelling case.

Pure: records in, what fits out. Who may see which home is decided before.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from telecared.core.plan import HomeRecord

LONGEST_QUERY: Final = 200
MAX_WORDS: Final = 12
"""Words of a question that are looked at; each must be found."""

SHORTEST_NUMBER: Final = 4
"""Digits that are looked for in phone numbers, however they are spaced: fewer are in every one."""

NATIONAL: Final = "0"
"""What a national number begins with where the international one has the country's code."""


class Entry(msgspec.Struct, frozen=True):
    """What a home is found by.

    Attributes:
        words: everything, folded, with a space at both ends.
        numbers: the digits of every phone number, each with a space at both ends.
    """

    record: HomeRecord
    words: str
    numbers: str


def entry_of(record: HomeRecord) -> Entry:
    """Return what a home is found by."""
    texts = [record.id, record.scheme, record.address, record.resident_name, *record.tags]
    numbers = [record.resident_phone or ""]
    for contact in record.contacts:
        texts += [contact.name, contact.id, contact.email or ""]
        numbers.append(contact.phone)
    for device in record.devices:
        texts += [device.id, device.kind, device.location or "", device.topic]
        texts += [device.address or "", device.model or "", device.serial or ""]
    return Entry(
        record=record,
        words=f" {folded(' '.join(text for text in texts if text))} ",
        numbers=f" {' '.join(digits(number) for number in numbers if number)} ",
    )


def found(query: str, entries: Iterable[Entry]) -> Iterator[HomeRecord]:
    """Yield the homes that hold every word of a question, in their order; all for no question.

    A word of digits that is long enough is looked for in phone numbers too, as a national number
    and as an international one.
    """
    words = folded(query[:LONGEST_QUERY]).split()[:MAX_WORDS]
    number = digits(query)
    for entry in entries:
        if all(word in entry.words for word in words) or _has_number(number, query, entry):
            yield entry.record


def _has_number(number: str, query: str, entry: Entry) -> bool:
    """Whether a question is a phone number and a home has it."""
    if len(number) < SHORTEST_NUMBER or any(sign.isalpha() for sign in query):
        return False
    national = number.removeprefix(NATIONAL) if number.startswith(NATIONAL) else number
    return number in entry.numbers or national in entry.numbers


def folded(text: str) -> str:
    """Return a text without accents and case: people type what is quick."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()


def digits(text: str) -> str:
    """Return the digits of a text."""
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())

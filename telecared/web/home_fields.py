"""The fields of the forms in which a home is written: part by part, and back from what was sent.

Lists (devices, contacts, consent) are rows of fields with one empty row at the end. What a value
may be is the homes' file's own rule (`home_texts`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from telecared.config.home_spelling import Spelled
from telecared.core.vocabulary import DeviceKind

MAX_ROWS: Final = 60
"""Devices, contacts or documents in one form; a home with more is imported from a file."""

LIST_KEYS: Final = frozenset({"tags", "exits", "invert", "by", "roles"})
"""What is a list of words: people write it with commas."""

MAY_BE_NONE: Final = frozenset({"exits"})
"""Lists of which an empty one says something else than none at all: it is written as a word."""

NONE: Final = "none"

ID: Final = "id"
WAS: Final = "was"
REMOVE: Final = "remove"
PLACE: Final = "place"
"""Beside the fields of a row: what it was made of, that it is to go, and where it is to stand."""


class FormField(msgspec.Struct, frozen=True):
    """One field.

    Attributes:
        key: in the homes' file, with a dot where it stands deeper.
        rows: of a text of several lines, 0 for one line.
        options: what may be chosen, empty for free text.
    """

    key: str
    label: str
    hint: str = ""
    rows: int = 0
    options: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """A part of a home that is written in one form.

    Attributes:
        items: key of the list that it is, "" where it is no list.
        ordered: what stands first in the list is first.
        one: what one row is called.
    """

    name: str
    title: str
    fields: tuple[FormField, ...]
    items: str = ""
    one: str = ""
    ordered: bool = False


_KINDS: Final = tuple(kind.value for kind in DeviceKind)

PARTS: Final = {
    part.name: part
    for part in (
        Part(
            "record",
            "Resident and home",
            (
                FormField("address", "Address"),
                FormField("resident.name", "Resident's name"),
                FormField("resident.phone", "Resident's phone", "Like +447700900012."),
                FormField("resident.born", "Born", "Year first: 1938-02-11."),
                FormField("resident.language", "Language", "Two letters; empty for English."),
                FormField("resident.notes", "What whoever comes must know", rows=3),
                FormField(
                    "resident.tell",
                    "How they hear that help is coming",
                    options=("", "sms", "voice"),
                ),
                FormField("tags", "Tags", "With commas: dementia, oxygen."),
                FormField("timezone", "Time zone", "Empty for the scheme's."),
                FormField("policy", "Escalation policy", "Empty for the site's."),
                FormField(
                    "exits",
                    "Doors out",
                    "Ids or places, with commas; empty for the usual, none where there is none.",
                ),
            ),
        ),
        Part(
            "access",
            "Access",
            (
                FormField("access.key_safe", "Where the key safe is"),
                FormField("access.code", "Its code"),
            ),
        ),
        Part(
            "contacts",
            "Contacts",
            (
                FormField("id", "Id", "Short, without a name: ben."),
                FormField("name", "Name"),
                FormField("phone", "Phone"),
                FormField("roles", "Roles", "With commas: carer, key_holder."),
                FormField("reachable", "Reachable", "Mon-Fri 17:00-08:00, Sat-Sun; empty: always."),
                FormField("email", "E-mail"),
                FormField("language", "Language"),
                FormField("by", "Only by", "sms, voice, email; empty for all."),
            ),
            "contacts",
            "contact",
            ordered=True,
        ),
        Part(
            "devices",
            "Devices",
            (
                FormField("id", "Id"),
                FormField("kind", "Kind", options=("", *_KINDS)),
                FormField("location", "Place"),
                FormField("profile", "Profile", "Empty for native."),
                FormField("topic", "Topic", "Where it speaks; empty for a native device's own."),
                FormField("address", "Address in the message", "Where several share the topic."),
                FormField("model", "Model"),
                FormField("serial", "Serial number"),
                FormField("invert", "Swapped words", "Like contact."),
                FormField("installed", "Installed on"),
                FormField("removed", "Removed on"),
            ),
            "devices",
            "device",
        ),
        Part(
            "consent",
            "Documents of consent",
            (
                FormField("what", "What for"),
                FormField("given_by", "Given by"),
                FormField("given_on", "On", "Year first: 2026-01-02."),
                FormField("until", "Until", "Empty where it has no end."),
                FormField("document", "Where the document is"),
            ),
            "consent",
            "document",
        ),
    )
}


class Filled(msgspec.Struct, frozen=True):
    """A field as a form shows it: its name there, and what stands in it."""

    field: FormField
    name: str
    value: str


class Row(msgspec.Struct, frozen=True):
    """A row of a form.

    Attributes:
        name: before the names of its fields, "" where the form is no list.
        was: id of what it was made of: what the form does not show is kept from there.
        removed: it is marked to be removed.
        place: where in the list it is to stand.
        is_open: it is looked at first.
    """

    fields: list[Filled]
    name: str = ""
    was: str = ""
    removed: bool = False
    place: str = ""
    is_open: bool = False


def too_many(part: Part, home: Mapping[str, Any]) -> bool:
    """Whether a home has more of something than one form can hold."""
    return bool(part.items) and len(home.get(part.items, ())) > MAX_ROWS


def filled(part: Part, home: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a form: one, or those of a list with an empty one at the end."""
    if not part.items:
        return [
            Row([Filled(one, one.key, _text(one.key, _at(home, one.key))) for one in part.fields])
        ]
    return [
        Row(
            [
                Filled(one, f"{part.items}.{index}.{one.key}", _text(one.key, item.get(one.key)))
                for one in part.fields
            ],
            name=f"{part.items}.{index}",
            was=str(item.get(ID, "")),
            place=str(index + 1),
        )
        for index, item in enumerate([*home.get(part.items, ()), {}])
    ]


def refilled(part: Part, form: Mapping[str, str]) -> list[Row]:
    """Return the rows of a form that was sent and is shown again."""
    if not part.items:
        return [Row([Filled(one, one.key, form.get(one.key, "")) for one in part.fields])]
    names = [f"{part.items}.{index}" for index in range(MAX_ROWS + 1)]
    count = 1 + max(
        (index for index, name in enumerate(names) if _row_of(part, form, name)), default=-1
    )
    return [
        Row(
            [
                Filled(one, f"{name}.{one.key}", form.get(f"{name}.{one.key}", ""))
                for one in part.fields
            ],
            name=name,
            was=form.get(f"{name}.{WAS}", ""),
            removed=bool(form.get(f"{name}.{REMOVE}")),
            place=form.get(f"{name}.{PLACE}", "") or str(index + 1),
        )
        for index, name in enumerate(names[: count + 1])
    ]


def changed(part: Part, home: Spelled, form: Mapping[str, str]) -> Spelled:
    """Return a home in the words of the homes' file, with a part of it as a form has it.

    A row of a list whose fields are all empty, or that is marked to be removed, is left out. Keys
    that the form does not have (codes of a device) stay as they were with the device that the row
    was made of, wherever it stands by now.
    """
    after = {key: dict(one) if isinstance(one, dict) else one for key, one in home.items()}
    if not part.items:
        for one in part.fields:
            _put(after, one.key, _value(one.key, form.get(one.key, "")))
        return after
    before = {item[ID]: item for item in home.get(part.items, ()) if ID in item}
    shown = {one.key for one in part.fields}
    items: list[Spelled] = []
    for index, row in _rows_of(part, form):
        kept = before.get(form.get(f"{part.items}.{index}.{WAS}", ""), {})
        items.append({**{key: one for key, one in kept.items() if key not in shown}, **row})
    after[part.items] = items
    return after


def at_rows(part: Part, form: Mapping[str, str], problems: Mapping[str, str]) -> dict[str, str]:
    """Return problems of a home by the names of the fields of the form that it was read from.

    What is the first in the home may stand further down in the form: rows are removed and moved.
    """
    rows = [index for index, _ in _rows_of(part, form)] if part.items else []
    found = {}
    for path, words in problems.items():
        items, _, rest = path.partition(".")
        number, _, key = rest.partition(".")
        if part.items and items == part.items and number.isdecimal() and int(number) < len(rows):
            found[f"{items}.{rows[int(number)]}" + (f".{key}" if key else "")] = words
        else:
            found[path] = words
    return found


def _rows_of(part: Part, form: Mapping[str, str]) -> list[tuple[int, Spelled]]:
    """Return the rows that stay, in the order in which they are to stand, with their numbers."""
    found: list[tuple[float, int, Spelled]] = []
    for index in range(MAX_ROWS + 1):
        name = f"{part.items}.{index}"
        row = _row_of(part, form, name)
        if row and not form.get(f"{name}.{REMOVE}"):
            found.append((_place(form.get(f"{name}.{PLACE}", ""), index + 1), index, row))
    return [(index, row) for _, index, row in sorted(found, key=lambda one: one[:2])]


def _place(asked: str, stands: int) -> float:
    """Return where a row goes that stands at a place: before, or after, who has that place."""
    if not (asked.isascii() and asked.isdecimal()) or not 1 <= int(asked[:3]) <= MAX_ROWS:
        return stands
    place = int(asked[:3])
    return place if place == stands else place + (0.5 if place > stands else -0.5)


def _row_of(part: Part, form: Mapping[str, str], name: str) -> Spelled:
    row: Spelled = {}
    for one in part.fields:
        value = _value(one.key, form.get(f"{name}.{one.key}", ""))
        if value not in ("", []):
            row[one.key] = value
    return row


def _value(key: str, text: str) -> object:
    text = text.replace("\r\n", "\n").strip()
    if key in MAY_BE_NONE and text.casefold() == NONE:
        return ()
    if key.rpartition(".")[2] in LIST_KEYS:
        return [word.strip() for word in text.split(",") if word.strip()]
    return text


def _text(key: str, value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        none = NONE if key in MAY_BE_NONE else ""
        return ", ".join(str(one) for one in value) or none
    return "" if value is None else str(value)


def _at(home: Mapping[str, Any], key: str) -> object:
    value: object = home
    for part in key.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value


def _put(home: Spelled, key: str, value: object) -> None:
    first, _, rest = key.partition(".")
    if rest:
        inner = home.setdefault(first, {})
        _put(inner, rest, value)
    elif value in ("", []):
        home.pop(first, None)
    else:
        home[first] = value

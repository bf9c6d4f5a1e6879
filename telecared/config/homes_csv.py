"""Homes as a table: one row per device or contact, rows of one home share its id.

The table is turned into the same data as the YAML form, with the place of every cell, so that
`homes` checks both alike. `COLUMNS` is the whole format.
"""

from collections.abc import Mapping
from typing import Any, Final

from telecared.config.positions import Document, Part, Path, nearest
from telecared.errors import ConfigError

MAX_CELLS: Final = 5_000_000
"""Cells of one table; a larger one is split."""

COLUMNS: Final[Mapping[str, str]] = {
    "home": "the home's id; every row has it",
    "scheme": "the group of homes it belongs to",
    "address": "where it is",
    "timezone": "like Europe/London; empty for the scheme's",
    "tags": "words, parted by spaces",
    "exits": "ids or locations of the doors through which people leave, parted by spaces",
    "policy": "the escalation policy; empty for the site's",
    "resident_name": "",
    "resident_phone": "with the country code: +447700900123",
    "resident_language": "like en",
    "resident_born": "like 1938-02-11",
    "resident_notes": "",
    "resident_tell": "sms or voice: how the resident hears that help is coming; empty for not",
    "access_key_safe": "where the key safe is",
    "access_code": "its code",
    "device_id": "a row with this adds a device",
    "device_kind": "like personal_trigger",
    "device_profile": "how it speaks: native, zigbee2mqtt, ...",
    "device_topic": "its MQTT topic; empty for native devices",
    "device_location": "like kitchen",
    "device_address": "how the message names it when devices share a topic",
    "device_invert": "properties whose two words are swapped, parted by spaces",
    "device_model": "the maker's name for it, like TERNCY-DC01",
    "device_serial": "what names it in the whole world",
    "device_codes": "like 0xa1b2ce=contact:open 0xa1b2c7=contact:closed",
    "device_installed": "like 2026-03-01; empty for always",
    "device_removed": "like 2026-09-01; empty while it is there",
    "contact_id": "",
    "contact_name": "a row with this adds a contact; contacts are told in this order",
    "contact_phone": "with the country code: +447700900124",
    "contact_roles": "carer, key_holder, responder; parted by spaces",
    "contact_email": "like ann@example.org",
    "contact_language": "like cy; empty for the site's",
    "contact_by": "sms, voice, email: the only ways to tell them, parted by spaces; empty for all",
    "contact_reachable": "like Mon-Fri 17:00-08:00, Sat-Sun; empty for always",
    "consent_what": "a row with this adds a document of consent: what it was given for",
    "consent_given_by": "who signed it",
    "consent_given_on": "like 2026-03-01",
    "consent_until": "its last day; empty for as long as it is not withdrawn",
    "consent_document": "where it is kept",
}
"""Column -> what stands in it. A column `rule:NAME:KEY` holds the home's own value for a rule."""

_LISTS: Final = frozenset({"tags", "exits", "device_invert", "contact_by", "contact_roles"})
_RULE: Final = "rule:"

_GROUPS: Final = {"device": "devices", "contact": "contacts", "consent": "consent"}
"""How columns begin of which a row adds an item -> the list."""

Cell = tuple[str, int, int]
"""A text, and the line and column at which it begins."""


class CsvDocument(Document):
    """A table that reads like a YAML file of homes; places are those of cells."""

    def __init__(self, name: str) -> None:
        super().__init__(name, {"homes": []}, None)
        self._places: dict[Path, tuple[int, int]] = {(): (1, 1)}

    def put(self, path: Path, place: tuple[int, int]) -> None:
        """Remember where the value at `path` stands."""
        self._places.setdefault(path, place)

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Return the place of the cell, or of the nearest thing around it that has one."""
        for length in range(len(path), -1, -1):
            place = self._places.get(path[:length])
            if place is not None:
                return place
        return 1, 1


def read_csv(text: str, name: str) -> Document:
    """Read a table of homes.

    Commas part the cells, or semicolons when the first line has no comma.

    Raises:
        ConfigError: a quote is never closed, columns are unknown or missing, or rows of one home
            contradict each other; all at once.
    """
    first_line = text.partition("\n")[0]
    separator = ";" if ";" in first_line and "," not in first_line else ","
    rows = _rows(text, name, separator)
    if not rows:
        raise ConfigError([f"{name}:1:1: the table is empty; begin with the names of columns"])
    header, problems = _header(rows[0], name)
    document = CsvDocument(name)
    homes: dict[str, int] = {}
    for row in rows[1:]:
        if len(row) > len(header):
            _, line, column = row[len(header)]
            problems.append(
                f"{name}:{line}:{column}: more cells than columns; put a text with a"
                f" {separator} in quotes"
            )
            continue
        cells = {
            column: (cell[0].strip(), cell[1], cell[2])
            for column, cell in zip(header, row, strict=False)
            if cell[0].strip()
        }
        if cells:
            _add_row(document, homes, cells, row[0], problems)
    if problems:
        raise ConfigError(problems)
    return document


def _header(row: list[Cell], name: str) -> tuple[list[str], list[str]]:
    header: list[str] = []
    problems: list[str] = []
    for written, line, column in row:
        word = written.strip()
        place = f"{name}:{line}:{column}: "
        is_rule = word.startswith(_RULE) and word.count(":") == 2 and not word.endswith(":")
        if word not in COLUMNS and not is_rule:
            problems.append(f'{place}"{word}" is no column; {nearest(word, COLUMNS)}')
        elif word in header:
            problems.append(f'{place}the column "{word}" is there twice; remove one')
        header.append(word)
    if "home" not in header:
        problems.append(f'{name}:1:1: the column "home" is missing; add it')
    return header, problems


def _add_row(
    document: CsvDocument,
    homes: dict[str, int],
    cells: dict[str, Cell],
    start: Cell,
    problems: list[str],
) -> None:
    if "home" not in cells:
        place = f"{document.name}:{start[1]}:{start[2]}: "
        problems.append(f"{place}the row names no home; write its id under home")
        return
    identity, line, column = cells["home"]
    index = homes.setdefault(identity, len(homes))
    where: Path = ("homes", index)
    if index == len(document.data["homes"]):
        document.data["homes"].append({"id": identity})
        document.put(where, (line, column))
        document.put((*where, "id"), (line, column))
    home = document.data["homes"][index]
    for group in _GROUPS:
        _add_item(document, where, home, group, cells)
    for name, cell in cells.items():
        if name.partition("_")[0] in _GROUPS or name == "home":
            continue
        _set(document, where, home, _path(name), _value(name, cell[0]), cell, problems)


def _add_item(
    document: CsvDocument, where: Path, home: dict[str, Any], group: str, cells: dict[str, Cell]
) -> None:
    """Add the device, the contact or the consent of a row, if it has one."""
    prefix = group + "_"
    written = {name: cell for name, cell in cells.items() if name.startswith(prefix)}
    if not written:
        return
    items = home.setdefault(_GROUPS[group], [])
    place = (*where, _GROUPS[group], len(items))
    first = min(written.values(), key=lambda cell: cell[1:])
    document.put(place[:-1], first[1:])
    document.put(place, first[1:])
    item: dict[str, Any] = {}
    for name, cell in written.items():
        key = name.removeprefix(prefix)
        item[key] = _value(name, cell[0])
        document.put((*place, key), cell[1:])
    items.append(item)


def _path(column: str) -> tuple[Part, ...]:
    if column.startswith(_RULE):
        _, rule, key = column.split(":")
        return ("rules", rule, key)
    for group in ("resident", "access"):
        if column.startswith(group + "_"):
            return (group, column.removeprefix(group + "_"))
    return (column,)


def _value(column: str, text: str) -> object:
    if column == "device_codes":
        return _codes(text)
    return text.split() if column in _LISTS else text


def _codes(text: str) -> object:
    """Return what each code stands for, or the text where it cannot be told."""
    codes: dict[str, dict[str, str]] = {}
    for part in text.split():
        code, is_one, told = part.partition("=")
        name, has_word, word = told.partition(":")
        if not is_one or not has_word:
            return text
        codes.setdefault(code, {})[name] = word
    return codes


def _set(
    document: CsvDocument,
    where: Path,
    home: dict[str, Any],
    path: tuple[Part, ...],
    value: object,
    cell: Cell,
    problems: list[str],
) -> None:
    """Put a value of the home itself in place; rows of one home may repeat it, not change it."""
    inside: dict[Any, Any] = home
    for length, part in enumerate(path[:-1], 1):
        inside = inside.setdefault(part, {})
        document.put((*where, *path[:length]), cell[1:])
    if path[-1] in inside and inside[path[-1]] != value:
        line, column = document.position((*where, *path))
        problems.append(
            f"{document.name}:{cell[1]}:{cell[2]}: differs from line {line}, column {column}, of"
            " the same home; write it once, or the same"
        )
        return
    inside[path[-1]] = value
    document.put((*where, *path), cell[1:])


# --- cells ------------------------------------------------------------------------------------


def _rows(text: str, name: str, separator: str) -> list[list[Cell]]:
    """Return the cells of every line that holds any; quotes as in RFC 4180."""
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    at, line, line_start, count = 0, 1, 0, 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    while at < len(text) or row:
        start_line, column = line, at - line_start + 1
        if text[at : at + 1] == '"':
            value, after = _quoted(text, at, f"{name}:{line}:{column}")
            breaks = text.count("\n", at, after)
            if breaks:
                line += breaks
                line_start = text.rindex("\n", at, after) + 1
        else:
            after = _next(text, at, separator)
            value = text[at:after]
        row.append((value, start_line, column))
        count += 1
        if count > MAX_CELLS:
            raise ConfigError([f"{name}:{line}:1: more than {MAX_CELLS} cells; split the table"])
        if after < len(text) and text[after] == separator:
            at = after + 1
            continue
        if after < len(text) and text[after] != "\n":
            place = f"{name}:{line}:{after - line_start + 1}: "
            raise ConfigError([f"{place}text after a closing quote; double quotes within quotes"])
        if any(cell[0].strip() for cell in row):
            rows.append(row)
        row = []
        at, line, line_start = after + 1, line + 1, after + 1
    return rows


def _next(text: str, at: int, separator: str) -> int:
    ends = [end for end in (text.find(separator, at), text.find("\n", at)) if end >= 0]
    return min(ends, default=len(text))


def _quoted(text: str, at: int, place: str) -> tuple[str, int]:
    """Return a quoted cell's text and the index behind its closing quote."""
    parts: list[str] = []
    begin = at + 1
    while True:
        end = text.find('"', begin)
        if end < 0:
            raise ConfigError([f"{place}: a quote is never closed; add the closing quote"])
        parts.append(text[begin:end])
        if text[end + 1 : end + 2] != '"':
            return '"'.join(parts), end + 1
        begin = end + 2

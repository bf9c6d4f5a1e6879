"""Rows for a spreadsheet, and a long list cut into pages.

Every list of the console can be taken away as CSV. What is in a row is the view's.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from telecared.web.visit import Visit

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula: names and notes come from outside."""

MAX_ROWS: Final = 100_000
"""Rows of one file; what is more is left out, and the last row says so."""

HIGHEST_PAGE: Final = 100_000

_Row = TypeVar("_Row")


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return rows as a CSV file named `name`, UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            writer.writerow([f"cut at {MAX_ROWS} rows: choose fewer"])
            break
        writer.writerow([_cell(value) for value in row])
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class Cut(Generic[_Row]):
    """One page of a longer list.

    Attributes:
        rows: of this page.
        page, pages: which of how many, from 1.
        count: rows in all.
    """

    def __init__(self, rows: Sequence[_Row], page: int, size: int) -> None:
        self.count = len(rows)
        self.pages = max(1, -(-self.count // size))
        self.page = min(max(page, 1), self.pages)
        first = (self.page - 1) * size
        self.rows = list(rows[first : first + size])


def page_of(visit: Visit) -> int:
    """Return which page of a list is asked for (`?page=2`), 1 where none or nonsense is."""
    asked = visit.query.get("page", "1")
    if not (asked.isascii() and asked.isdecimal()):
        return 1
    return min(int(asked), HIGHEST_PAGE)


def wants_csv(visit: Visit) -> bool:
    """Whether the list is asked for as a file (`?as=csv`)."""
    return visit.query.get("as") == "csv"


def address_with(visit: Visit, **changed: object) -> str:
    """Return the address of this page with some of its query changed; None leaves a key out."""
    query = {**dict(visit.query), **{key: str(one) for key, one in changed.items() if one}}
    for key, one in changed.items():
        if not one:
            query.pop(key, None)
    return f"{visit.request.url.path}?{urlencode(query)}" if query else visit.request.url.path

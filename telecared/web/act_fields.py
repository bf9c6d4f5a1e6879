"""What one may write in the forms of acts on alerts: fields, and how each is checked by itself.

What a form comes to is `act_events`; which forms there are, `acts`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from telecared.web.errors import BadForm

LONGEST_NOTE: Final = 2_000
LONGEST_NAME: Final = 100
LONGEST_ID: Final = 64

MOST_MINUTES: Final = 24 * 60
"""Nobody holds, snoozes or is on the way for longer than a day; the core's limits are lower."""

LOCAL_MOMENT: Final = "%Y-%m-%dT%H:%M"


class Shape(StrEnum):
    """What a field holds. A `moment` is local time of the home, like `2026-03-01T14:30`."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    MOMENT = "moment"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of an act.

    Attributes:
        what: it is, in a few words.
        ask: the sentence that is answered when it is missing or cannot be used.
        choices: for `choice`, in the order in which they are offered.
        most: for `text`, characters; for `number`, the highest.
        least: for `number`.
    """

    name: str
    what: str
    ask: str
    shape: Shape = Shape.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = LONGEST_NOTE


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said in a form, every field checked by itself.

    Attributes:
        by: whoever is signed in.
        texts: field -> text, without those that were left empty.
        numbers: field -> number.
    """

    home: str
    alert: int
    by: str
    texts: Mapping[str, str]
    numbers: Mapping[str, int]

    def text(self, name: str) -> str:
        """Return a field's text, "" where it was left empty."""
        return self.texts.get(name, "")


def checked(
    known: Sequence[Field], *, home: str, alert: int, by: str, fields: Mapping[str, str]
) -> Said:
    """Return what was said in the known fields. Raises BadForm with every problem at once."""
    problems: dict[str, str] = {}
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for field in known:
        value = fields.get(field.name, "").replace("\r\n", "\n").strip()
        if not value:
            if field.required:
                problems[field.name] = field.ask
            continue
        problem = _problem_of(field, value)
        if problem:
            problems[field.name] = problem
        elif field.shape is Shape.NUMBER:
            numbers[field.name] = int(value)
        else:
            texts[field.name] = value
    if problems:
        raise BadForm(problems)
    return Said(home=home, alert=alert, by=by, texts=texts, numbers=numbers)


def _problem_of(field: Field, value: str) -> str:
    """Return why a field cannot be used, "" where it can."""
    match field.shape:
        case Shape.TEXT:
            too_long = len(value) > field.most
            return f"This is longer than {field.most} characters: write less." if too_long else ""
        case Shape.CHOICE:
            known = ", ".join(field.choices)
            return "" if value in field.choices else f"{field.ask} There are: {known}."
        case Shape.NUMBER:
            fits = value.isascii() and value.isdecimal() and len(value) <= len(str(field.most))
            fits = fits and field.least <= int(value) <= field.most
            return "" if fits else f"Write a whole number from {field.least} to {field.most}."
        case Shape.MOMENT:
            return "" if _is_moment(value) else f"{field.ask} Write it like 2026-03-01T14:30."


def _is_moment(value: str) -> bool:
    try:
        read = datetime.strptime(value, LOCAL_MOMENT)  # noqa: DTZ007 - of the home, its zone is not known
    except ValueError:
        return False
    # It also reads 2026-3-1T4:5, which the engine does not.
    return read.isoformat(timespec="minutes") == value


def note(what: str = "A sentence for the record.", *, required: bool = False) -> Field:
    """Return a field for a sentence of whoever acts."""
    return Field(name="note", what=what, ask="Write a note.", required=required)


def minutes(what: str, *, required: bool = False, most: int = MOST_MINUTES) -> Field:
    """Return a field for a number of minutes."""
    return Field(
        name="minutes",
        what=what,
        ask=f"Write how many minutes, from 1 to {most}.",
        shape=Shape.NUMBER,
        required=required,
        least=1,
        most=most,
    )


def person(name: str, what: str, *, required: bool = True) -> Field:
    """Return a field for the id of somebody."""
    ask = "Choose who it is."
    return Field(name=name, what=what, ask=ask, required=required, most=LONGEST_ID)


def choice(name: str, what: str, ask: str, words: tuple[str, ...], *, required: bool) -> Field:
    """Return a field for one of some words."""
    return Field(
        name=name, what=what, ask=ask, shape=Shape.CHOICE, required=required, choices=words
    )


UNTIL: Final = Field(
    name="until",
    what="When it ends, by the clocks of the home.",
    ask="Say when.",
    shape=Shape.MOMENT,
)

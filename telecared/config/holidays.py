"""Public holidays: `holidays: {country: GB, subdivision: ENG}` becomes the dates of the plan.

The only module that knows the library of the world's holidays, which is read when a file names a
country and not before. What a holiday means to a window is `core.windows`.
"""

import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from types import ModuleType
from typing import Annotated, Final

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, model_validator
from pydantic.functional_validators import field_validator

from telecared.config.calendar import parse_dates
from telecared.config.fields import Body, Text
from telecared.config.positions import nearest
from telecared.core.when import DateRange, Window
from telecared.core.windows import opens_on

FIRST_YEAR: Final = 2010
LAST_YEAR: Final = 2040
"""Years whose holidays a plan holds. Fixed, so that the plan of a deployment has one hash whatever
day it is loaded on; from 2010, so that recordings can be replayed with their own holidays."""


def _library() -> ModuleType:
    # Read late: it is large, and most files name no country.
    import holidays  # noqa: PLC0415

    return holidays


def _countries() -> dict[str, str]:
    """Return code, other code or name in lower case -> the two letters of the country."""
    registry: Mapping[str, tuple[str, ...]] = _library().registry.COUNTRIES
    known = {}
    for name, (_, code, *others) in registry.items():
        for word in (name.replace("_", " "), code, *others):
            known[word.lower()] = code
    return known


def _country(value: str) -> str:
    """Return the two letters of a country.

    Raises:
        ValueError: with the nearest name, when there is none.
    """
    known = _countries()
    code = known.get(value.strip().lower())
    if code is not None:
        return code
    names = {word for word in known if len(word) > 3}
    hint = nearest(value.strip().lower(), names)
    wanted = hint if hint.startswith("did you mean") else "write its two letters, like GB"
    raise ValueError(f"the holidays of '{value}' are not known; {wanted}")


def _subdivision(country: str, value: str) -> str:
    """Return the letters of a part of a country, which has holidays of its own.

    Raises:
        ValueError: with the nearest name, when there is none.
    """
    found = _library().country_holidays(country)
    aliases: Mapping[str, Iterable[str]] = found.get_subdivision_aliases()
    known = {code.lower(): code for code in aliases}
    for code, names in aliases.items():
        for name in names:
            known.setdefault(name.lower(), code)
    part = known.get(value.strip().lower())
    if part is not None:
        return part
    if not known:
        raise ValueError(f"{country} has no parts with holidays of their own; remove subdivision")
    hint = nearest(value.strip().lower(), known)
    wanted = hint if hint.startswith("did you mean") else f"write one of: {', '.join(aliases)}"
    raise ValueError(f"'{value}' is no part of {country}; {wanted}")


def _dates(value: object) -> tuple[DateRange, ...]:
    return () if value == [] else parse_dates(value)


Country = Annotated[Text, AfterValidator(_country)]
Dates = Annotated[tuple[DateRange, ...], PlainValidator(_dates)]


class HolidaysBody(Body):
    """`country`, `subdivision`, `also`, `except`: which days are public holidays.

    Attributes:
        also: days that are holidays besides: of the town, of the year of a coronation.
        leave_out: holidays of the country that are none here.
    """

    country: Country | None = None
    subdivision: Text | None = None
    also: Dates = ()
    leave_out: Dates = Field(default=(), alias="except")

    @field_validator("subdivision")
    @classmethod
    def _is_part(cls, value: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        if value is None or "country" not in info.data:
            return value  # the country is told as wrong already
        if country is None:
            raise ValueError("a part of which country? write country: too, like country: GB")
        return _subdivision(country, value)

    @model_validator(mode="after")
    def _says_something(self) -> "HolidaysBody":
        if self.country is None and not self.also:
            raise ValueError("no holidays are named; write country: GB, or also: with dates")
        return self

    @property
    def days(self) -> tuple[str, ...]:
        """Every holiday from `FIRST_YEAR` to `LAST_YEAR` as `YYYY-MM-DD`, in order."""
        found = self._of_country() | _days_in(self.also)
        return tuple(sorted(day.isoformat() for day in found - _days_in(self.leave_out)))

    @property
    def idle_exceptions(self) -> tuple[int, ...]:
        """Which entries of `except`, from 0, leave out no holiday: probably slips of the pen."""
        found = self._of_country() | _days_in(self.also)
        return tuple(
            number for number, dates in enumerate(self.leave_out) if not found & _days_in((dates,))
        )

    def _of_country(self) -> set[date]:
        if self.country is None:
            return set()
        with warnings.catch_warnings():
            # Some tables end before our last year: moon calendars are proclaimed, not computed.
            warnings.simplefilter("ignore", UserWarning)
            return set(
                _library().country_holidays(
                    self.country,
                    subdiv=self.subdivision,
                    years=range(FIRST_YEAR, LAST_YEAR + 1),
                )
            )


def _days_in(dates: tuple[DateRange, ...]) -> set[date]:
    """Return the days of the span of years that lie in `dates`."""
    if not dates:
        return set()
    window = Window(start=0, end=0, dates=dates)
    first, last = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()
    every = map(date.fromordinal, range(first, last + 1))
    return {day for day in every if opens_on(window, day, frozenset())}

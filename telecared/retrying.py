"""When another side wants to be asked again: the Retry-After header, read in one place."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks for; None without one that can be read.

    Header names are in lower case.
    A date is held against the answer's own Date, since our clock may be another.
    """
    told = headers.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        asked = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, asked.total_seconds())

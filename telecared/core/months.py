"""A local month as a period of a report. Who asks for one, and of which scheme, is the callers'."""

from datetime import datetime
from zoneinfo import ZoneInfo

from telecared.core.report_parts import Period
from telecared.core.vocabulary import Instant
from telecared.core.windows import to_instant

DECEMBER = 12


def month_period(month: str, scheme: str | None, timezone: str, now: Instant) -> Period:
    """Return a local month; of a running one nothing is told that has not happened.

    Args:
        month: like `2026-10`.
        scheme: which the report is of, None for the whole site.
        timezone: by whose clocks.
        now: wall time.

    Raises:
        ValueError: it is no month, or it has not begun; the message says which.
    """
    zone = ZoneInfo(timezone)
    try:
        begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        raise ValueError(f"'{month}' is no month; write it like 2026-10") from None
    if to_instant(begins) > now:
        raise ValueError(f"{month} has not begun; write a month that has")
    is_december = begins.month == DECEMBER
    following = (begins.year + is_december, 1 if is_december else begins.month + 1)
    ends = to_instant(datetime(*following, 1, tzinfo=zone))
    return Period(
        name=begins.strftime("%Y-%m"),
        since=to_instant(begins),
        until=min(ends, now),
        timezone=timezone,
        scheme=scheme,
    )

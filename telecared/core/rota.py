"""Rotas: who is on duty at any instant, from layers of shifts, leave and overrides.

Values and pure arithmetic in local time across daylight saving. Who is told because of it is
`telling`; how a rota is written in YAML `config.rotas`.
"""

import msgspec

from telecared.core.vocabulary import Instant
from telecared.core.when import Window


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns in some hours; a later layer stands above an earlier one.

    Attributes:
        people: ids, in the order of their turns.
        turn: `daily`, `weekly`, `monthly` or a number of days as `9d`.
        handover: local weekday (0 Monday; ignored for turns that are not whole weeks) and minute
            of the day at which a turn ends. A minute that the clocks skip is the instant at which
            they are put forward; of one that comes twice the first counts.
        start: local date (`YYYY-MM-DD`) in the first person's first turn; monthly turns begin on
            that day of each month, or on the last day of a shorter one.
        hours: the hours in which the layer has somebody on duty; empty for always.
    """

    people: tuple[str, ...]
    turn: str = "weekly"
    handover: tuple[int, int] = (0, 9 * 60)
    start: str = "2026-01-05"
    hours: tuple[Window, ...] = ()


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """One person is on duty instead of whoever else would be, from `since` until `until` (UTC).

    Attributes:
        person: "" where nobody is, which is a gap that somebody meant.
        by: who said so, "" where it stands in the file.
    """

    since: Instant
    until: Instant
    person: str
    by: str = ""


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """A person takes no turn: the next in the layer stands in."""

    person: str
    since: Instant
    until: Instant


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """A rota.

    Attributes:
        timezone: IANA name; its handovers and hours are local there.
        layers: the last one that has somebody on duty counts.
        staffed: it must never be empty: a gap within the coming week is an alert.
        holidays: the public holidays that its hours know, as `YYYY-MM-DD`.
    """

    name: str
    timezone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()
    leave: tuple[Leave, ...] = ()
    staffed: bool = True
    holidays: tuple[str, ...] = ()

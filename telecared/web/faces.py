"""An unresolved alert as the queue shows it: what stands in its row, and nothing that does not.

Made from the home's state and record; compared, so that a row is sent only when it looks new.
How it is drawn is the templates'.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from telecared.core.events import SITE
from telecared.core.operators import SCHEME_PREFIX, Operator
from telecared.core.plan import HomeRecord
from telecared.core.policy import Policy
from telecared.core.queue import Standing, sort_key, standing_of
from telecared.core.state import Alert, HomeState
from telecared.core.stated import Going
from telecared.core.vocabulary import AlertState, Instant, Priority
from telecared.store_port import AlertRow

Key = tuple[str, int]
"""A home and the number of an alert in it."""

UNREADABLE: Final = "the home's state cannot be read: run `telecared verify`"
"""Stands in the row of an alert of which only the table of alerts is known."""


class Face(NamedTuple):
    """One row of the queue. Personal data.

    Attributes:
        order: what sorts the rows of a section.
        why: the few words by which people know the alert.
        scheme: to which its home belongs; None where only those who see every scheme see it.
        resident: their name, "" where nobody lives there or it is not known.
        zone: of the home's clocks.
        reaches_at: when it reaches the centre at the latest; None where that is not foreseen.
        lease_until: when whoever has it loses it; None while nobody has it.
        snoozed: it comes back by itself.
        going: who goes, in words.
    """

    home: str
    n: int
    order: tuple[int, Instant, str, int]
    priority: Priority
    standing: Standing
    rule: str
    why: str
    scheme: str | None
    address: str
    resident: str
    zone: str
    opened_at: Instant
    centre_at: Instant | None
    reaches_at: Instant | None
    owner: str | None
    lease_until: Instant | None
    paged: int
    repeats: int
    cancelled_at: Instant | None
    going: tuple[str, ...]

    @property
    def alert(self) -> str:
        """The alert's id."""
        return f"{self.home}/{self.n}"

    @property
    def waits(self) -> bool:
        """Whether the centre is asked about it now."""
        return self.standing is Standing.AT_CENTRE


def scheme_of(home: str, record: HomeRecord | None) -> str | None:
    """Return to which scheme a home, `@scheme/ID` or `@site` belongs; None for every scheme's."""
    if record is not None:
        return record.scheme
    return home.removeprefix(SCHEME_PREFIX) if home.startswith(SCHEME_PREFIX) else None


def is_for(operator: Operator, scheme: str | None) -> bool:
    """Whether an operator may see what belongs to a scheme; the same as `Operator.sees`."""
    return operator.schemes is None or scheme in operator.schemes


def face_of(
    home: str,
    alert: Alert,
    record: HomeRecord | None,
    *,
    zone: str,
    reaches_at: Instant | None,
) -> Face:
    """Return an unresolved alert's row.

    Args:
        home: its id, `@scheme/ID` or `@site`.
        alert: as the home's state has it.
        record: of its home; None for the site's and a scheme's own, and for what is registered
            no more.
        zone: of the site, where the home has none.
        reaches_at: when it reaches the centre at the latest, while it does not stand there.
    """
    standing = standing_of(alert)
    is_held = alert.state is AlertState.ACKNOWLEDGED
    return Face(
        home=home,
        n=alert.n,
        order=sort_key(home, alert),
        priority=alert.priority,
        standing=standing,
        rule=alert.rule,
        why=alert.about or alert.text,
        scheme=scheme_of(home, record),
        address=_place(home, record),
        resident="" if record is None else record.resident_name,
        zone=zone if record is None else record.timezone,
        opened_at=alert.opened_at,
        centre_at=alert.centre_at,
        reaches_at=reaches_at if standing is Standing.WITH_FAMILY else None,
        owner=alert.owner if is_held else None,
        lease_until=alert.lease_until if is_held else None,
        paged=alert.paged,
        repeats=alert.repeats,
        cancelled_at=alert.cancelled_at,
        going=tuple(
            _going(one)
            for one in alert.going
            # That whoever has it goes is said already.
            if one.by != alert.owner or one.minutes is not None or one.arrived is not None
        ),
    )


def _place(home: str, record: HomeRecord | None) -> str:
    if record is not None:
        return record.address or home
    if home == SITE:
        return "The site itself"
    if home.startswith(SCHEME_PREFIX):
        return f"Scheme {home.removeprefix(SCHEME_PREFIX)}"
    return f"{home} (not registered any more)"


def _going(one: Going) -> str:
    if one.arrived is not None:
        return f"{one.by} is there"
    return f"{one.by} goes" if one.minutes is None else f"{one.by} goes, there in {one.minutes} min"


def stand_in(home: str, rows: Iterable[AlertRow]) -> HomeState:
    """Return a home's unresolved alerts as the table of alerts has them.

    For a state that cannot be read: nothing else of it is known, and what nobody has stands at the
    centre, because who else has been told is not known.
    """
    alerts = {
        row.n: Alert(
            n=row.n,
            rule=row.rule,
            key="",
            priority=row.priority,
            opened_at=row.opened_at,
            text="",
            about=f"{row.rule}: {UNREADABLE}",
            code=row.code,
            policy=Policy(name="", steps=()),
            watch=row.watch,
            state=row.state,
            owner=row.owner,
            lease_until=row.lease_until,
            repeats=row.repeats,
            centre_at=row.opened_at,
        )
        for row in rows
        if row.home == home
    }
    return HomeState(home=home, alerts=alerts)

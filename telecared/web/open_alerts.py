"""Every unresolved alert, kept in memory and brought up to date by the change feed.

What pages and streams show of the queue is taken from here, so that a thousand open alerts cost a
page little. Asked from any thread. Who may see what is the caller's to ask (`faces.is_for`).
"""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from telecared.adapters.sqlite.console_feed import MAX_CHANGES, ConsoleFeed
from telecared.core.compile import HomePlan
from telecared.core.forecast import reaches_centre
from telecared.core.plan import HomeRecord, Plan
from telecared.core.queue import Standing, standing_of
from telecared.core.site import SiteFacts
from telecared.core.state import Alert, HomeState, decode_state
from telecared.core.vocabulary import AlertState, Duration, Instant, Priority
from telecared.web.faces import Face, Key, face_of, scheme_of, stand_in
from telecared.web.marks import Mark
from telecared.web.registry import Registry

MAX_GONE: Final = 5_000
"""Alerts that have left the queue and are remembered, for consoles that come back."""

FORESEEN_AT_ONCE: Final = 20
"""Alerts that one look works the way to the centre out for, some half a millisecond each."""

RECHECK_LOOKS: Final = 600
"""After so many looks everything is compared with the tables: half a minute at a look in 50 ms."""

REGISTRY_LOOKS: Final = 20
"""After so many looks it is asked whether homes or rules have changed: a second."""

OTHER: Final = "other"
"""Counts what waits at the centre and is neither life safety nor urgent."""


class Row(NamedTuple):
    """A row and when it last looked different: `version` rises with every change.

    `came` is the version with which it began to wait at the centre, where it does.
    """

    face: Face
    version: int
    came: int = 0


class Gone(NamedTuple):
    """An alert that is in the queue no more."""

    home: str
    n: int
    scheme: str | None
    version: int


class News(NamedTuple):
    """What has changed since a mark.

    Attributes:
        whole: these are all the rows there are: what is not among them has gone.
    """

    rows: list[Row]
    gone: list[Gone]
    mark: Mark
    whole: bool


class OpenAlerts:
    """The queue of the whole site.

    Args:
        feed: tells what is new; nobody else may use it.
        registry: what is registered.
        epoch: names this process: letters and digits.

    Raises:
        StoreError: from every method that looks, when the database cannot be read.
    """

    def __init__(self, feed: ConsoleFeed, registry: Registry, epoch: str) -> None:
        self._feed = feed
        self._registry = registry
        self._epoch = epoch
        self._lock = threading.RLock()
        self._rows: dict[str, dict[int, Row]] = {}
        self._states: dict[str, HomeState] = {}
        self._tally: dict[str | None, Counter[str]] = defaultdict(Counter)
        self._gone: deque[Gone] = deque(maxlen=MAX_GONE)
        self._forgotten = 0
        self._unforeseen: dict[str, None] = {}
        self._reaches: dict[Key, Instant | None] = {}
        self._touched: dict[Key, None] = {}
        self._standing: Mapping[Key, tuple[object, ...]] = {}
        self._plan = Plan()
        self._records: Mapping[str, HomeRecord] = {}
        self._site = SiteFacts()
        self._due: set[str] = set()
        self._is_loaded = False
        self._last = -1
        self._version = 0
        self._looks = 0

    # --- asking ---------------------------------------------------------------------------------

    def refresh(self, *, often: bool = False) -> Mark:
        """Take in what is new, and return how far that is.

        Args:
            often: asked many times a second: a look takes some microseconds when nothing is new,
                and homes that have changed are seen a second later.
        """
        with self._lock:
            self._looks += 1
            if self._feed.was_replaced() or not self._is_loaded:
                self._load()
            elif self._feed.stirred():
                self._follow()
            if not often or self._looks % REGISTRY_LOOKS == 0:
                self._follow_registry()
            if self._looks % RECHECK_LOOKS == 0:
                self._recheck()
            self._read_due()
            self._foresee()
            return self.mark

    @property
    def mark(self) -> Mark:
        """How far the last look saw."""
        return Mark(self._last, self._epoch, self._version)

    def rows(self) -> list[Row]:
        """Return every row, unsorted, as of the last look."""
        with self._lock:
            return [row for rows in self._rows.values() for row in rows.values()]

    def row(self, home: str, n: int) -> Row | None:
        """Return one row as of the last look."""
        with self._lock:
            return self._rows.get(home, {}).get(n)

    def tally(self, schemes: tuple[str, ...] | None) -> Counter[str]:
        """Return how many alerts of some schemes (None: of all) stand where: see `kind_of`."""
        with self._lock:
            found = Counter[str]()
            for scheme, counts in self._tally.items():
                if schemes is None or scheme in schemes:
                    found.update(counts)
            return found

    def news(self, since: Mark | None) -> News:
        """Return what has changed since a mark; everything when that is not known any more."""
        with self._lock:
            if since is None:
                return self._whole()
            if since.epoch != self._epoch:
                return self._news_of_record(since.record)
            if not self._forgotten <= since.version <= self._version:
                return self._whole()
            rows = [row for row in self.rows() if row.version > since.version]
            gone = [one for one in self._gone if one.version > since.version]
            return News(rows, gone, self.mark, whole=False)

    def take_touched(self) -> list[Key]:
        """Return the alerts of which something was put on record since the last call."""
        with self._lock:
            touched, self._touched = list(self._touched), {}
            return touched

    def touch_again(self, touched: Iterable[Key]) -> None:
        """Give back what was taken and could not be told to all."""
        with self._lock:
            self._touched |= dict.fromkeys(touched)

    def clock_offset(self, at: Instant) -> Duration:
        """Return wall clock minus engine time, for showing local time."""
        return self._site.offset(at)

    @property
    def site_zone(self) -> str:
        """The site's time zone, for what belongs to no home."""
        return self._plan.site_timezone

    def scheme_of(self, home: str) -> str | None:
        """Return to which scheme a home belongs (`faces.scheme_of`)."""
        return scheme_of(home, self._records.get(home))

    # --- following ------------------------------------------------------------------------------

    def _load(self) -> None:
        """Read everything that is unresolved. What fails half way begins again at the next look."""
        self._is_loaded = False
        self._feed.stirred()
        last = self._feed.newest()
        standing = self._feed.standing()
        self._standing = {(str(one[0]), int(one[1] or 0)): one for one in standing}
        self._plan, self._records = self._registry.plan(), self._registry.records()
        self._site = self._registry.site()
        self._due |= {home for home, _ in self._standing} | set(self._rows)
        self._read_due()
        self._last, self._is_loaded = last, True

    def _follow(self) -> None:
        """Read again the homes of which something was put on record."""
        followed = self._last
        while True:
            changes = self._feed.changes(self._last)
            for change in changes:
                self._last = change.id
                self._due.add(change.home)
                if change.alert is not None:
                    self._touched[change.home, change.alert] = None
            if len(changes) < MAX_CHANGES:
                break
        if self._last != followed:
            self._site = self._registry.site()

    def _follow_registry(self) -> None:
        """Draw every row again when a home's record, or the rules, have changed."""
        plan, records = self._registry.plan(), self._registry.records()
        if plan is not self._plan or records is not self._records:
            self._plan, self._records = plan, records
            self._due |= set(self._rows)

    def _recheck(self) -> None:
        """Hold everything against the tables, should a change ever be on no record."""
        if self._feed.newest() < self._last:
            self._load()  # put back in place: its record goes on from an older number
        now = {(str(one[0]), int(one[1] or 0)): one for one in self._feed.standing()}
        before, self._standing = self._standing, now
        differ = {key[0] for key in now.keys() | before.keys() if now.get(key) != before.get(key)}
        self._due |= differ

    def _read_due(self) -> None:
        """Read due homes' states again and make their rows anew; due until that has been done."""
        wanted = sorted(self._due)
        if not wanted:
            return
        stored = self._registry.store.states(wanted)
        for home in wanted:
            state = self._state_of(home, stored.get(home))
            if any(_is_listed(alert) for alert in state.alerts.values()):
                self._states[home] = state
            else:
                self._states.pop(home, None)
            if any(standing_of(one) is Standing.WITH_FAMILY for one in state.alerts.values()):
                self._unforeseen[home] = None
        try:
            if len(wanted) <= FORESEEN_AT_ONCE:
                self._foresee(draw=False)
        finally:
            for home in wanted:
                self._draw(home)
            self._due.clear()

    def _state_of(self, home: str, blob: bytes | None) -> HomeState:
        """Return a home's state; what the table of alerts knows where it cannot be read."""
        if blob is None:
            return HomeState(home=home)
        try:
            return decode_state(blob)
        except ValueError:
            return stand_in(home, self._registry.store.unresolved())

    def _draw(self, home: str) -> None:
        """Make a home's rows anew; those that look as before keep their version."""
        state = self._states.get(home)
        record, zone = self._records.get(home), self._plan.site_timezone
        before = self._rows.get(home, {})
        after: dict[int, Row] = {}
        for n, alert in ({} if state is None else state.alerts).items():
            if not _is_listed(alert):
                continue
            reaches = self._reaches.get((home, n))
            face = face_of(home, alert, record, zone=zone, reaches_at=reaches)
            old = before.get(n)
            if old is not None and old.face == face:
                after[n] = old
                continue
            if old is not None and old.face.scheme != face.scheme:
                self._say_gone(old.face)
            self._version += 1
            came = old.came if old is not None and old.face.waits else self._version
            after[n] = Row(face, self._version, came)
            self._count(None if old is None else old.face, face)
        for n, row in before.items():
            if n not in after:
                self._leaves(row.face)
        if after:
            self._rows[home] = after
        else:
            self._rows.pop(home, None)

    def _leaves(self, face: Face) -> None:
        self._count(face, None)
        self._reaches.pop((face.home, face.n), None)
        self._say_gone(face)

    def _say_gone(self, face: Face) -> None:
        """Remember that those who saw a row see it no more where it was."""
        self._version += 1
        if len(self._gone) == MAX_GONE:
            self._forgotten = self._gone[0].version
        self._gone.append(Gone(face.home, face.n, face.scheme, self._version))

    def _count(self, before: Face | None, after: Face | None) -> None:
        if before is not None:
            self._tally[before.scheme][kind_of(before)] -= 1
        if after is not None:
            self._tally[after.scheme][kind_of(after)] += 1

    # --- foreseeing -----------------------------------------------------------------------------

    def _foresee(self, *, draw: bool = True) -> None:
        """Work out for some homes when their alerts reach the centre; the rest waits its turn."""
        for home in list(self._unforeseen)[:FORESEEN_AT_ONCE]:
            del self._unforeseen[home]
            state = self._states.get(home)
            if state is None:
                continue
            compiled = self._compiled(home, state)
            for n, alert in state.alerts.items():
                if standing_of(alert) is Standing.WITH_FAMILY:
                    self._reaches[home, n] = reaches_centre(compiled, state, self._site, n)
            if draw:
                self._draw(home)

    def _compiled(self, home: str, state: HomeState) -> HomePlan:
        """Return what escalates a home's alerts.

        Its rules are asked only while a second sensor is, and compiling them costs far more than
        all the rest.
        """
        if any(alert.confirm_by is not None for alert in state.alerts.values()):
            whole = self._registry.compiled(home)
            if whole is not None:
                return whole
        plan = msgspec.structs.replace(self._plan, rules=())
        return HomePlan(plan, home, self._records.get(home))

    # --- since when -----------------------------------------------------------------------------

    def _whole(self) -> News:
        return News(self.rows(), [], self.mark, whole=True)

    def _news_of_record(self, record: int) -> News:
        """Return what has changed for somebody who saw another process's queue."""
        if record > self._last:
            return self._whole()
        changes = self._feed.changes(record)
        if len(changes) >= MAX_CHANGES:
            return self._whole()
        keys = {(one.home, one.alert) for one in changes if one.alert is not None}
        rows, gone = list[Row](), list[Gone]()
        for home, n in sorted(keys):
            row = self._rows.get(home, {}).get(n)
            if row is not None:
                rows.append(row)
            else:
                scheme = scheme_of(home, self._records.get(home))
                gone.append(Gone(home, n, scheme, self._version))
        return News(rows, gone, self.mark, whole=False)


def _is_listed(alert: Alert) -> bool:
    return not alert.watch and alert.state is not AlertState.RESOLVED


def kind_of(face: Face) -> str:
    """Return as what an alert is counted: where it stands, and at the centre how urgent it is."""
    if face.standing is not Standing.AT_CENTRE:
        return face.standing.value
    if face.priority in (Priority.LIFE_SAFETY, Priority.URGENT):
        return face.priority.value
    return OTHER

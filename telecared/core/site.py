"""What is true for every home at once: outages, whether absence may be judged, the clock's steps.

A small reducer over the site's own inputs. It decides when silence may be read as silence
(design 3.1, decision 3); what silence means is a rule's business, not this module's.
"""

from typing import Final

import msgspec

from telecared.core.rota import Override
from telecared.core.vocabulary import MINUTE, Duration, Instant

MAX_OUTAGES: Final = 32
"""Outages that are remembered, oldest dropped first."""

MAX_CLOCK_STEPS: Final = 16
"""Steps of the wall clock that are remembered, oldest dropped first."""

MAX_ROTA_OVERRIDES: Final = 500
"""Overrides of rotas that are in force or still to come; one more is refused."""

DRAINED_AT_LATEST: Final[Duration] = 2 * MINUTE
"""A resumed session counts as drained this long after connecting, canary or not."""

FAR: Final[Instant] = 2**62
"""Later than anything: the end of what has not ended."""


class Started(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """The daemon started.

    Attributes:
        last_at: the latest engine time on record before, 0 for a new store.
        clean: it had been stopped cleanly.
        offset: wall clock minus engine time now; negative when the wall clock was found behind.
    """

    at: Instant
    last_at: Instant
    clean: bool
    offset: Duration = 0


class Stalled(msgspec.Struct, frozen=True, kw_only=True, tag="stall"):
    """The daemon did not run from `last_at` until now, without having stopped.

    The machine was suspended: it is downtime like any other, and the link is not to be trusted.
    """

    at: Instant
    last_at: Instant


class LinkUp(msgspec.Struct, frozen=True, kw_only=True, tag="connected"):
    """The broker accepted our session; `resumed` when it had kept it."""

    at: Instant
    resumed: bool
    protocol: int


class LinkDown(msgspec.Struct, frozen=True, kw_only=True, tag="disconnected"):
    """The link to the broker is gone."""

    at: Instant
    reason: str = ""


class LinkDrained(msgspec.Struct, frozen=True, kw_only=True, tag="drained"):
    """What the broker had kept for us has been handed over; `canary` False: two minutes passed."""

    at: Instant
    canary: bool


class ClockStepped(msgspec.Struct, frozen=True, kw_only=True, tag="clock"):
    """The wall clock was stepped: from now on it is engine time plus `offset`."""

    at: Instant
    offset: Duration


class RotaOverridden(msgspec.Struct, frozen=True, kw_only=True, tag="rota"):
    """Somebody else is on duty for a time; `since` and `until` by the wall clock.

    Attributes:
        person: "" for nobody, a gap that somebody meant.
        by: who said so.
    """

    at: Instant
    rota: str
    person: str
    since: Instant
    until: Instant
    by: str


class RotaOverrideEnded(msgspec.Struct, frozen=True, kw_only=True, tag="rota-ended"):
    """An override counts no more; what it has decided so far stays."""

    at: Instant
    rota: str
    n: int
    by: str


SiteEvent = (
    Started
    | Stalled
    | LinkUp
    | LinkDown
    | LinkDrained
    | ClockStepped
    | RotaOverridden
    | RotaOverrideEnded
)


class RotaOverride(msgspec.Struct, frozen=True, kw_only=True):
    """An override of a rota that was stated by command, under the number by which it is ended."""

    n: int
    rota: str
    override: Override


class RotaGap(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a staffed rota in which nobody is on duty, as people were told of it.

    Attributes:
        since, until: by the wall clock, as far as it was looked ahead.
        soon: it was told as one that begins within a day.
    """

    rota: str
    since: Instant
    until: Instant
    soon: bool


class SiteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What every home's decisions share.

    Attributes:
        held: absence must not be judged now.
        down_since: start of the running outage, or None.
        released_at: when absence could be judged again after the last outage.
        outages: (start, end) of past outages, oldest first; end is when the session was drained.
        stops: (start, end) during which this process was not running: what was due then is late.
        clock: (engine time, offset) from which the wall clock is engine time plus offset.
        connected: the link is up.
        connected_at: since when.
        rota_overrides: who stands in on rotas, as stated by command; what is over is dropped.
        next_rota_override: the number of the next of them.
        rota_gaps: the gaps of staffed rotas that people were told of and that still lie there.
        rotas_due: when the rotas are looked through for gaps again, in engine time.
    """

    held: bool = True
    down_since: Instant | None = None
    released_at: Instant = 0
    outages: tuple[tuple[Instant, Instant], ...] = ()
    stops: tuple[tuple[Instant, Instant], ...] = ()
    clock: tuple[tuple[Instant, Duration], ...] = ()
    connected: bool = False
    connected_at: Instant = 0
    rota_overrides: tuple[RotaOverride, ...] = ()
    next_rota_override: int = 1
    rota_gaps: tuple[RotaGap, ...] = ()
    rotas_due: Instant = 0

    @property
    def started_at(self) -> Instant:
        """When this process last started, or was woken; 0 while that is not known."""
        return self.stops[-1][1] if self.stops else 0

    def rota_overrides_of(self, rota: str) -> tuple[Override, ...]:
        """Return what commands have said about who is on duty on a rota, oldest first."""
        return tuple(one.override for one in self.rota_overrides if one.rota == rota)

    def offset(self, at: Instant) -> Duration:
        """Return wall clock minus engine time at the engine time `at`."""
        offset = 0
        for since, value in self.clock:
            if since > at:
                break
            offset = value
        return offset

    def all_outages(self) -> tuple[tuple[Instant, Instant], ...]:
        """Return past outages and the running one, whose end is `FAR`."""
        if self.down_since is None:
            return self.outages
        return (*self.outages, (self.down_since, FAR))

    @property
    def looked_at(self) -> Instant:
        """Return when every home had its deadlines worked out anew for the last time."""
        stepped = self.clock[-1][0] if self.clock else 0
        return max(self.released_at, self.started_at, stepped)

    def late(self, due: Instant) -> Duration:
        """Return how late a decision due at `due` was taken because we were not running."""
        for start, end in self.stops:
            if start < due < end:
                return end - due
        return 0


ALWAYS_ON: Final = SiteFacts(held=False)
"""The site of a replay of a file: no outage, no step of the clock."""


def site_step(site: SiteFacts, event: SiteEvent) -> SiteFacts:
    """Fold one event of the site into its facts."""
    match event:
        case Started():
            return _started(site, event)
        case Stalled():
            return _not_running(site, event.last_at, event.at)
        case LinkUp(at=at):
            return msgspec.structs.replace(site, connected=True, connected_at=at, held=True)
        case LinkDown(at=at):
            since = at if site.down_since is None else site.down_since
            return msgspec.structs.replace(site, connected=False, held=True, down_since=since)
        case LinkDrained(at=at):
            outages = site.outages
            if site.down_since is not None:
                outages = (*outages, (site.down_since, at))[-MAX_OUTAGES:]
            return msgspec.structs.replace(
                site, held=False, down_since=None, released_at=at, outages=outages
            )
        case RotaOverridden():
            return _overridden(site, event)
        case RotaOverrideEnded(n=n):
            kept = tuple(one for one in site.rota_overrides if one.n != n)
            return msgspec.structs.replace(site, rota_overrides=kept)
    return msgspec.structs.replace(site, clock=_clock(site, event.at, event.offset))


def _overridden(site: SiteFacts, event: RotaOverridden) -> SiteFacts:
    """Keep one more override, and drop those that are over."""
    wall = event.at + site.offset(event.at)
    kept = [one for one in site.rota_overrides if one.override.until > wall]
    override = Override(since=event.since, until=event.until, person=event.person, by=event.by)
    one = RotaOverride(n=site.next_rota_override, rota=event.rota, override=override)
    return msgspec.structs.replace(
        site,
        rota_overrides=(*kept, one)[-MAX_ROTA_OVERRIDES:],
        next_rota_override=site.next_rota_override + 1,
    )


def _started(site: SiteFacts, event: Started) -> SiteFacts:
    clock = _clock(site, event.at, event.offset)
    site = msgspec.structs.replace(site, held=True, connected=False, clock=clock)
    return _not_running(site, event.last_at, event.at) if event.last_at else site


def _not_running(site: SiteFacts, since: Instant, until: Instant) -> SiteFacts:
    """Note downtime; absence is held until the link has brought what was kept for us."""
    down_since = since if site.down_since is None else site.down_since
    stops = (*site.stops, (since, until))[-MAX_OUTAGES:]
    return msgspec.structs.replace(site, held=True, down_since=down_since, stops=stops)


def _clock(site: SiteFacts, at: Instant, offset: Duration) -> tuple[tuple[Instant, Duration], ...]:
    """Return the clock's steps with one more; what changes nothing takes no place among them."""
    if site.offset(at) == offset:
        return site.clock
    return (*site.clock, (at, offset))[-MAX_CLOCK_STEPS:]


def encode_site(site: SiteFacts) -> bytes:
    """Return the stored form."""
    return msgspec.msgpack.encode(site)


def decode_site(blob: bytes) -> SiteFacts:
    """Return what `encode_site` wrote."""
    return msgspec.msgpack.decode(blob, type=SiteFacts)

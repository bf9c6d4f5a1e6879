"""Stretches in which something did not work, folded from what the site and its alerts tell.

Pure; what is owed to the homes after a stretch is `outages`, not here.
"""

from collections.abc import Iterable

import msgspec

from telecared.core.answers import AlertSeen
from telecared.core.report_parts import OutageSpan, Period
from telecared.core.site import LinkDown, LinkDrained, SiteEvent, Stalled, Started
from telecared.core.vocabulary import Instant

PROVIDER_RULES = frozenset({"sms-failing", "provider-failing", "channel-failing"})
"""Findings of the machinery that tell of a provider which takes no messages."""


def spans_of(
    period: Period, site: Iterable[SiteEvent], alerts: Iterable[AlertSeen]
) -> tuple[OutageSpan, ...]:
    """Return what did not work in the period, cut to it, in order of time.

    Args:
        period: what is asked about.
        site: the site's events with their engine time, from before the period on, in order.
        alerts: every alert that was unresolved at some instant of the period.
    """
    found = [*_of_site(period, site)]
    found += [
        OutageSpan(what="provider", since=one.opened_at, until=_end(one.resolved_at, period))
        for one in alerts
        if one.rule in PROVIDER_RULES
    ]
    cut = (
        msgspec.structs.replace(
            one, since=max(one.since, period.since), until=min(one.until, period.until)
        )
        for one in found
    )
    order = sorted(cut, key=lambda one: (one.since, one.what, one.until))
    return tuple(one for one in order if one.since < one.until)


def _end(at: Instant | None, period: Period) -> Instant:
    return period.until if at is None else at


def _of_site(period: Period, site: Iterable[SiteEvent]) -> Iterable[OutageSpan]:
    """Yield when we did not run, and when no broker was heard."""
    down: Instant | None = None
    for event in site:
        match event:
            case Started(at=at, last_at=last_at, clean=clean) if last_at:
                yield OutageSpan(what="daemon", since=last_at, until=at, planned=clean)
            case Stalled(at=at, last_at=last_at):
                yield OutageSpan(what="daemon", since=last_at, until=at)
            case LinkDown(at=at) if down is None:
                down = at
            case LinkDrained(at=at) if down is not None:
                yield OutageSpan(what="link", since=down, until=at)
                down = None
    if down is not None:
        yield OutageSpan(what="link", since=down, until=period.until)

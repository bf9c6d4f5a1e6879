"""What keeps a home from being erased, and what the places around it remember of it.

Pure values only: who is asked to erase is `orders`, what is removed from disk the store's.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from telecared.core.legal_holds import HoldRow
from telecared.core.plan import HomeRecord
from telecared.core.state import HomeState
from telecared.core.storms import Storms
from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339

NAMED_ALERTS: Final = 3
"""Open alerts that a refusal names."""

LONGEST_REASON: Final = 2_000


class EraseOrder(msgspec.Struct, frozen=True):
    """Body of an `erase` command; why it was given is kept with it."""

    reason: str


class HoldOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a `hold` command.

    Attributes:
        reason: why; compulsory but for a release. Personal data.
        until: engine time, None for no end.
        release: end every hold that stands on the home.
    """

    reason: str = ""
    until: Instant | None = None
    release: bool = False


class Erased(msgspec.Struct, frozen=True):
    """Body of an `erased` input: which home is not known any more from then on."""

    home: str


def topics_of(home: str, record: HomeRecord | None) -> tuple[str, ...]:
    """Return what names a home in the topics of strangers."""
    devices = () if record is None else record.devices
    return tuple(sorted({f"/{home}/", *(device.topic for device in devices if device.topic)}))


def why_not_erased(
    home: str,
    states: Mapping[str, HomeState],
    record: HomeRecord | None,
    holds: Iterable[HoldRow],
    at: Instant,
) -> str | None:
    """Return why a home cannot be erased now, one sentence, or None when it can."""
    if home.startswith("@"):
        return f"{home} is no home: what stands there belongs to the whole site"
    if home not in states:
        return f"there is no home {home}: `telecared import` registers one"
    held = why_held(home, holds, at)
    if held is not None:
        return held
    topics = topics_of(home, record)
    alerts = [f"{home}/{n}" for n in sorted(states[home].alerts)]
    for place, state in sorted(states.items()):
        if place.startswith("@"):
            alerts += [
                f"{place}/{alert.n}"
                for alert in state.alerts.values()
                if is_about(home, topics, f"{alert.key} {alert.text}")
            ]
    if not alerts:
        return None
    named = ", ".join(alerts[:NAMED_ALERTS])
    more = f" and {len(alerts) - NAMED_ALERTS} more" if len(alerts) > NAMED_ALERTS else ""
    return f"{named}{more} are not resolved yet: `telecared resolve` ends them, then erase again"


def why_held(home: str, holds: Iterable[HoldRow], at: Instant) -> str | None:
    """Return who keeps a home from being erased, or None when nobody does."""
    for hold in holds:
        if hold.home == home and hold.stands(at):
            end = "" if hold.until is None else f" until {rfc3339(hold.until)[:19]}Z"
            return (
                f"{home} is under legal hold{end} by command {hold.command}:"
                f" `telecared hold {home} --release` ends it"
            )
    return None


def is_about(home: str, topics: Iterable[str], text: str) -> bool:
    """Whether a finding of the site tells of a home: by a topic of it, or by its name.

    What only begins like either is another's: larch-1 is not larch-12.
    """
    if any(topic in text for topic in topics if topic.endswith("/")):
        return True
    names = [f" of {home}", *(topic for topic in topics if not topic.endswith("/"))]
    return any(re.search(re.escape(name) + r"(?![\w-])", text) is not None for name in names)


def places_without(states: Mapping[str, HomeState], home: str) -> dict[str, HomeState]:
    """Return the states of the places that remembered something of a home, without it."""
    found = {place: without(state, home) for place, state in states.items() if place[0] == "@"}
    return {place: state for place, state in found.items() if state is not None}


def without(state: HomeState, home: str) -> HomeState | None:
    """Return a place's state without what it remembers of a home; None where that is nothing."""
    several = topics_of(home, None)
    findings = [key for key in state.findings if is_about(home, several, key)]
    pending = [
        key
        for key, one in state.pending.items()
        if is_about(home, several, f"{key} {one.subject} {one.detail}")
    ]
    bursts = {key: one for key, one in state.bursts.items() if not is_about(home, several, key)}
    storms = _storms_without(state.storms, home)
    if not findings and not pending and len(bursts) == len(state.bursts) and storms is None:
        return None
    kept = state.clone()
    kept.bursts = bursts
    kept.storms = storms or state.storms
    for key in findings:
        del kept.findings[key]
    for key in pending:
        del kept.pending[key]
    return kept


def _storms_without(storms: Storms, home: str) -> Storms | None:
    """Return what a scheme remembers of gaps without what people found in a home; None for same."""
    replace = msgspec.structs.replace
    lists = tuple(
        replace(
            one,
            homes=tuple(
                replace(each, by="", note="") if each.home == home else each for each in one.homes
            ),
        )
        for one in storms.lists
    )
    return None if lists == storms.lists else replace(storms, lists=lists)

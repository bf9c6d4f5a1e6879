"""The short way of a message that no rule of its home asks about, and that makes nothing due.

It only becomes facts, by the same functions as on the full way (`facts`), so that the state that
comes of it is the same; what nothing can come of is neither copied nor asked. `step` tries it
first. What is asked in a home is `compile`'s part.
"""

from telecared.core.compile import NO_GRACE, Unasked
from telecared.core.events import MessageHeard
from telecared.core.facts import (
    comes_back,
    is_first_since,
    needs_delivery,
    note_heard,
    told,
)
from telecared.core.site import SiteFacts
from telecared.core.state import HomeState, wake_at
from telecared.core.vocabulary import DeviceKind


def quick(
    state: HomeState, event: MessageHeard, unasked: Unasked, site: SiteFacts
) -> HomeState | None:
    """Return the state after a message, or None where only the full way can tell.

    `unasked` is what nobody asks of the device that spoke. `state` is not touched; what stays as
    it was is shared with it.
    """
    device, quiet, ends, grace = unasked
    for reading in event.readings:
        if reading.property not in quiet:
            return None
    # `max` takes three times as long; below, `put` is written out for the same reason.
    at = event.at if event.at > state.at else state.at  # noqa: FURB136
    due = wake_at(state, held=site.held)
    if due is not None and due <= at:
        return None
    if state.suspensions or state.forgotten or state.walk_test is not None:
        # Life in a home that is stated as empty is a finding.
        return None
    if grace != NO_GRACE and at <= site.released_at + grace:
        return None
    if state.findings and _may_end(state, event.device, ends):
        return None
    undelivered = not event.qos and needs_delivery(device, event)
    if undelivered or (device.kind is DeviceKind.ALARM_UNIT and comes_back(state, event, device)):
        return None
    after = state.share()
    after.at = at
    note_heard(after, event)
    offset = site.offset(at) if site.clock else 0
    known = dict(state.facts.get(device.id, {}))
    for reading in event.readings:
        if not reading.history:
            fact = known.get(reading.property)
            kept, _ = told(event, device, reading, fact, offset, site.started_at)
            if kept is not None:
                known[reading.property] = kept
    if known:
        facts = dict(state.facts)
        facts[device.id] = known
        after.facts = facts
    return after


def _may_end(state: HomeState, device: str, keys: tuple[str, ...]) -> bool:
    """Whether it matters to what was found that a device speaks again."""
    for key in keys:
        finding = state.findings.get(key)
        if finding is None:
            continue
        if finding.alert is not None or is_first_since(finding, state.heard.get(device)):
            return True
    return False

"""The short way of a message that no rule of its home asks about, and that makes nothing due.

It only becomes facts, by the same functions as on the full way (`facts`), so that the state that
comes of it is the same; what nothing can come of is neither copied nor asked. `step` tries it
first. What is asked in a home is `compile`'s part.
"""

from collections.abc import Mapping

from telecared.core.compile import NO_GRACE, Unasked
from telecared.core.events import MessageHeard
from telecared.core.facts import is_first_since, needs_delivery, note_heard, put, told
from telecared.core.site import SiteFacts
from telecared.core.state import Fact, HomeState, wake_at


def quick(
    state: HomeState, event: MessageHeard, unasked: Unasked, site: SiteFacts
) -> HomeState | None:
    """Return the state after a message, or None where only the full way can tell.

    `unasked` is what nobody asks of the device that spoke. `state` is not touched; what stays as
    it was is shared with it.
    """
    quiet = unasked.properties
    for reading in event.readings:
        if reading.property not in quiet:
            return None
    at, due = max(event.at, state.at), wake_at(state, held=site.held)
    if due is not None and due <= at:
        return None
    if state.suspensions or state.forgotten:
        # Life in a home that is stated as empty is a finding.
        return None
    if unasked.grace != NO_GRACE and at <= site.released_at + unasked.grace:
        return None
    if state.findings and _may_end(state, event.device, unasked.ends):
        return None
    if not event.qos and needs_delivery(unasked.device, event):
        return None
    device = unasked.device
    after = state.share()
    after.at = at
    note_heard(after, event)
    offset = site.offset(at) if site.clock else 0
    known: Mapping[str, Fact] = after.facts.get(device.id, {})
    for reading in event.readings:
        if not reading.history:
            kept, _ = told(event, device, reading, known.get(reading.property), offset)
            if kept is not None:
                known = put(known, reading.property, kept)
    if known:
        after.facts = put(after.facts, device.id, known)
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

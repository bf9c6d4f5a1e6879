"""What a key means that somebody pressed in a call: an event for the alert they were called about.

Picking up is no answer, and a voicemail presses no key. What the voice says is `prompts`; how a
key reaches us is the shell's.
"""

from typing import Final

from telecared.core.alert_commands import Acknowledged, Declined
from telecared.core.prompts import Prompt
from telecared.core.state import Alert
from telecared.core.vocabulary import AlertState

ACCEPTS: Final = "1"
DECLINES: Final = "2"


def resolve_key(key: str, alert: Alert, to: str, name: str) -> Acknowledged | Declined | None:
    """Return what a key asks for; None where it means nothing.

    Args:
        key: one character.
        alert: what the call was about.
        to: under which id the person was called.
        name: the person's name.
    """
    if key == ACCEPTS:
        return Acknowledged(input=0, at=0, alert=alert.n, by=name, contact=to)
    if key == DECLINES:
        return Declined(input=0, at=0, alert=alert.n, by=name, contact=to)
    return None


def is_carried_out(key: str, alert: Alert, to: str) -> bool:
    """Whether a key would change nothing any more: the same one was told before.

    The key of an owner who was called again is news all the same: it keeps the alert.
    """
    if key == DECLINES:
        return to in alert.declined
    goes = any(one.contact == to for one in alert.going)
    held = alert.state is AlertState.ACKNOWLEDGED
    return goes and held and alert.update_by is None and not alert.handled.handover


def came_to(key: str, *, done: bool) -> Prompt:
    """Return what somebody hears whose key was carried out, or refused."""
    if not done:
        return Prompt.TAKEN
    return Prompt.YOURS if key == ACCEPTS else Prompt.REFUSED

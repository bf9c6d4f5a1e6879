"""The resident hears that help is coming, by the channel that they can hear.

Only what is about the resident, and only that somebody comes: never how an alert ended.
"""

from typing import Final

import msgspec

from telecared.core import going_texts
from telecared.core.goers import stays_away
from telecared.core.policy import RESIDENT
from telecared.core.state import Alert
from telecared.core.stated import Going
from telecared.core.telling import address_of, presses, tell
from telecared.core.vocabulary import DeviceKind
from telecared.core.work import Work

_UNHEARD: Final = frozenset({DeviceKind.BOGUS_CALLER_BUTTON})
"""Whoever stands at the door must not hear it."""


def comfort(work: Work, alert: Alert, goer: Going) -> Alert:
    """Tell the resident who comes: once for each, and once more when they say how soon."""
    record = work.home.record
    channel = record.resident_tell if record is not None else None
    if channel is None or alert.watch or not _is_about_them(work, alert):
        return alert
    if goer.contact is not None and address_of(work, goer.contact) == address_of(work, RESIDENT):
        return alert
    told = alert.handled.comforted
    name = goer.by if goer.minutes is None else f"{goer.by}, {goer.minutes}"
    if goer.arrived is not None or name in told:
        return alert
    if stays_away(work, goer.contact):
        wording = going_texts.answered(goer.by)
    else:
        wording = going_texts.coming(goer.by, goer.minutes)
    handled = msgspec.structs.replace(alert.handled, comforted=(*told, name))
    alert = msgspec.structs.replace(alert, handled=handled)
    return tell(work, alert, RESIDENT, channel, wording, pages=False)


def _is_about_them(work: Work, alert: Alert) -> bool:
    """Whether an alert is about the resident: not a fault, however urgent its age has made it."""
    if not presses(alert) or alert.aged_from is not None or alert.ages is not None:
        return False
    if alert.key.startswith("!"):
        return False
    device = work.home.devices.get(alert.key.rpartition("|")[2])
    return device is None or device.kind not in _UNHEARD

"""Which alerts of a home are told in one message, and what that message says.

When they are told is `grouping`.
"""

from telecared.core.messages import Wording, alarm
from telecared.core.messages_storms import together
from telecared.core.state import Alert, HomeState
from telecared.core.work import Work


def members(state: HomeState, group: int) -> list[Alert]:
    """Return the unresolved alerts of a group that no message of their own was sent for."""
    return [
        alert
        for alert in state.alerts.values()
        if alert.group == group and (alert.n == group or not alert.turn)
    ]


def wording(work: Work, alert: Alert) -> Wording:
    """Tell an alert, and with the one that stands for a group everything that is in it."""
    others = [one for one in members(work.state, alert.n) if one.n != alert.n]
    if alert.group != alert.n or not others:
        return alarm(alert)
    return together([alert, *others], work.home.text_values["home.address"], alert.code)

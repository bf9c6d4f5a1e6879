"""What being part of an incident means to an alert of a home: held while it runs, told after it.

Only what is technical or routine is held, never life safety or urgency (promise P6), and it keeps
a deadline meanwhile (promise P2). Which alerts are part of one is worked out in `incidents`.
"""

from msgspec.structs import replace

from telecared.core.escalation import begin_again
from telecared.core.gaps import moment_text
from telecared.core.inhibition import release_held
from telecared.core.state import Alert
from telecared.core.storm_events import StormJoined, StormOver
from telecared.core.telling import withdraw_unsent
from telecared.core.vocabulary import AlertState, NotificationState, Priority
from telecared.core.work import Work


def join(work: Work, event: StormJoined) -> None:
    """Hold an alert that is part of an incident; what is not told yet is taken back."""
    alert = work.state.alerts.get(event.alert)
    if alert is None or alert.watch or alert.priority.closed_only_by_a_person:
        return
    alert = replace(alert, part_of=f"{event.cause} {event.incident}")
    if alert.state is AlertState.ACKNOWLEDGED:
        work.put(alert)
        return
    until = moment_text(event.until, work.zone, work.offset, work.at)
    work.record(
        "alert.updated",
        alert,
        f"held back: part of incident {event.incident}, likely {event.cause}, until {until}",
    )
    held = replace(
        _as_untold(work, withdraw_unsent(work, alert)),
        next_at=event.until,
        begins_at=None,
        turn=alert.turn + 1,  # what became of the messages so far decides nothing any more
        group=0,
        waiting=(),
    )
    work.put(held)


def _as_untold(work: Work, alert: Alert) -> Alert:
    """Forget the messages of an alert that opened just now: they are taken back in its own batch.

    Nobody who was never told of it has to hear that it is over.
    """
    if alert.opened_at < work.at:
        return alert
    kept = tuple(one for one in alert.told if one.state is not NotificationState.QUEUED)
    return replace(alert, told=kept)


def leave(work: Work, event: StormOver) -> None:
    """Tell an alert by itself whose incident is over."""
    alert = work.state.alerts.get(event.alert)
    if alert is None or alert.part_of.rpartition(" ")[2] != event.incident:
        return
    release_held(work, alert)
    alert = work.put(replace(alert, part_of=""))
    if alert.state is AlertState.OPEN and alert.priority in (Priority.TECHNICAL, Priority.ROUTINE):
        begin_again(work, alert, 0, f"incident {event.incident} is over, and it goes on")

"""What must be true of one alert whatever has happened to its home; asked after every step."""

from telecared.core.goers import enough, first_of
from telecared.core.state import Alert
from telecared.core.vocabulary import DAY, AlertState, Instant, Priority


def no_fault_is_forgotten(alert: Alert, at: Instant) -> None:
    """What ages is told again by day, at the latest when an interim plan ends."""
    if alert.ages is None:
        assert alert.ages_at is None
        assert alert.planned_until is None
        return
    assert not alert.watch
    assert alert.ages_at is not None
    assert alert.priority is not Priority.LIFE_SAFETY
    if alert.planned_until is None:
        assert at < alert.ages_at <= max(at, alert.opened_at) + alert.ages.every + DAY
    else:
        assert alert.state is AlertState.ACKNOWLEDGED
        assert alert.ages_at == alert.planned_until == alert.lease_until


def enough_go(alert: Alert, at: Instant) -> None:
    """What is held is held by somebody who goes; what is open has not enough of them."""
    assert len({one.contact or one.by for one in alert.going}) == len(alert.going)
    if alert.watch:
        return
    assert all(one.until > at for one in alert.going)
    if alert.state is AlertState.ACKNOWLEDGED:
        first = first_of(alert.going)
        assert (alert.owner, alert.owner_contact) == (first.by, first.contact)
        assert alert.lease_until is not None
        assert alert.lease_until <= max(one.until for one in alert.going)
    else:
        assert alert.owner is None
        assert not alert.going or not enough(alert)
        assert alert.handled.handover == 0
    there = [one for one in alert.going if one.arrived is not None]
    assert there or alert.handled.ask_at is None

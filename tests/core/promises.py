"""What must be true of one alert whatever has happened to its home; asked after every step."""

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

"""Documents of consent: which devices need one, and until when it holds."""

from telecared.core.consents import has_ended, in_force, watching
from telecared.core.plan import Consent
from telecared.core.vocabulary import DeviceKind
from tests.core.world import device, instant, record_of

SIGNED = Consent(
    what="GPS tracker", given_by="Mrs Ada Hall", given_on="2026-01-02", until="2026-12-31"
)


def test_a_document_holds_on_its_last_day_and_not_after_it() -> None:
    """One without an end holds until it is withdrawn."""
    endless = Consent(what="radar", given_by="Mrs Ada Hall", given_on="2026-01-02")
    assert not has_ended(SIGNED, "2026-12-31")
    assert has_ended(SIGNED, "2027-01-01")
    assert list(in_force((SIGNED, endless), "2027-01-01")) == [endless]


def test_what_tells_where_somebody_is_needs_one() -> None:
    """A tracker and a room radar, while they stand there; a smoke detector needs none."""
    radar = device("radar", DeviceKind.OCCUPANCY_DETECTOR, "bedroom")
    gone = type(radar)(
        id="tracker", kind=DeviceKind.TRACKER, profile="native", topic="t",
        until=instant("2026-02-01T00:00Z"),
    )  # fmt: skip
    record = record_of(devices=(*record_of().devices, radar, gone))
    assert watching(record) == [radar, gone]
    assert watching(record, instant("2026-03-01T00:00Z")) == [radar]

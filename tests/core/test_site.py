"""What every home shares: outages, stops, when absence may be judged, steps of the clock."""

import pytest

from telecared.core.events import ConditionFound
from telecared.core.site import (
    FAR,
    MAX_CLOCK_STEPS,
    MAX_OUTAGES,
    ClockStepped,
    LinkDown,
    LinkDrained,
    LinkUp,
    SiteEvent,
    SiteFacts,
    Stalled,
    Started,
    decode_site,
    encode_site,
    site_step,
)
from telecared.core.technical import site_findings
from telecared.core.vocabulary import HOUR, MINUTE, SECOND


def after(*events: SiteEvent, site: SiteFacts | None = None) -> SiteFacts:
    """The site after these events."""
    facts = SiteFacts() if site is None else site
    for event in events:
        facts = site_step(facts, event)
    return facts


def up(at: int, *, resumed: bool = True) -> LinkUp:
    """The broker accepted us."""
    return LinkUp(at=at, resumed=resumed, protocol=4)


def test_absence_is_held_from_the_start_until_the_first_session_is_drained() -> None:
    """A new site knows nothing yet."""
    site = after(Started(at=10, last_at=0, clean=False))
    assert site.held
    assert not site.connected
    site = after(up(20), site=site)
    assert site.held
    assert (site.connected, site.connected_at) == (True, 20)
    site = after(LinkDrained(at=30, canary=True), site=site)
    assert not site.held
    assert site.released_at == 30
    assert site.outages == site.all_outages() == ()


def test_an_outage_lasts_until_it_is_drained_however_often_the_link_breaks() -> None:
    """A link that comes and goes is one outage."""
    site = after(up(1), LinkDrained(at=2, canary=True), LinkDown(at=10))
    assert site.all_outages() == ((10, FAR),)
    site = after(up(20), LinkDown(at=25), up(30), site=site)
    assert site.held
    assert site.all_outages() == ((10, FAR),)
    site = after(LinkDrained(at=40, canary=False), site=site)
    assert site.outages == ((10, 40),)


def test_a_stop_is_an_outage_and_makes_what_was_due_late() -> None:
    """From the last sign that we lived to the start; edges were in time."""
    site = after(up(1), LinkDrained(at=2, canary=True), Started(at=100, last_at=50, clean=True))
    assert site.all_outages() == ((50, FAR),)
    assert [site.late(due) for due in (49, 50, 51, 99, 100, 101)] == [0, 0, 49, 1, 0, 0]


def test_a_stop_during_an_outage_belongs_to_it() -> None:
    """The link was gone before the daemon was."""
    site = after(LinkDown(at=30), Started(at=100, last_at=50, clean=False))
    assert site.all_outages() == ((30, FAR),)


def test_steps_of_the_clock_hold_from_their_instant() -> None:
    """Before the first there was none."""
    site = after(ClockStepped(at=100, offset=HOUR), ClockStepped(at=200, offset=-HOUR))
    assert [site.offset(at) for at in (99, 100, 199, 200)] == [0, HOUR, HOUR, -HOUR]


def test_what_is_remembered_has_a_limit() -> None:
    """The oldest is dropped first; a start that changes no clock takes no place."""
    site = after(ClockStepped(at=1, offset=MINUTE))
    for number in range(1, 50):
        at = number * 100
        site = after(
            Started(at=at, last_at=at - 1, clean=True, offset=MINUTE), up(at),
            LinkDrained(at=at + 1, canary=True), site=site,
        )  # fmt: skip
    assert len(site.outages) == len(site.stops) == MAX_OUTAGES
    assert site.outages[-1] == (4899, 4901)
    assert site.clock == ((1, MINUTE),)
    for number in range(40):
        site = after(ClockStepped(at=10_000 + number, offset=number), site=site)
    assert len(site.clock) == MAX_CLOCK_STEPS


def test_a_site_is_stored_whole() -> None:
    """What is read is what was written."""
    site = after(
        up(1), LinkDrained(at=2, canary=True), ClockStepped(at=3, offset=HOUR), LinkDown(at=4)
    )
    assert decode_site(encode_site(site)) == site


CONNECTED = after(up(5), LinkDrained(at=6, canary=True))


@pytest.mark.parametrize(
    ("before", "event", "names"),
    [
        (SiteFacts(), Started(at=10, last_at=5, clean=True), []),
        (SiteFacts(), Started(at=10, last_at=5, clean=True, offset=-30 * SECOND), []),
        (SiteFacts(), Started(at=10, last_at=5, clean=True, offset=-HOUR), ["clock-behind"]),
        (CONNECTED, LinkDown(at=10), ["broker-lost"]),
        (SiteFacts(), up(10, resumed=False), ["broker-lost over"]),
        (CONNECTED, up(10), ["broker-lost over"]),
        (CONNECTED, up(10, resumed=False), ["broker-lost over", "session-lost"]),
        (CONNECTED, LinkDrained(at=10, canary=True), []),
        (CONNECTED, ClockStepped(at=10, offset=SECOND), []),
        (CONNECTED, ClockStepped(at=10, offset=-HOUR), ["clock-stepped"]),
    ],
)
def test_what_a_change_of_the_site_means_for_people(
    before: SiteFacts, event: SiteEvent, names: list[str]
) -> None:
    """Findings of the site, begun or ended."""
    found: list[ConditionFound] = site_findings(before, event, input=7)
    assert [one.name + (" over" if one.over else "") for one in found] == names
    assert {one.input for one in found} <= {7}


def test_the_last_time_that_every_home_was_looked_at_is_known() -> None:
    """A session drained, a start, a step of the clock: the latest of them."""
    site = after(up(1), LinkDrained(at=2, canary=True))
    assert (SiteFacts().looked_at, site.looked_at) == (0, 2)
    site = after(Started(at=30, last_at=20, clean=True), site=site)
    assert site.looked_at == 30
    assert after(ClockStepped(at=40, offset=HOUR), site=site).looked_at == 40


def test_a_machine_that_slept_was_not_running() -> None:
    """Suspended, not stopped: downtime all the same, and the link is not to be trusted."""
    site = site_step(SiteFacts(held=False, connected=True), Stalled(at=2 * HOUR, last_at=HOUR))
    assert site.held
    assert site.stops == ((HOUR, 2 * HOUR),)

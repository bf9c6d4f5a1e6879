"""What happens when: drawn for a home, or as somebody writes it down."""

from itertools import pairwise

import pytest

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY
from telecared.errors import ConfigError
from telecared.sim.days import Resident
from telecared.sim.happenings import ALL_KINDS, APART, What, happenings_of, parse_happening
from telecared.sim.occurring import NATURES, SCHEME_WIDE

START = parse_stamp("2026-03-02T06:30:00Z")
ADA = Resident(home="larch-12", scheme="northside")
TOM = Resident(home="larch-14", scheme="northside")


def test_a_year_holds_everything_and_nothing_overlaps() -> None:
    """Two events of a home are hours apart, but for those that go on beside others."""
    year = list(happenings_of(ADA, START, 365, 3, 2.0, ALL_KINDS))
    assert year == list(happenings_of(ADA, START, 365, 3, 2.0, ALL_KINDS))
    assert {one.what for one in year} == set(What)
    for one, following in pairwise(year):
        over = one.at if one.nature.beside else one.end
        assert following.at >= over + APART
    assert all(one.at >= START for one in year)


def test_an_outage_hits_all_homes_of_a_scheme_at_once() -> None:
    """One broadband line, many homes."""
    outages = [
        [(one.at, one.until, one.what) for one in happenings_of(who, START, 300, 1, 0, ALL_KINDS)]
        for who in (ADA, TOM)
    ]
    assert outages[0] == outages[1]
    assert {what for _, _, what in outages[0]} == SCHEME_WIDE


def test_every_kind_is_described() -> None:
    """Nothing can happen of which the truth could not tell."""
    assert set(NATURES) == set(What)
    assert all(nature.note for nature in NATURES.values())


def test_an_event_is_written_in_the_homes_own_time() -> None:
    """Without a zone it is what the clock in the home shows; with one it is that instant."""
    one = parse_happening("fall@2026-07-04T10:15", ADA)
    assert (one.what, one.at, one.home) == (
        What.FALL, parse_stamp("2026-07-04T09:15:00Z"), "larch-12",
    )  # fmt: skip
    two = parse_happening("stuck-sensor:hall@2026-07-04T10:15Z/1d12h", ADA)
    assert (two.what, two.device) == (What.STUCK_SENSOR, "hall")
    assert (two.at, two.end - two.at) == (parse_stamp("2026-07-04T10:15:00Z"), DAY * 3 // 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fall", "write one like fall@"),
        ("tumble@2026-03-04T10:15", "nothing is called 'tumble'"),
        ("fall@2026-13-04T10:15", "is no time"),
        ("fall@2026-03-04T10:15/soon", "write one like"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text: str, says: str) -> None:
    """The sentence names what was written, and what to write instead."""
    with pytest.raises(ConfigError) as caught:
        parse_happening(text, ADA)
    assert says in caught.value.problems[0]
    assert text.split("@", maxsplit=1)[0] in caught.value.problems[0]

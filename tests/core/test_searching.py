"""One box finds a home."""

import pytest

from telecared.core.plan import Device, HomeRecord
from telecared.core.policy import Contact
from telecared.core.searching import entry_of, found
from telecared.core.vocabulary import DeviceKind

LARCH = HomeRecord(
    id="larch-12",
    scheme="northside",
    timezone="Europe/London",
    address="12 Larch Close",
    resident_name="Mrs Zoë Hall",
    resident_phone="+447700900012",
    tags=("dementia",),
    contacts=(Contact(id="ben", name="Ben Hall", phone="+447700900123", email="ben@example.org"),),
    devices=(
        Device(
            id="hall-pir",
            kind=DeviceKind.ACTIVITY_DETECTOR,
            profile="native",
            topic="northside/larch-12/hall",
            location="hall",
            serial="0x00158d00045a6f11",
        ),
    ),
)
OAK = HomeRecord(id="oak-1", scheme="southside", timezone="Europe/London", address="1 Oak Street")
ENTRIES = [entry_of(LARCH), entry_of(OAK)]


@pytest.mark.parametrize(
    "query",
    [
        "larch-12",
        "close larch",
        "zoe",
        "HALL ben",
        "dementia",
        "45a6f11",
        "northside",
        "07700 900123",
        "+44 7700 900 123",
        "900012",
        "ben@example.org",
        "activity_detector",
    ],
)
def test_a_home_is_found_by_whatever_is_known_of_it(query: str) -> None:
    """Whoever calls gives a name, half an address, or a number."""
    assert [home.id for home in found(query, ENTRIES)] == ["larch-12"]


@pytest.mark.parametrize("query", ["larch oak", "nobody", "12 larch road", "9999", "07700 900999"])
def test_what_fits_no_home_finds_none(query: str) -> None:
    """Every word must be there."""
    assert not list(found(query, ENTRIES))


def test_no_question_finds_every_home() -> None:
    """An empty box is the whole list."""
    assert [home.id for home in found("  ", ENTRIES)] == ["larch-12", "oak-1"]


def test_a_house_number_is_no_phone_number() -> None:
    """A few digits stand in every number; they are looked for in words only."""
    assert [home.id for home in found("12", ENTRIES)] == ["larch-12"]

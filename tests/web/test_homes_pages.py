"""Homes: found by one box, walked through, and what guards them."""

from collections.abc import Iterator

import pytest

from tests.web.centre import INES, NELL, OLIVE, SUE, Centre
from tests.web.over_http import Hand, table_of, words_of
from tests.web.town import LARCH_12, LARCH_16, OAK_1


@pytest.fixture(scope="module")
def olive(centre: Centre) -> Iterator[Hand]:
    """An operator."""
    with Hand(centre, OLIVE) as hand:
        yield hand


@pytest.mark.parametrize("query", ["ada hall", "larch 12", "07700900200", LARCH_12])
def test_one_box_finds_a_home_by_whatever_a_caller_says(olive: Hand, query: str) -> None:
    """A name, half an address, a number."""
    told = olive.words(f"/homes?q={query}")
    assert "12 Larch Close" in told
    assert "14 Larch Close" not in told


def test_nobody_found_says_what_to_try(olive: Hand) -> None:
    """An empty list is no answer."""
    assert "try fewer" in olive.words("/homes?q=nobody+here")


def test_who_works_for_one_scheme_finds_its_homes_only(centre: Centre) -> None:
    """A name that everybody has finds nothing elsewhere; neither does the file."""
    with Hand(centre, NELL) as nell:
        assert "Oak Street" not in nell.words("/homes?q=mrs")
        assert "oak-" not in nell.get("/homes?as=csv").text
        assert "oak-" not in nell.get("/coverage?as=csv").text


def test_the_list_as_a_file_has_a_line_for_each_home(olive: Hand) -> None:
    """For a spreadsheet, with a name that says what it is."""
    answer = olive.get("/homes?as=csv")

    rows = table_of(answer)

    assert answer.headers["content-disposition"] == 'attachment; filename="homes.csv"'
    assert [row["home"] for row in rows if row["scheme"] == "southside"] == [
        "oak-1",
        "oak-2",
        "oak-7",
    ]


def test_what_is_missing_is_listed_with_the_home_it_is_missing_in(olive: Hand) -> None:
    """No gas detector stands in any home of the town: a hole, not an error."""
    assert "Nothing is missing" not in olive.words("/coverage")
    assert "Gas" in olive.words(f"/homes/{OAK_1}/coverage")


def test_an_installer_walks_through_a_home_and_sees_each_device_ticked_off(centre: Centre) -> None:
    """Nobody is called meanwhile, and it ends when they say so."""
    page = f"/homes/{LARCH_16}/walk-test"
    before = len(centre.alerts(LARCH_16))
    with Hand(centre, INES) as ines:
        begun = ines.post(f"{page}/begin", minutes="30")
        assert "The walk test has begun" in words_of(begun)
        centre.says(LARCH_16, "pendant", trigger="pressed")
        centre.says(LARCH_16, "smoke", smoke="alarm")
        told = ines.words(page)
        ended = ines.post(f"{page}/end")

    assert told.count("Works") == 2
    assert told.count("Waits") == 10
    assert "has ended" in words_of(ended)
    assert len(centre.alerts(LARCH_16)) == before


def test_a_walk_test_has_an_end(centre: Centre) -> None:
    """Longer than the core allows is refused with what may be written."""
    with Hand(centre, SUE) as sue:
        answer = sue.post(f"/homes/{LARCH_16}/walk-test/begin", minutes="9999")
    assert answer.status_code == 400
    assert "Write 5 to 240 minutes" in words_of(answer)


def test_who_may_not_test_equipment_sees_no_button_and_is_refused(olive: Hand) -> None:
    """An operator takes alarms; a walk test holds them back."""
    page = f"/homes/{LARCH_16}/walk-test"
    assert "Begin the walk test" not in olive.words(page)
    assert olive.post(f"{page}/begin", minutes="30").status_code == 403

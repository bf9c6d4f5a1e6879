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


def test_what_is_looked_for_stands_in_no_address(centre: Centre) -> None:
    """Names and numbers would be written down by browsers, and by servers in between."""
    with Hand(centre, OLIVE) as hand:
        answer = hand.post("/homes", q="Ada Hall", scheme="northside")
        asked = [str(one.url) for one in (*answer.history, answer)]
        file = hand.get("/homes?found=1&as=csv")
        again = hand.words("/homes?found=1&page=1")
        hand.client.cookies.delete("tc-found-by")
        assert "14 Larch Close" in hand.words("/homes?found=1")

    assert "12 Larch Close" in words_of(answer)
    assert "14 Larch Close" not in words_of(answer)
    assert "14 Larch Close" not in again
    assert [row["home"] for row in table_of(file)] == [LARCH_12]
    assert not any("Ada" in address or "Hall" in address for address in asked)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "multipart/form-data"}, b"x", 400),
        ({"Content-Type": "multipart/form-data; boundary=a; charset=utf-7"}, None, 400),
        ({"Content-Type": "multipart/form-data; boundary=a; charset=undefined"}, None, 400),
        ({"Sec-Fetch-Site": "cross-site"}, b"", 403),
        ({"Sec-Fetch-Site": "", "Origin": "http://[x"}, b"", 403),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&" * 2_000, 400),
    ],
)
def test_a_form_that_no_page_of_ours_sends_is_refused(
    centre: Centre, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    """With a sentence, whatever it is made of: never an error of ours."""
    part = b'--a\r\nContent-Disposition: form-data; name="id"\r\n\r\n+2AA-\r\n--a--\r\n'
    with Hand(centre, SUE) as sue:
        answer = sue.client.post(
            "/homes/add", content=part if body is None else body, headers=headers
        )
    assert answer.status_code == status


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

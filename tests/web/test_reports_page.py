"""Reports: a month with its plots and every figure as a file, of what somebody may see."""

from collections.abc import Iterator

import pytest

from tests.web.centre import OLIVE, SOL, SUE, Centre
from tests.web.over_http import Hand, table_of, words_of


@pytest.fixture(scope="module")
def sue(centre: Centre) -> Iterator[Hand]:
    """A supervisor of the whole site."""
    with Hand(centre, SUE) as hand:
        yield hand


def test_a_month_has_its_sections_plots_and_days(sue: Hand) -> None:
    """What the terminal prints, with pictures."""
    page = sue.get("/reports?month=2026-03")
    told = words_of(page)

    assert "Report of 2026-03" in told
    assert "Alerts by type and outcome" in told
    assert "False activations by device" in told
    assert 'id="alerts-t"' in page.text
    assert "2026-03-09" in told
    assert "What the SMS cost" in told


def test_the_plots_have_the_figures_of_the_table(sue: Hand) -> None:
    """A column for each line of a plot, a row for each day."""
    columns = sue.get("/reports/days.json?month=2026-03").json()
    rows = table_of(sue.get("/reports/days.csv?month=2026-03"))

    assert {len(column) for column in columns.values()} == {len(rows)}
    assert [str(one) for one in columns["alerts"]] == [row["alerts"] for row in rows]
    assert sum(columns["alerts"]) >= 8


def test_every_figure_is_in_the_file(sue: Hand) -> None:
    """Section, name, key and value, as `telecared report --csv` writes them."""
    rows = table_of(sue.get("/reports?as=csv&month=2026-03"))
    assert {"alerts", "answered", "notifications", "faults_open"} <= {
        row["section"] for row in rows
    }


def test_who_works_for_one_scheme_is_told_of_it_alone(centre: Centre) -> None:
    """Figures of the whole site would be of others, too."""
    with Hand(centre, SOL) as sol:
        told = sol.words("/reports?month=2026-03")
        assert "3 homes" in told
        assert "larch" not in sol.get("/reports?as=csv&month=2026-03").text
        assert sol.get("/reports?scheme=northside").status_code == 404
        assert sol.get("/reports/days.json?scheme=northside").status_code == 404


def test_an_operator_has_no_reports(centre: Centre) -> None:
    """They are a supervisor's; there is no link to them either."""
    with Hand(centre, OLIVE) as olive:
        assert olive.get("/reports").status_code == 403
        assert 'href="/reports"' not in olive.get("/handover").text


@pytest.mark.parametrize(
    ("month", "says"), [("2036-01", "has not begun"), ("march", "is no month")]
)
def test_a_month_that_cannot_be_told_says_why(sue: Hand, month: str, says: str) -> None:
    """With the month that was asked for."""
    answer = sue.get(f"/reports?month={month}")
    assert answer.status_code == 400
    assert says in words_of(answer)

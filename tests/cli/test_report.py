"""A month's report as text, CSV, JSON and a page, and how long people took."""

import csv
import io
import re
import sqlite3
import stat
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Hear

MONTH = datetime.now(UTC).strftime("%Y-%m")


def a_busy_day(call: Call, hear: Hear) -> None:
    """A fall that Ben took and a pendant pressed for nothing; cat on the kettle in between."""
    hear("telecare/northside/larch-12/watch", b'{"fall": "detected"}')
    hear("telecare/northside/larch-12/pendant", b'{"trigger": "pressed"}')
    call("ack", "larch-12/1", "--by", "Ann Lee")
    call("resolve", "larch-12/1", "--outcome", "assistance_given", "--by", "Ann Lee")
    call("resolve", "larch-12/2", "--outcome", "false_activation", "--by", "Ann Lee")


def test_a_month_is_told_in_words(registered: Path, call: Call, hear: Hear) -> None:
    """Alerts, answers and false activations stand there; no name does, and the look is kept."""
    a_busy_day(call, hear)

    said = call("report", "--month", MONTH, "--by", "Ann Lee")

    assert said.code == 0, said.err
    assert f"{MONTH}: 2 homes, 2 alerts" in said.out
    assert "Answered within 60 and 180 seconds" in said.out
    assert "larch-12/pendant" in said.out
    for name in ("Ada Hall", "Ben Hall", "Ann Lee", "Larch Close", "+44"):
        assert name not in said.out
    with sqlite3.connect(registered / "telecared.db") as connection:
        (what,) = connection.execute("SELECT what FROM reads ORDER BY id DESC LIMIT 1").fetchone()
    connection.close()
    assert what == f"report of {MONTH}"


def test_the_same_figures_stand_in_csv_and_in_json(
    registered: Path, call: Call, hear: Hear
) -> None:
    """One tidy table, and one object a figure; the file is for its owner only."""
    a_busy_day(call, hear)

    lines = call("report", "--month", MONTH, "--json").objects
    written = call("report", "--month", MONTH, "--csv", "month.csv")

    file = registered / "month.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert written.out == f"month.csv is the report of {MONTH}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*rows[0]] == ["section", "name", "key", "value"] == [*lines[0]]
    count = {"section": "alerts", "name": "life_safety/fall", "key": "count"}
    assert {**count, "value": "1"} in rows
    assert {**count, "value": 1} in lines
    stable = [one for one in lines if one["key"] not in ("until", "age_days")]
    assert len(stable) == sum(row["key"] not in ("until", "age_days") for row in rows)


class Page(HTMLParser):
    """Every tag of a page with its attributes, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Every end belongs to the last beginning."""
        assert self.open.pop() == tag


def test_the_page_needs_nothing_but_itself(registered: Path, call: Call, hear: Hear) -> None:
    """No script, nothing fetched, a title and a description in each plot, a table beside it."""
    a_busy_day(call, hear)

    call("report", "--month", MONTH, "--html", "month.html")

    text = (registered / "month.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    tags = [tag for tag, _ in page.tags]
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {*tags}
    assert not [one for _, several in page.tags for one in several if one in ("src", "href")]
    assert not re.search(r"url\(|@import|https?://", text)
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text
    plots = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(plots) >= 3
    for plot in plots:
        for identity in str(plot["aria-labelledby"]).split():
            assert f'id="{identity}"' in text
    assert tags.count("title") == len(plots) + 1
    assert tags.count("table") >= len(plots)


def test_names_are_shown_only_where_they_are_asked_for(
    registered: Path, call: Call, hear: Hear
) -> None:
    """With --names the resident stands beside the home, and the look says that names were seen."""
    a_busy_day(call, hear)

    said = call("report", "--month", MONTH, "--names", "--by", "Ann Lee")

    assert "larch-12/pendant (Mrs Ada Hall)" in said.out
    with sqlite3.connect(registered / "telecared.db") as connection:
        (what,) = connection.execute("SELECT what FROM reads ORDER BY id DESC LIMIT 1").fetchone()
    connection.close()
    assert what.endswith("with names")


def test_a_report_is_of_one_scheme_where_one_is_named(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Another scheme has no homes, which is a refusal and no empty report."""
    a_busy_day(call, hear)

    northside = call("report", "--month", MONTH, "--scheme", "northside")
    nowhere = call("report", "--month", MONTH, "--scheme", "nowhere")

    assert f"{MONTH}, scheme northside: 2 homes, 2 alerts" in northside.out
    assert nowhere.code == 1
    assert "there is no home in a scheme nowhere" in nowhere.err


def test_a_month_before_anything_happened_is_empty(registered: Path, call: Call) -> None:
    """December has an end in another year, and nothing in it."""
    lines = call("report", "--month", "2024-12", "--json").objects

    told = {str(one["key"]): one["value"] for one in lines if one["section"] == "period"}
    assert (told["since"], told["until"]) == (
        "2024-12-01T00:00:00.000000Z",
        "2025-01-01T00:00:00.000000Z",
    )
    assert told["alerts"] == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--month", "October"), "--month: 'October' is no month"),
        (("--month", "2026-13"), "is no month"),
        (("--month", "2999-01"), "has not begun"),
        (("--month", "2026-01", "--untested", "0"), "--untested: 0 is less than one day"),
    ],
)
def test_what_is_no_month_is_said(
    registered: Path, call: Call, words: tuple[str, ...], problem: str
) -> None:
    """A slip is a sentence that says what to write instead."""
    said = call("report", *words)

    assert said.code == 2
    assert problem in said.err
    assert registered.exists()


def test_a_file_that_cannot_be_written_is_said(registered: Path, call: Call) -> None:
    """There is no such folder."""
    said = call("report", "--month", MONTH, "--csv", "no/such/folder.csv")

    assert said.code == 1
    assert "cannot be written" in said.err
    assert registered.exists()


def test_how_long_people_took_is_told_by_path(registered: Path, call: Call, hear: Hear) -> None:
    """One alert was taken from the list, by an operator."""
    assert "nobody has taken an alert" in call("latency").out
    a_busy_day(call, hear)

    (line, *_) = call("latency", "--since", "1h", "--json").objects
    shown = call("latency")

    assert (line["priority"], line["channel"], line["who"]) == ("life_safety", "queue", "operator")
    assert isinstance(line["p95"], float)
    assert line["p50"] <= line["p99"] <= line["worst"]  # type: ignore[operator]
    assert "0 alerts of this time nobody has taken" in shown.out

"""Public holidays: which days they are, per scheme, and what is said when they cannot be known."""

import subprocess
import sys
from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.holidays import FIRST_YEAR, LAST_YEAR
from telecared.config.load import load_plan
from telecared.core.compile import HomePlan
from telecared.core.plan import HomeRecord, Plan, content_hash, encode_plan
from telecared.errors import ConfigError
from tests.config.support import plain, written


def plan_with(folder: Path, text: str) -> Plan:
    """The plan of a deployment file with a text."""
    (path,) = written(folder, telecared=text)
    return load_plan(load_deployment(path)).plan


def refused(folder: Path, text: str) -> list[str]:
    """The sentences with which a deployment file is refused."""
    (path,) = written(folder, telecared=text)
    with pytest.raises(ConfigError) as caught:
        load_deployment(path)
    return plain(folder, caught.value.problems)


def test_the_holidays_of_a_country_are_in_the_plan(tmp_path: Path) -> None:
    """England's of 2026, from Good Friday, which moves, to the substitute for Boxing Day."""
    plan = plan_with(tmp_path, "holidays: {country: GB, subdivision: ENG}")
    assert [day for day in plan.holidays[""] if day.startswith("2026")] == [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31",
        "2026-12-25", "2026-12-26", "2026-12-28",
    ]  # fmt: skip
    assert plan.holidays[""][0].startswith(str(FIRST_YEAR))
    assert plan.holidays[""][-1].startswith(str(LAST_YEAR))


def test_a_part_of_the_country_has_holidays_of_its_own(tmp_path: Path) -> None:
    """St Andrew's Day is one in Scotland only; names are as good as letters."""
    text = (
        "holidays: {country: united kingdom, subdivision: england}\n"
        "schemes:\n"
        "  - {id: northside}\n"
        "  - {id: highland, holidays: {country: UK, subdivision: Scotland}}\n"
    )
    plan = plan_with(tmp_path, text)
    assert set(plan.holidays) == {"", "highland"}
    assert "2026-11-30" in plan.holidays["highland"]
    assert "2026-11-30" not in plan.holidays[""]


def test_a_home_has_the_holidays_of_its_scheme(tmp_path: Path) -> None:
    """Schemes that say nothing have those of the site; a home asks its own scheme."""
    text = "holidays: {also: '2026-05-08'}\nschemes: [{id: east, holidays: {also: '2026-06-01'}}]\n"
    plan = plan_with(tmp_path, text)
    for scheme, day in (("east", "2026-06-01"), ("west", "2026-05-08")):
        record = HomeRecord(id="larch-12", scheme=scheme, timezone="Europe/London")
        assert {f"{_day(one)}" for one in HomePlan(plan, "larch-12", record).holidays} == {day}


def _day(ordinal: int) -> str:
    from datetime import date

    return date.fromordinal(ordinal).isoformat()


def test_days_can_be_added_and_left_out(tmp_path: Path) -> None:
    """A coronation is one once; a town's fair comes every year; a holiday may be none here."""
    text = (
        "holidays:\n"
        "  country: GB\n"
        "  subdivision: ENG\n"
        '  also: ["2023-05-08", 07-10]\n'
        "  except: [12-26, 2026-12-28]\n"
    )
    days = plan_with(tmp_path, text).holidays[""]
    assert {"2023-05-08", "2026-07-10", "2031-07-10", "2026-12-25"} <= set(days)
    assert not [day for day in days if day.endswith("12-26") or day == "2026-12-28"]
    assert list(days) == sorted(days)


def test_empty_lists_of_exceptions_say_nothing(tmp_path: Path) -> None:
    """As in the example that ships."""
    with_lists = plan_with(tmp_path, "holidays: {country: GB, also: [], except: []}")
    assert with_lists.holidays == plan_with(tmp_path, "holidays: {country: GB}").holidays


def test_without_holidays_the_plan_has_none(tmp_path: Path) -> None:
    """Nobody's holidays are guessed from a time zone."""
    assert plan_with(tmp_path, "site: {timezone: Europe/London}").holidays == {}


def test_the_plan_is_the_same_on_whatever_day_it_is_loaded(tmp_path: Path) -> None:
    """The years are fixed: one deployment has one hash (promise P9)."""
    text = "holidays: {country: DE, subdivision: BY}"
    hashes = {content_hash(encode_plan(plan_with(tmp_path, text))) for _ in range(2)}
    assert len(hashes) == 1


def test_a_country_whose_table_ends_early_is_still_loaded(tmp_path: Path) -> None:
    """Where holidays are proclaimed by the moon, nobody knows them decades ahead."""
    assert plan_with(tmp_path, "holidays: {country: IN, subdivision: KA}").holidays[""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "holidays: {country: Germny}",
            "1:21: the holidays of 'Germny' are not known; did you mean \"germany\"?",
        ),
        (
            "holidays: {country: QQ}",
            "1:21: the holidays of 'QQ' are not known; write its two letters, like GB",
        ),
        (
            "holidays: {country: GB, subdivision: Englnd}",
            "1:38: 'Englnd' is no part of GB; did you mean \"england\"?",
        ),
        (
            "holidays: {country: GB, subdivision: QQQ}",
            "1:38: 'QQQ' is no part of GB; write one of: ENG, NIR, SCT, WLS",
        ),
        (
            "holidays: {country: IE, subdivision: D}",
            "1:38: IE has no parts with holidays of their own; remove subdivision",
        ),
        (
            "holidays: {subdivision: ENG}",
            "1:25: a part of which country? write country: too, like country: GB",
        ),
        ("holidays: {}", "1:11: no holidays are named; write country: GB, or also: with dates"),
        (
            "holidays: {except: 12-25}",
            "1:11: no holidays are named; write country: GB, or also: with dates",
        ),
        ("holidays: {countri: GB}", '1:12: "countri" is not known here; did you mean "country"?'),
        (
            'holidays: {also: ["8 May"]}',
            "1:18: not a date: '8 May'; write 12-24..01-02 for every year, or 2026-12-25 for once",
        ),
        (
            "schemes:\n  - {id: east, holidays: {country: Germny}}",
            "2:36: the holidays of 'Germny' are not known; did you mean \"germany\"?",
        ),
    ],
)
def test_unknown_holidays_are_told_with_their_place(
    tmp_path: Path, text: str, expected: str
) -> None:
    """File, line and column, and the nearest name."""
    assert refused(tmp_path, text) == [f"telecared.yaml:{expected}"]


def test_a_wrong_country_is_told_once(tmp_path: Path) -> None:
    """Its part cannot be judged, so nothing is said of it."""
    (problem,) = refused(tmp_path, "holidays: {country: Germny, subdivision: BY}")
    assert "Germny" in problem


def test_an_exception_that_is_no_holiday_is_a_warning(tmp_path: Path) -> None:
    """The library may learn of a holiday later: the daemon still starts."""
    text = (
        "holidays: {country: GB, subdivision: ENG, except: [12-25, 12-27, 2026-02-30]}\n"
    ).replace("2026-02-30", "2026-03-02")
    (path,) = written(tmp_path, telecared=text)
    warnings = [
        plain(tmp_path, [one.sentence])[0]
        for one in load_plan(load_deployment(path)).warnings
        if one.code == "no-such-holiday"
    ]
    said = "this is no public holiday here, so that nothing is left out; remove it"
    # 27 December is a substitute day in some years.
    assert warnings == [f"telecared.yaml:1:66: {said}"]


def test_a_deployment_without_a_country_never_reads_the_library() -> None:
    """It is large, and most commands need none of it."""
    code = (
        "import sys\n"
        "from telecared.config.deployment import Deployment\n"
        "Deployment.model_validate({'holidays': {'also': ['2026-05-08']}}).public_holidays\n"
        "assert 'holidays' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

"""A report written down: tidy figures, and a page on which nothing that people wrote is code."""

import msgspec

from telecared.core.plots import BARS_MAX, Bar, bars
from telecared.core.report import DeviceSeen, Facts, ProgressSeen, make_report
from telecared.core.report_page import page
from telecared.core.report_parts import Report
from telecared.core.report_rows import TITLES, figures, per_cent, seconds, shown
from telecared.core.site import LinkDown
from telecared.core.vocabulary import DAY, MINUTE, SECOND, Outcome, Priority, Progress
from tests.core.report_support import END, HOME, MORNING, OCTOBER, alert, line, message

HOSTILE = "<script>alert(1)</script>"


def full_report(rule: str = "fall") -> Report:
    """A report that has something in every section."""
    facts = Facts(
        alerts=[
            alert(1, rule=rule, outcome=Outcome.FALSE_ACTIVATION, resolved_at=END - 1, device=rule),
            alert(2, rule="suspension-ran-out", priority=Priority.TECHNICAL),
        ],
        records=[line("alert.acknowledged", 30 * SECOND, 1), line("alert.lapsed", MINUTE)],
        messages=[message()],
        site=[LinkDown(at=END - MINUTE)],
        replies=[MORNING],
        progress=[
            ProgressSeen(home=HOME, alert=1, at=MORNING + MINUTE, progress=Progress.ON_THE_WAY)
        ],
        devices=[
            DeviceSeen(home=HOME, device="pendant", known_at=END - 90 * DAY),
            DeviceSeen(home=HOME, device="watch", known_at=0, tested_at=END - 80 * DAY),
        ],
        homes=3,
    )
    return make_report(OCTOBER, facts, untested_days=35)


def test_every_section_has_figures_and_each_figure_stands_once() -> None:
    """One row a figure, in the order of the titles; nothing appears twice."""
    told = list(figures(full_report()))

    assert list(dict.fromkeys(one.section for one in told)) == list(TITLES)
    keys = [(one.section, one.name, one.key) for one in told]
    assert len(keys) == len(set(keys))
    values = {(one.section, one.name, one.key): one.value for one in told}
    assert values["answered", "life_safety from the sensor", "within_60_s_per_cent"] == 100.0
    assert values["sensor_to_human", "life_safety/queue/operator", "p95_s"] == 30.0
    assert values["missed_and_late", "", "worst_decision_s"] == 0.0
    assert values["outages", "link", "seconds"] == 60.0
    assert values["outages", "link 1", "planned"] == "no"
    assert values["faults_open", f"{HOME}/2", "age_days"] == (END - MORNING) // DAY
    assert values["suspensions_forgotten", HOME, "ran_out"] == "2026-10-09T23:00:00.000000Z"
    assert values["people_to_check", f"{HOME}/pendant", "days_never_tested"] == 90
    assert values["people_to_check", f"{HOME}/watch", "days_since_test"] == 80


def test_shares_are_never_rounded_up_to_a_target() -> None:
    """974 of 1000 are 97.4 %, 9749 of 10000 too: 97.5 % is missed, and is not told as met."""
    assert per_cent(9749, 10_000) == 97.4
    assert per_cent(0, 0) is None
    assert per_cent(1, 3) == 33.3
    assert (seconds(None), seconds(1)) == (None, 0.000001)


def test_what_people_wrote_is_text_on_the_page() -> None:
    """A rule, a device and a name that look like code are shown as they were written."""
    text = page(full_report(HOSTILE), {HOME: HOSTILE})

    assert HOSTILE not in text
    assert text.count("&lt;script&gt;") >= 4
    assert "<script" not in text
    assert page(full_report(), None).count("<svg") == text.count("<svg")


def test_an_empty_month_is_a_page_too() -> None:
    """Plots without bars do not divide by nothing."""
    scheme = msgspec.structs.replace(OCTOBER, scheme="northside")
    text = page(make_report(scheme, Facts(), untested_days=35))

    assert "Report of 2026-10, scheme northside" in text
    assert "<rect" not in text


def test_bars_are_to_scale_and_never_wider_than_the_page() -> None:
    """The longest takes all the room, none of nothing has a length, and many are cut."""
    drawn = bars("a", "T & t", "d", [Bar("x" * 50, 10, "10"), Bar("y", 5, "5"), Bar("z", -1, "-")])

    assert 'width="320.0"' in drawn
    assert 'width="160.0"' in drawn
    assert 'width="0.0"' in drawn
    assert "T &amp; t" in drawn
    assert "x" * 33 + "…" in drawn
    assert bars("b", "t", "d", [Bar("a", 1, "1")] * 99).count("<rect") == BARS_MAX
    assert 'width="0.0"' in bars("c", "t", "d", [Bar("a", 0, "0")])
    half = bars("d", "t", "d", [Bar("a", 50, "50 %")], whole=100)
    assert 'width="160.0"' in half, "half of all is not drawn like all"


def test_figures_are_read_without_powers_of_ten() -> None:
    """A month without a broker is 2678400 seconds, not 2.6784e+06."""
    assert [shown(one) for one in (2_678_400.0, 12_345.6789, 66.6, 40.0, 0.0, 7, "sms")] == [
        "2678400", "12345.679", "66.6", "40", "0", "7", "sms"
    ]  # fmt: skip

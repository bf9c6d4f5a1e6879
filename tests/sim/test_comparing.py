"""Two replays held against each other: the same, moved, another kind, new, gone; night wakings."""

from zoneinfo import ZoneInfo

from telecared.core.vocabulary import DAY, HOUR, MINUTE
from telecared.sim.comparing import HomeOutcome, Moved, Opened, Outcomes, compare
from telecared.sim.lines import ReplayLine

LONDON = ZoneInfo("Europe/London")


def at(minutes: int, rule: str = "door", n: int = 1, **more: object) -> Opened:
    """An alert some minutes in."""
    fields = {"priority": "urgent", "watch": False} | more
    return Opened(
        minutes * MINUTE, rule, str(fields["priority"]), f"h/{n}", watch=bool(fields["watch"])
    )


def outcome(*alerts: Opened) -> HomeOutcome:
    """What a replay led to, waking nobody."""
    return HomeOutcome(alerts, frozenset())


def test_alerts_are_the_same_moved_new_or_gone() -> None:
    """The nearest of the same rule within six hours is it; other rules never are."""
    same, moved, far, gone = at(0), at(60, n=2), at(2000, n=3), at(70, "not-up", 4)
    later, nearer, other = at(50, n=9), at(61, n=8), at(4000, n=7)

    found = compare(
        "h", outcome(same, moved, gone, far), outcome(at(0, n=5), later, nearer, other), lasted=DAY
    )

    assert found.same == 1
    assert found.moved == (Moved(moved, nearer),)
    assert found.new == (later, other)
    assert found.gone == (gone, far)
    assert found.changed == ()
    assert found.differs


def test_two_alerts_of_one_instant_are_counted_one_by_one() -> None:
    """Two doors that are due together; one of them would be gone."""
    found = compare("h", outcome(at(0), at(0, n=2)), outcome(at(0)), lasted=DAY)

    assert (found.same, len(found.gone)) == (1, 1)


def test_another_priority_or_mode_is_not_the_same() -> None:
    """A rule that would only watch pages nobody, which is what the comparison is about."""
    before = outcome(at(0), at(10, n=2), at(20, n=3))
    after = outcome(at(0, watch=True), at(10, n=2, priority="routine"), at(20, n=3))

    found = compare("h", before, after, lasted=DAY)

    assert (found.same, found.new, found.gone) == (1, (), ())
    assert [each.after for each in found.changed] == list(after.alerts[:2])


def test_numbers_a_month_count_from_how_long_the_past_is() -> None:
    """Ten days with two alerts are six a month; less than a day counts as a day."""
    ten = compare("h", outcome(), outcome(), lasted=10 * DAY)
    short = compare("h", outcome(), outcome(), lasted=HOUR)

    assert round(ten.a_month(2), 1) == 6.1
    assert short.days == 1
    assert not ten.differs


def line(
    when: str,
    event: str,
    *,
    to: str | None = None,
    alert: str | None = "h/1",
    home: str = "h",
    reason: str = "",
) -> ReplayLine:
    """One line of a replay."""
    return ReplayLine(
        at=when, home=home, event=event, rule="door", alert=alert, priority="urgent", to=to,
        channel=None, text=None, reason=reason,
    )  # fmt: skip


def test_each_person_is_woken_once_by_an_alert_and_the_centre_never() -> None:
    """By the home's own clocks: 21:30 UTC in June is 22:30 in London."""
    outcomes = Outcomes({"h": LONDON})
    queued = "notification.queued"
    for told in (
        line("2026-06-01T21:30:00.000000Z", "alert.opened"),
        line("2026-06-01T21:30:00.000000Z", queued, to="ben"),
        line("2026-06-01T21:32:00.000000Z", queued, to="ben"),
        line("2026-06-01T21:33:00.000000Z", queued, to="cara"),
        line("2026-06-01T21:36:00.000000Z", queued, to="monitoring_centre"),
        line("2026-06-01T21:36:00.000000Z", queued, to="ben", alert=None),
        line("2026-06-01T21:36:00.000000Z", queued, to="ben", home="@site"),
        line("2026-06-02T05:59:00.000000Z", queued, to="ben", alert="h/2"),
        line("2026-06-02T06:00:00.000000Z", queued, to="ben", alert="h/3"),
        line("2026-06-02T20:59:00.000000Z", queued, to="ben", alert="h/4"),
    ):
        outcomes.take(told)

    found = outcomes.of("h")

    assert found.wakings == {("h/1", "ben"), ("h/1", "cara"), ("h/2", "ben")}
    assert [(one.rule, one.alert) for one in found.alerts] == [("door", "h/1")]
    assert compare("h", found, outcome(*found.alerts), lasted=DAY).differs


def test_a_watched_alert_is_known_by_its_reason() -> None:
    """What pages nobody says so where it opens."""
    outcomes = Outcomes({"h": LONDON})
    outcomes.take(
        line("2026-06-01T21:30:00.000000Z", "alert.opened", reason="watched, pages nobody: open")
    )

    assert outcomes.of("h").alerts[0].watch

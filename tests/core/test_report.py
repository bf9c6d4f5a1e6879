"""A month as a commissioner reads it: every figure by its definition, and never a name."""

import msgspec

from telecared.core.answers import AlertSeen
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.report import TOP, DeviceSeen, Facts, ProgressSeen, make_report
from telecared.core.report_parts import FalseCount, Report
from telecared.core.report_rows import figures
from telecared.core.site import ClockStepped, LinkDown, LinkDrained, LinkUp, Stalled, Started
from telecared.core.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Cause,
    Channel,
    NotificationState,
    Outcome,
    Priority,
    Progress,
)
from tests.core.report_support import BEGIN, END, HOME, MORNING, OCTOBER, alert, line, message


def report(**facts: object) -> Report:
    """The report of October over some facts."""
    return make_report(OCTOBER, msgspec.convert(facts, Facts), untested_days=60)


def ended(n: int, outcome: Outcome | None, **changes: object) -> AlertSeen:
    """A fall that is over."""
    return alert(
        n, resolved_at=MORNING + HOUR, outcome=outcome, by_person=outcome is not None, **changes
    )


def test_an_empty_month_is_a_report_too() -> None:
    """Nothing happened: every figure is there, and none is invented."""
    told = report()

    assert (told.alerts, told.types, told.answering, told.paths) == (0, (), (), ())
    assert (told.outages, told.faults, told.to_check, told.forgotten) == ((), (), (), ())
    assert told.late.worst_decision == 0


def test_alerts_are_counted_by_rule_and_by_how_they_ended() -> None:
    """What was resolved after the month, or by itself, is told as that; other months are not."""
    told = report(
        alerts=[
            ended(1, Outcome.ASSISTANCE_GIVEN),
            ended(2, Outcome.ASSISTANCE_GIVEN),
            ended(3, None, rule="cold-home", priority=Priority.ROUTINE),
            alert(4, resolved_at=END, outcome=Outcome.TEST),
            alert(5),
            alert(6, opened_at=BEGIN - 1),
            alert(7, opened_at=END),
            alert(8, watch=True),
        ]
    )

    assert (told.alerts, told.watched) == (5, 1)
    assert [(one.rule, one.count, one.outcomes) for one in told.types] == [
        ("fall", 4, {"assistance_given": 2, "unresolved": 2}),
        ("cold-home", 1, {"recovered": 1}),
    ]


def test_answers_count_within_60_and_180_seconds_from_sensor_and_from_centre() -> None:
    """Exactly 60 s is in time; whoever never answers is in neither, and is told."""
    took = {1: 60 * SECOND, 2: 61 * SECOND, 3: 181 * SECOND}
    told = report(
        alerts=[alert(n) for n in (1, 2, 3, 4)],
        records=[
            *(line("notification.queued", SECOND, n, to=MONITORING_CENTRE) for n in (1, 2, 3, 4)),
            *(line("alert.acknowledged", after, n) for n, after in took.items()),
        ],
    )

    sensor, centre = told.answering
    assert (sensor.measured_from, sensor.count, sensor.unanswered) == ("sensor", 4, 1)
    assert (sensor.within_60, sensor.within_180, sensor.worst) == (1, 2, 181 * SECOND)
    assert (centre.measured_from, centre.within_60, centre.within_180) == ("centre", 2, 3)
    assert (told.late.unanswered, told.late.beyond_180) == (1, 1)
    assert [one.timing.count for one in told.paths] == [3]


def test_false_activations_are_told_by_device_and_rule_the_worst_first() -> None:
    """A pendant that goes off for nothing stands out, beside how often it went off at all."""
    told = report(
        alerts=[
            ended(1, Outcome.FALSE_ACTIVATION, device="pendant", rule="pendant-pressed"),
            ended(2, Outcome.FALSE_ACTIVATION, device="pendant", rule="pendant-pressed"),
            ended(3, Outcome.ASSISTANCE_GIVEN, device="pendant", rule="pendant-pressed"),
            ended(4, Outcome.FALSE_ACTIVATION, device=None, rule="no-movement"),
            ended(5, Outcome.ASSISTANCE_GIVEN),
            *(
                ended(n, Outcome.FALSE_ACTIVATION, device=f"pir-{n:02}", rule=f"rule-{n:02}")
                for n in range(10, 10 + TOP)
            ),
        ]
    )

    assert [(one.name, one.false, one.count) for one in told.false_devices[:2]] == [
        ("larch-12/pendant", 2, 3),
        ("larch-12/(time)", 1, 1),
    ]
    assert told.false_rules[0].name == "pendant-pressed"
    assert len(told.false_devices) == len(told.false_rules) == TOP


def test_why_activations_were_false_is_told_by_rule_and_device() -> None:
    """Three of the pendant: twice the cat, and once nobody said why."""
    cat = {"cause": Cause.PET, "device": "pendant", "rule": "pendant-pressed"}
    told = report(
        alerts=[
            ended(1, Outcome.FALSE_ACTIVATION, **cat),
            ended(2, Outcome.FALSE_ACTIVATION, **cat),
            ended(3, Outcome.FALSE_ACTIVATION, device="pendant", rule="pendant-pressed"),
            ended(4, Outcome.FALSE_ACTIVATION, device="pir", rule="stirs", cause=Cause.PET),
            ended(5, Outcome.ASSISTANCE_GIVEN, device="pendant", rule="pendant-pressed"),
        ]
    )

    def counts(found: tuple[FalseCount, ...]) -> list[tuple[str, int, int]]:
        return [(one.name, one.false, one.count) for one in found]

    assert counts(told.false_causes) == [("pet", 3, 4), ("(not said)", 1, 4)]
    assert counts(told.false_rule_causes) == [
        ("pendant-pressed/pet", 2, 3),
        ("pendant-pressed/(not said)", 1, 3),
        ("stirs/pet", 1, 1),
    ]
    assert counts(told.false_device_causes)[0] == ("larch-12/pendant/pet", 2, 3)
    rows = [
        (one.name, one.key, one.value) for one in figures(told) if one.section == "false_by_cause"
    ]
    assert rows[:2] == [("pet", "false_activations", 3), ("pet", "of_false_activations", 4)]


def test_what_was_missed_or_late_is_counted() -> None:
    """Steps beyond the first, lapses, late receipts, failures and late decisions.

    Alerts 4 and 5 are of an erased home: their words are gone, not at which step they stood.
    """
    told = report(
        alerts=[alert(), alert(4, step=1), alert(5)],
        records=[
            line("alert.escalated", MINUTE, reason="step 2 of 3: nobody", late=5 * MINUTE),
            line("notification.queued", MINUTE, to="cara", late=5 * MINUTE),
            line("alert.escalated", MINUTE, reason="step 3 of 3: nobody"),
            line("alert.escalated", MINUTE, 2, reason="step 1 of 1: told again"),
            line("alert.escalated", MINUTE, 3, reason="raised: nobody moved"),
            line("alert.escalated", MINUTE, 4),
            line("alert.escalated", MINUTE, 5),
            line("alert.lapsed", HOUR),
            line("alert.lapsed", -30 * DAY),
        ],
        messages=[
            message(1, delivered_at=MORNING + MINUTE),
            message(2, delivered_at=MORNING + MINUTE + 1),
            message(3, state=NotificationState.UNDELIVERED, delivered_at=None),
            message(4, state=NotificationState.FAILED, delivered_at=None),
            message(5, withdrawn=True, state=NotificationState.FAILED, delivered_at=None),
        ],
    )

    late = told.late
    assert (late.escalated, late.lapsed, late.delivered_late, late.never_delivered) == (2, 1, 1, 2)
    assert (late.decided_late, late.worst_decision) == (1, 5 * MINUTE)


def test_messages_are_counted_by_channel_and_state_and_so_are_replies() -> None:
    """What was taken back unsent is told apart; help to a sender is no alert's message."""
    told = report(
        messages=[
            message(1, channel=Channel.VOICE, state=NotificationState.FAILED),
            message(2),
            message(3),
            message(4, withdrawn=True, state=NotificationState.QUEUED),
            message(5, n=0, to="sender"),
            message(6, queued_at=END),
        ],
        replies=[BEGIN - 1, BEGIN, END],
    )

    assert [(one.channel, one.state, one.count) for one in told.messages] == [
        ("sms", "delivered", 3),
        ("sms", "withdrawn", 1),
        ("voice", "failed", 1),
    ]
    assert (told.replies, told.helped) == (1, 1)


def test_faults_that_stood_open_are_told_with_their_age_the_oldest_first() -> None:
    """A dead pendant of September is still a fault of October's report."""
    fault = {"priority": Priority.TECHNICAL, "rule": "battery-low"}
    told = report(
        alerts=[
            alert(1, **fault),
            alert(2, **fault, opened_at=BEGIN - 30 * DAY, device="pendant"),
            alert(3, **fault, resolved_at=END),
            alert(4, **fault, resolved_at=END - 1),
            alert(5, **fault, watch=True),
            alert(6, **fault, opened_at=END),
            alert(7, rule="suspension-ran-out", priority=Priority.TECHNICAL, resolved_at=MORNING),
        ]
    )

    assert [(one.alert, one.age // DAY) for one in told.faults] == [
        ("larch-12/2", 61),
        ("larch-12/1", 22),
        ("larch-12/3", 22),
    ]
    assert told.forgotten == ((HOME, MORNING),)


def test_tests_are_counted_by_who_made_them() -> None:
    """A press for test, a walk test with three devices, and the synthetic resident's presses."""
    told = report(
        alerts=[ended(1, Outcome.TEST)],
        records=[
            line("walk_test.begun", 0, None),
            *(line("walk_test.device", each, None) for each in range(3)),
        ],
        synthetic=[(MORNING, True), (MORNING, False), (END, True)],
    )

    tests = told.tests
    assert (tests.user, tests.walk, tests.walk_devices) == (1, 1, 3)
    assert (tests.synthetic, tests.synthetic_failed) == (2, 1)


def test_outages_are_cut_to_the_month_and_told_in_order() -> None:
    """A stop over its beginning, a suspended machine, a lost link, and one that goes on."""
    told = report(
        site=[
            LinkUp(at=BEGIN - DAY, resumed=True, protocol=5),
            Started(at=BEGIN + HOUR, last_at=BEGIN - HOUR, clean=True),
            Started(at=BEGIN + HOUR, last_at=0, clean=False),
            LinkDrained(at=BEGIN + HOUR, canary=True),
            Stalled(at=MORNING + MINUTE, last_at=MORNING),
            LinkDown(at=MORNING + HOUR),
            LinkDown(at=MORNING + 2 * HOUR),
            LinkDrained(at=MORNING + 3 * HOUR, canary=False),
            ClockStepped(at=MORNING + 4 * HOUR, offset=1),
            LinkDown(at=END - HOUR),
        ],
        alerts=[
            alert(rule="sms-failing", priority=Priority.URGENT, resolved_at=MORNING + 2),
            alert(2, rule="sms-failing", opened_at=END - 1),
            alert(3, rule="sms-failing", opened_at=BEGIN - 2, resolved_at=BEGIN - 1),
        ],
    )

    assert [(one.what, one.since, one.until, one.planned) for one in told.outages] == [
        ("daemon", BEGIN, BEGIN + HOUR, True),
        ("daemon", MORNING, MORNING + MINUTE, False),
        ("provider", MORNING, MORNING + 2, False),
        ("link", MORNING + HOUR, MORNING + 3 * HOUR, False),
        ("link", END - HOUR, END, False),
        ("provider", END - 1, END, False),
    ]


def test_how_soon_people_came_is_told_by_their_first_words() -> None:
    """On the way after two minutes, there after twelve; who only arrived is counted there."""

    def said(n: int, minutes: int, progress: Progress) -> ProgressSeen:
        return ProgressSeen(home=HOME, alert=n, at=MORNING + minutes * MINUTE, progress=progress)

    told = report(
        alerts=[alert(1), alert(2), alert(3)],
        progress=[
            said(1, 2, Progress.ON_THE_WAY),
            said(1, 3, Progress.ON_THE_WAY),
            said(1, 12, Progress.ARRIVED),
            said(2, 20, Progress.ARRIVED),
            said(2, 30, Progress.ON_THE_WAY),
        ],
    )

    came = told.attendance
    assert (came.under_way.count, came.under_way.p50) == (2, 2 * MINUTE)
    assert (came.arrived.count, came.arrived.worst) == (2, 20 * MINUTE)
    assert (came.travel.count, came.travel.p50) == (1, 10 * MINUTE)


def test_people_whose_devices_nobody_tested_are_to_be_checked() -> None:
    """Longest first; a device that was never tested counts from when it was registered."""
    told = report(
        devices=[
            DeviceSeen(home="a", device="p", known_at=0, tested_at=END - 60 * DAY),
            DeviceSeen(home="b", device="p", known_at=END - 61 * DAY),
            DeviceSeen(home="c", device="p", known_at=0, tested_at=END - 59 * DAY),
        ]
    )

    assert [(one.home, one.days, one.ever) for one in told.to_check] == [
        ("b", 61, False),
        ("a", 60, True),
    ]

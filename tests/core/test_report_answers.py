"""From the sensor to a named human: when an alert was sensed, reached the centre, was taken."""

from telecared.core.answers import Answered, answers, latencies, sensed
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.timing import Path
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Channel, Priority, Stage
from tests.core.report_support import HOME, MORNING, alert, line, message


def only(*lines: object, **changes: object) -> Answered:
    """What became of one fall."""
    (found,) = answers([alert(**changes)], lines, [])  # type: ignore[arg-type]
    return found


def test_the_device_says_when_it_sensed_unless_its_clock_was_never_set() -> None:
    """A time in the future, and one of long ago, are those of a clock that nobody set."""
    second = MORNING - SECOND

    assert sensed(MORNING, [second, None, MORNING - 2]) == second
    assert sensed(MORNING, []) == MORNING
    assert sensed(MORNING, [MORNING + 1, MORNING - DAY - 1, 0]) == MORNING
    assert sensed(MORNING, [MORNING - DAY]) == MORNING - DAY


def test_the_time_runs_from_the_sensor_to_whoever_took_it_first() -> None:
    """Ben takes it after 40 s by text; that Cara has it later changes nothing."""
    (found,) = answers(
        [alert(sensed_at=MORNING - 5 * SECOND)],
        [
            line("alert.opened"),
            line("notification.queued", to="ben"),
            line("alert.acknowledged", 40 * SECOND, to="ben"),
            line("alert.lapsed", 31 * MINUTE),
            line("alert.acknowledged", 40 * MINUTE, to="cara"),
            line("suspension.begun", 0, None),
        ],
        [message(), message(2, to="cara", queued_at=MORNING + SECOND)],
        {(HOME, "ben"): "carer"},
    )

    assert found.from_sensor == 45 * SECOND
    assert found.path == Path(0, Priority.LIFE_SAFETY, "sms", "carer")
    assert (found.centre_at, found.from_centre, found.was_at_the_centre) == (None, None, False)


def test_the_centre_is_timed_from_when_it_was_reached() -> None:
    """The alert stood there after four minutes and was taken 50 s later, by hand from the list."""
    found = only(
        line("alert.opened"),
        line("alert.escalated", 4 * MINUTE, reason="step 3 of 3: nobody has acknowledged it"),
        line("notification.queued", 4 * MINUTE + SECOND, to=MONITORING_CENTRE),
        line("alert.acknowledged", 4 * MINUTE + 50 * SECOND),
    )

    assert found.was_at_the_centre
    assert found.from_centre == 50 * SECOND
    assert found.path == Path(0, Priority.LIFE_SAFETY, "queue", "operator")


def test_what_the_family_took_first_is_nothing_that_the_centre_owed() -> None:
    """Ben took it before it ever reached the centre; that it did later, after a lapse, is new."""
    found = only(
        line("alert.acknowledged", SECOND, to="ben"),
        line("notification.queued", HOUR, to=MONITORING_CENTRE),
    )

    assert (found.was_at_the_centre, found.from_centre) == (False, None)
    assert found.path is not None
    assert found.path.who == "contact"


def test_an_alert_that_the_centre_never_answered_is_counted_against_it() -> None:
    """It stands there, and nobody has taken it: no time, but it was the centre's to answer."""
    found = only(line("notification.queued", SECOND, to=MONITORING_CENTRE))

    assert found.was_at_the_centre
    assert (found.answered_at, found.from_sensor, found.from_centre, found.path) == (None,) * 4


def test_what_a_named_person_ended_at_once_was_answered_then() -> None:
    """An operator who resolves without taking it first has answered; a recovery has not."""
    by_hand = only(line("alert.opened"), resolved_at=MORNING + MINUTE, by_person=True)
    by_itself = only(line("alert.opened"), resolved_at=MORNING + MINUTE)

    assert by_hand.from_sensor == MINUTE
    assert by_itself.from_sensor is None


def test_what_was_decided_late_was_answered_late() -> None:
    """The centre was told ten minutes after it was due, because we were not running."""
    found = only(
        line("notification.queued", SECOND, to=MONITORING_CENTRE, late=10 * MINUTE),
        line("alert.acknowledged", 11 * MINUTE, to=MONITORING_CENTRE),
    )

    assert found.from_centre == MINUTE - SECOND
    assert found.path is not None
    assert found.path.who == MONITORING_CENTRE


def test_the_channel_is_the_one_on_which_they_answered() -> None:
    """Ben was called after the text, and pressed the key; a later text is not what he answered."""
    calls = [
        message(1, stages=((Stage.DELIVERED, MORNING),)),
        message(
            2,
            channel=Channel.VOICE,
            stages=((Stage.ANSWERED, MORNING + 1), (Stage.KEY_PRESSED, MORNING + 2)),
        ),
        message(3, queued_at=MORNING + 1),
        message(4, channel=Channel.EMAIL, stages=((Stage.REPLIED, MORNING + MINUTE),)),
    ]
    taken = [line("alert.acknowledged", SECOND, to="ben")]

    (by_key,) = answers([alert()], taken, calls)
    (unknown,) = answers([alert()], taken, [calls[0], calls[2]])

    assert by_key.path is not None
    assert by_key.path.channel == "voice"
    assert unknown.path is not None
    assert unknown.path.channel == "sms"


def test_paths_are_told_the_most_dangerous_first_and_without_rules_on_watch() -> None:
    """Two falls and a battery on two paths; what pages nobody and what nobody took is none."""
    seen = [
        alert(1, priority=Priority.TECHNICAL, rule="battery-low"),
        alert(2),
        alert(3),
        alert(4, watch=True),
        alert(5),
    ]
    taken = [line("alert.acknowledged", n * SECOND, n, to=MONITORING_CENTRE) for n in (1, 2, 3, 4)]

    told = latencies(answers(seen, taken, []))

    assert [(path.priority, timing.count, timing.worst) for path, timing in told] == [
        (Priority.LIFE_SAFETY, 2, 3 * SECOND),
        (Priority.TECHNICAL, 1, SECOND),
    ]
    assert answers(seen, taken, [])[0].seen.alert == f"{HOME}/1"


def test_whoever_hands_an_alert_over_or_plans_for_it_has_taken_it() -> None:
    """The operator gives it to Ben at once; a fault is planned for next Tuesday."""
    handed = only(line("alert.handed_over", 20 * SECOND, to="ben"))
    planned = only(line("alert.planned", 30 * SECOND))

    assert (handed.from_sensor, planned.from_sensor) == (20 * SECOND, 30 * SECOND)
    assert handed.path is not None
    assert (handed.path.channel, handed.path.who) == ("queue", "operator")

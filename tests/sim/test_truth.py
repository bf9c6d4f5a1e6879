"""The truth about simulated homes: written, read back, and right about its own limits."""

import pytest

from telecared.core.plan import Device, HomeRecord
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, HOUR, DeviceKind
from telecared.errors import ReplayError
from telecared.sim.days import Resident
from telecared.sim.happenings import Happening, What
from telecared.sim.occurring import HELPLESS, Kind
from telecared.sim.truth import PARAMETERS, UNHEARD, Heard, read_truth, truth_lines
from tests.sim.shipping import shipped_plan

START = parse_stamp("2026-03-02T12:00:00Z")
ADA = Resident(home="larch-12", scheme="northside", outings=1.0)
HOME = HomeRecord(
    id="larch-12",
    scheme="northside",
    timezone="Europe/London",
    devices=tuple(
        Device(id=name, kind=DeviceKind(kind), profile="native", topic=name, location=name)
        for name, kind in {
            "pendant": "personal_trigger",
            "bathroom": "activity_detector",
            "living-room": "activity_detector",
            "bed": "bed_monitor",
        }.items()
    ),
)


def told(*happenings: Happening, registered: bool = True, heard: Heard | None = None) -> list[str]:
    """The lines of a truth file about one home."""
    return list(
        truth_lines(
            [ADA],
            lambda _: happenings,
            records=[HOME] if registered else [],
            plan=shipped_plan().plan,
            start=START,
            end=START + 4 * DAY,
            seed=1,
            heard=heard,
        )
    )


def test_what_is_written_is_read_back_with_its_limits() -> None:
    """The quickest rule that finds a thing says by when; nothing has to find a holiday."""
    noon = START + DAY
    found = read_truth(
        told(
            Happening(noon, "larch-12", What.UNSEEN_FALL, noon + HELPLESS),
            Happening(START + HOUR, "larch-12", What.PENDANT),
            Happening(START + 3 * DAY, "larch-12", What.HOLIDAY),
        )
    )
    assert (found.simulation.seed, found.simulation.homes) == (1, 1)
    assert found.simulation.parameters == PARAMETERS
    pressed, fell, away = found.lines
    assert (pressed.kind, pressed.within) == (Kind.LIFE_SAFETY, 0.0)
    assert (fell.kind, fell.within) == (Kind.INACTIVITY, 4.0 * 3_600)
    assert (away.kind, away.within, away.stated) == (Kind.NONE, None, True)
    assert (fell.begins, fell.ends) == (noon, noon + HELPLESS)


def test_what_the_home_cannot_tell_has_no_limit() -> None:
    """No rule can find smoke without a detector; a home that is not registered has no rules."""
    smoke = Happening(START + HOUR, "larch-12", What.SMOKE)
    assert read_truth(told(smoke)).lines[0].within is None
    assert read_truth(told(smoke, registered=False)).lines[0].within is None
    slow = Happening(START + HOUR, "larch-12", What.DECLINE)
    assert read_truth(told(slow)).lines[0].within is None


def test_what_is_outside_the_simulation_is_not_told() -> None:
    """It leaves no trace in the stream either."""
    late = Happening(START + 5 * DAY, "larch-12", What.PENDANT)
    assert len(told(late)) == 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2 of the truth cannot be read"),
        ('{"home":"x"}', "line 2 of the truth cannot be read"),
    ],
)
def test_a_damaged_line_is_named(line: str, says: str) -> None:
    """By its number, with what is wrong."""
    with pytest.raises(ReplayError, match=says):
        read_truth([*told(), line])


def test_times_must_be_times_and_in_order() -> None:
    """A truth that ends before it begins would never be found."""
    lines = told(Happening(START + HOUR, "larch-12", What.PENDANT))
    with pytest.raises(ReplayError, match="ends before it begins"):
        read_truth([lines[0], lines[1].replace('"until":"2026', '"until":"2025')])
    with pytest.raises(ReplayError, match="a time that is none"):
        read_truth([lines[0], lines[1].replace('"until":"2026', '"until":"soon')])
    with pytest.raises(ReplayError, match="the truth is empty"):
        read_truth([" "])


def test_what_no_device_has_words_for_is_no_task_of_any_rule() -> None:
    """A detector that sends bare codes tells no battery: nothing can find it, and it is said."""
    low = Happening(START + HOUR, "larch-12", What.BATTERY_LOW, device="bathroom")
    (line,) = read_truth(told(low)).lines
    assert line.found_by == ("battery-low",)
    (line,) = read_truth(told(low, heard=lambda _, __: [])).lines
    assert (line.found_by, line.within) == ((), None)
    assert line.explains[0] == "battery-low"
    assert line.note.endswith(UNHEARD)


def test_a_device_that_is_not_there_is_no_task_of_any_rule() -> None:
    """Without a detector nobody can be told of smoke; a fall that silence tells is still one."""
    smoke = Happening(START + HOUR, "larch-12", What.SMOKE)
    assert read_truth(told(smoke)).lines[0].found_by == ()
    ill = Happening(START + HOUR, "larch-12", What.UNSEEN_FALL, START + HOUR + HELPLESS)
    assert read_truth(told(ill)).lines[0].found_by != ()


def test_a_dead_sensors_last_word_explains_what_believes_it() -> None:
    """A bed that died while somebody lay in it says so until it is mended; another sensor not."""
    dead = [
        Happening(START + HOUR, "larch-12", What.DYING_BATTERY, 0, name) for name in ("bed", "hall")
    ]
    bed, hall = read_truth(told(*dead)).lines
    assert "resting-too-long" in bed.explains
    assert "resting-too-long" not in hall.explains
    assert "resting-too-long" not in bed.found_by

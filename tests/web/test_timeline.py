"""Timelines: what devices told as lanes, in local time also on the days on which clocks change."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.plan import Device
from telecared.core.readings import Reading
from telecared.core.site import ALWAYS_ON, SiteFacts
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Instant, Value
from telecared.core.windows import Span
from telecared.web.timeline import (
    Heard,
    Lane,
    LaneKind,
    LocalTime,
    Piece,
    Timeline,
    day_span,
    days_of,
    ticks,
)
from telecared.web.timeline_lanes import MAX_LANES, MAX_PIECES, bounded, lanes_of
from telecared.web.timeline_svg import MAX_SLOTS, draw, draw_week
from telecared.web.timeline_table import MAX_ROWS, days_table, lasting, rows_of

LONDON = LocalTime(ZoneInfo("Europe/London"), ALWAYS_ON)
FORWARD, BACK, PLAIN = date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 5)
SVG = "{http://www.w3.org/2000/svg}"
WHERE = (
    ("front-door", DeviceKind.DOOR_SENSOR, "entrance"),
    ("bed", DeviceKind.BED_MONITOR, "bedroom"),
    ("hall-pir", DeviceKind.ACTIVITY_DETECTOR, "hall"),
    ("kettle", DeviceKind.APPLIANCE_MONITOR, "kitchen"),
    ("pendant", DeviceKind.PERSONAL_TRIGGER, None),
    ("smoke", DeviceKind.SMOKE_DETECTOR, "kitchen"),
    ("hub", DeviceKind.ALARM_UNIT, "hall"),
    ("radar", DeviceKind.OCCUPANCY_DETECTOR, "lounge"),
)
DEVICES = tuple(
    Device(id=name, kind=kind, profile="native", topic=name, location=location)
    for name, kind, location in WHERE
)
SAID = (
    ("front-door", "contact", ("open", "closed")),
    ("bed", "occupancy", ("occupied", "vacant")),
    ("hall-pir", "motion", ("detected", "clear")),
    ("kettle", "appliance", ("on", "off")),
    ("pendant", "trigger", ("pressed",)),
    ("smoke", "smoke", ("alarm", "clear")),
    ("hub", "link", ("online", "offline")),
    ("hub", "mains", ("ok", "lost")),
    ("radar", "presence", ("present", "absent")),
    ("hub", "temperature", (20.5,)),
)


def at(text: str) -> Instant:
    """An instant of a RFC 3339 stamp."""
    return parse_stamp(text)


def heard(when: Instant, device: str, name: str, value: Value, **more: object) -> Heard:
    """One message with one reading."""
    reading = Reading(device, name, value, **more)  # type: ignore[arg-type]
    return Heard(when, device, (reading,))


def lanes(
    told: Sequence[Heard],
    span: Span,
    now: Instant | None = None,
    *,
    devices: Sequence[Device] = DEVICES,
    known: dict[tuple[str, str], Value] | None = None,
) -> dict[str, Lane]:
    """The lanes of some messages, by their names."""
    end = span[1] if now is None else now
    found = lanes_of(told, devices, span, end, clock=LONDON, known=known)
    return {lane.name: lane for lane in found}


def spans(lane: Lane) -> list[Span]:
    """Where a lane's pieces lie."""
    return [(piece.since, piece.until) for piece in lane.pieces]


# --- local days ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "hours"), [(FORWARD, 23), (BACK, 25), (PLAIN, 24)])
def test_a_day_is_as_long_as_the_clocks_of_the_home_make_it(day: date, hours: int) -> None:
    """23 hours when they go forward, 25 when they go back."""
    start, end = day_span(day, LONDON)
    assert end - start == hours * HOUR


def test_an_hour_that_comes_twice_stands_twice_on_the_axis() -> None:
    """So that what happened in the second is not drawn over the first."""
    told = [LONDON.text(one) for one in ticks(day_span(BACK, LONDON), LONDON, 60)]
    assert told[:4] == ["00:00", "01:00", "01:00", "02:00"]
    assert len(told) == 25


def test_an_hour_that_is_skipped_stands_nowhere_on_the_axis() -> None:
    """01:00 does not exist on the day on which the clocks go forward."""
    told = [LONDON.text(one) for one in ticks(day_span(FORWARD, LONDON), LONDON, 60)]
    assert told[:3] == ["00:00", "02:00", "03:00"]


def test_a_step_of_the_wall_clock_moves_midnight_from_then_on() -> None:
    """Engine time is not the wall's: a clock that was put right an hour forward shortens a day."""
    noon = at("2026-05-05T11:00:00Z")
    clock = LocalTime(LONDON.zone, SiteFacts(clock=((noon, HOUR),)))
    start, end = day_span(PLAIN, clock)
    assert end - start == 23 * HOUR
    assert clock.text(noon) == "13:00"


def test_a_day_that_a_step_of_the_clock_jumps_over_is_empty() -> None:
    """A clock that stood two days behind until noon."""
    noon = at("2026-05-04T11:00:00Z")
    clock = LocalTime(LONDON.zone, SiteFacts(clock=((noon, 48 * HOUR),)))
    start, end = day_span(PLAIN, clock)
    assert start == end == noon


@settings(deadline=None)
@given(
    zone=st.sampled_from(
        ("Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana", "UTC")
    ),
    first=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    days=st.integers(1, 9),
    head=st.integers(0, 23),
)
def test_the_days_of_any_span_follow_each_other_without_gap(
    zone: str, first: date, days: int, head: int
) -> None:
    """Wherever the home is and whatever its clocks do in these days."""
    clock = LocalTime(ZoneInfo(zone), ALWAYS_ON)
    since = day_span(first, clock)[0] + head * HOUR
    until = day_span(first + timedelta(days=days), clock)[1]
    found = days_of((since, until), clock)
    assert found[0][1][0] == since
    assert found[-1][1][1] == until
    assert all(a[1][1] == b[1][0] for a, b in pairwise(found))
    shown = [clock.of(one) for one in ticks((since, until), clock, 60)]
    assert all(one.minute == 0 for one in shown)


# --- lanes --------------------------------------------------------------------------------------


def test_a_night_in_bed_is_one_stretch_that_began_the_evening_before() -> None:
    """What was told before midnight says how the day begins."""
    span = day_span(PLAIN, LONDON)
    told = [
        heard(span[0] - 2 * HOUR, "bed", "occupancy", "occupied"),
        heard(span[0] + 7 * HOUR, "bed", "occupancy", "vacant"),
        heard(span[0] + 8 * HOUR, "bed", "occupancy", "vacant"),
    ]
    bed = lanes(told, span)["bed"]
    assert spans(bed) == [(span[0], span[0] + 7 * HOUR)]
    assert bed.unknown_until is None


def test_what_was_told_long_ago_is_known_from_the_state() -> None:
    """A door that has stood closed for a week is not unknown."""
    span = day_span(PLAIN, LONDON)
    door = lanes([], span, known={("front-door", "contact"): "open"})["front door, entrance"]
    assert spans(door) == [span]
    assert door.pieces[0].runs


def test_what_nobody_knows_is_shown_as_unknown_until_the_first_word() -> None:
    """A lane without a bar must not be read as `closed`."""
    span = day_span(PLAIN, LONDON)
    told = [heard(span[0] + HOUR, "front-door", "contact", "open")]
    found = lanes(told, span)
    door = found["front door, entrance"]
    assert door.unknown_until == span[0] + HOUR
    assert spans(door) == [(span[0] + HOUR, span[1])]
    assert found["bed"].unknown_until == span[1]


def test_nothing_is_drawn_after_now() -> None:
    """A kettle that is on is on until now, and goes on."""
    span = day_span(PLAIN, LONDON)
    now = span[0] + 6 * HOUR
    told = [
        heard(now - MINUTE, "kettle", "appliance", "on"),
        heard(now + HOUR, "kettle", "appliance", "off"),
    ]
    kettle = lanes(told, span, now)["kettle, kitchen"]
    assert kettle.pieces == (Piece(now - MINUTE, now, "on", runs=True),)


def test_movements_that_follow_each_other_are_one_stretch() -> None:
    """Five minutes apart is another; a sensor's `clear` says nothing of it."""
    span = day_span(PLAIN, LONDON)
    told = [
        heard(span[0] + minute * MINUTE, "hall-pir", "motion", value)
        for minute, value in (
            (-3, "detected"), (10, "detected"), (11, "clear"), (13, "detected"), (30, "detected"),
        )
    ]  # fmt: skip
    hall = lanes(told, span)["hall"]
    assert spans(hall) == [
        (span[0] + 10 * MINUTE, span[0] + 14 * MINUTE),
        (span[0] + 30 * MINUTE, span[0] + 31 * MINUTE),
    ]


def test_several_sensors_of_a_room_share_a_lane() -> None:
    """A radar tells that somebody is there, a movement detector that they move."""
    span = day_span(PLAIN, LONDON)
    extra = Device(
        id="lounge-pir",
        kind=DeviceKind.ACTIVITY_DETECTOR,
        profile="native",
        topic="x",
        location="lounge",
    )
    told = [
        heard(span[0], "radar", "presence", "present"),
        heard(span[0] + 5 * MINUTE, "radar", "presence", "absent"),
        heard(span[0] + 8 * MINUTE, "lounge-pir", "motion", "detected"),
    ]
    lounge = lanes(told, span, devices=(*DEVICES, extra))["lounge"]
    assert [piece.what for piece in lounge.pieces] == ["somebody there", "movement"]


def test_an_alarm_that_the_broker_had_kept_is_no_press_of_today() -> None:
    """Presses are news when they are told, and never when they are found."""
    span = day_span(PLAIN, LONDON)
    press = heard(span[0] + HOUR, "pendant", "trigger", "pressed")
    assert lanes([press], span)["Alarms"].pieces[0].tone == "alarm"
    assert not lanes([press._replace(retained=True)], span).keys() & {"Alarms"}


def test_a_level_that_never_clears_by_itself_ends_when_its_profile_says_so() -> None:
    """A water alarm that clears after ten minutes is no flood of a day."""
    span = day_span(PLAIN, LONDON)
    smoke = [heard(span[0] + HOUR, "smoke", "smoke", "alarm", clears_after=10 * MINUTE)]
    alarms = lanes(smoke, span)["Alarms"]
    assert spans(alarms) == [(span[0] + HOUR, span[0] + HOUR + 10 * MINUTE)]
    again = [*smoke, heard(span[0] + 3 * HOUR, "smoke", "smoke", "alarm")]
    assert len(lanes(again, span)["Alarms"].pieces) == 2


def test_a_late_message_stands_at_the_time_of_its_device() -> None:
    """What a hub kept through an outage happened when its sensor says."""
    span = day_span(PLAIN, LONDON)
    stamp = span[0] + HOUR
    told = [
        heard(span[0] + 3 * HOUR, "bed", "occupancy", "vacant", at=stamp),
        heard(span[0] + 2 * HOUR, "bed", "occupancy", "occupied", at=span[0] + MINUTE),
    ]
    assert spans(lanes(told, span)["bed"]) == [(span[0] + MINUTE, stamp)]


def test_of_too_much_the_latest_is_shown_and_the_rest_named() -> None:
    """Everything has a limit, and a page that leaves something out says so."""
    many = [Lane(LaneKind.ROOM, f"room {place}", ()) for place in range(MAX_LANES + 2)]
    kept, notes = bounded(many)
    assert len(kept) == MAX_LANES
    assert notes == (f"There is no room for room {MAX_LANES}, room {MAX_LANES + 1}.",)
    pieces = tuple(Piece(one, one, "x") for one in range(MAX_PIECES + 1))
    kept, notes = bounded([Lane(LaneKind.ALARM, "Alarms", pieces)])
    assert kept[0].pieces == pieces[1:]
    assert notes == (f"Of Alarms only the latest {MAX_PIECES} are shown.",)


# --- drawings and tables --------------------------------------------------------------------------

MESSAGES = st.lists(
    st.tuples(st.integers(-6 * 60, 9 * 24 * 60), st.integers(0, len(SAID) - 1), st.integers(0, 1)),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(messages=MESSAGES, day=st.sampled_from((FORWARD, BACK, PLAIN)), now=st.integers(1, 240))
def test_any_messages_make_a_drawing_and_a_table_that_stay_inside(
    messages: list[tuple[int, int, int]], day: date, now: int
) -> None:
    """Valid SVG, no style, nothing outside its frame; every piece has its row."""
    start = day_span(day, LONDON)[0]
    told = [
        heard(start + minute * MINUTE, device, name, values[choice % len(values)])
        for minute, which, choice in sorted(messages)
        for device, name, values in (SAID[which],)
    ]
    until = day_span(day + timedelta(days=6), LONDON)[1]
    for end, drawing in ((day_span(day, LONDON)[1], draw), (until, draw_week)):
        span, present = (start, end), start + now * HOUR
        found = lanes_of(told, DEVICES, span, present, clock=LONDON)
        timeline = Timeline(span, present, LONDON, tuple(found))
        for lane in found:
            assert all(
                span[0] <= one.since <= one.until <= min(end, present) for one in lane.pieces
            )
        svg = drawing(timeline, title="A <day> & more")
        assert "style" not in svg
        root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
        width = float(root.attrib["viewBox"].split()[2])
        for rect in root.iter(f"{SVG}rect"):
            x, wide = float(rect.attrib["x"]), float(rect.attrib["width"])
            assert x >= 0
            assert x + wide <= width + 1
        rows = rows_of(timeline)
        assert len(rows.rows) + rows.left_out == sum(len(lane.pieces) for lane in found)
        table = days_table(timeline)
        assert {len(cells) for _, _, cells in table.rows} == {len(found)}


def test_a_drawing_tells_a_screen_reader_what_it_shows() -> None:
    """It is one image with a name, and the table has the rest."""
    span = day_span(PLAIN, LONDON)
    found = lanes([heard(span[0] + HOUR, "front-door", "contact", "open")], span)
    svg = draw(Timeline(span, span[1], LONDON, tuple(found.values())), title="Larch & co")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    told = {one.attrib.get("id"): one.text for one in root}
    assert told[named[0]] == "Larch & co"
    assert "front door, entrance: 1" in (told[named[1]] or "")


def test_alerts_of_one_time_stand_above_each_other() -> None:
    """Each has its own place and its own mark; a fifth shares the last place."""
    span = day_span(PLAIN, LONDON)
    tones = ("life_safety", "urgent", "routine", "technical", "urgent")
    pieces = tuple(
        Piece(span[0] + place * HOUR, span[1], f"alert {place}", tone, f"larch-12/{place}")
        for place, tone in enumerate(tones)
    )
    lane = Lane(LaneKind.ALERT, "Alerts with a name that is much too long for it", pieces)
    svg = draw(Timeline(span, span[1], LONDON, (lane,)), title="x")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    bars = list(root.iter(f"{SVG}rect"))
    assert len({one.attrib["y"] for one in bars}) == MAX_SLOTS
    assert len({one.attrib["d"] for one in root.iter(f"{SVG}path")}) == len(tones)
    assert [one.text for one in root.iter(f"{SVG}title")][1:] == [
        f"alert {place}" for place in range(5)
    ]


def test_a_week_says_how_often_and_how_long() -> None:
    """A row for each day; days to come are empty, and an alert counts where it opened."""
    since = day_span(PLAIN, LONDON)[0]
    until = day_span(PLAIN + timedelta(days=6), LONDON)[1]
    bed = (
        Piece(since, since + 7 * HOUR, "occupied"),
        Piece(since + 23 * HOUR, since + 25 * HOUR, "x"),
    )
    rooms = (Piece(since, since + MINUTE, "movement"),)
    alert = (Piece(since + HOUR, until, "x", "urgent", "larch-12/1"),)
    found = (
        Lane(LaneKind.ALERT, "Alerts", alert),
        Lane(LaneKind.ROOM, "hall", rooms),
        Lane(LaneKind.REST, "bed", bed),
        Lane(LaneKind.DOOR, "door", (), until),
    )
    table = days_table(Timeline((since, until), since + 30 * HOUR, LONDON, found))
    assert table.lanes == ("Alerts", "hall", "bed", "door")
    assert table.rows[0][2] == ("1 opened", "once", "2 times, 8 h 00 min", "not known")
    assert table.rows[1][2] == ("none", "none", "once, 1 h 00 min", "not known")
    assert table.rows[2][2] == ("", "", "", "")


def test_a_long_table_leaves_movement_out_first() -> None:
    """An alarm is never crowded out by somebody walking about."""
    span = day_span(PLAIN, LONDON)
    steps = tuple(
        Piece(span[0] + one * MINUTE, span[0] + one * MINUTE, "movement") for one in range(900)
    )
    alarm = (Piece(span[0], span[0], "pendant: pressed", "alarm"),)
    found = (Lane(LaneKind.ALARM, "Alarms", alarm), Lane(LaneKind.ROOM, "hall", steps))
    rows = rows_of(Timeline(span, span[1], LONDON, found))
    assert len(rows.rows) == MAX_ROWS
    assert rows.left_out == 901 - MAX_ROWS
    assert rows.rows[0].lane == "Alarms"


def test_durations_are_told_in_words() -> None:
    """Nobody reads microseconds."""
    assert [lasting(one) for one in (0, 3 * MINUTE, 7 * HOUR + 5 * MINUTE)] == [
        "under a minute",
        "3 min",
        "7 h 05 min",
    ]

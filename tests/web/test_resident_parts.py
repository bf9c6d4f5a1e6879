"""Parts of a resident's pages apart: who is on duty, what the record and doors say of a span."""

from zoneinfo import ZoneInfo

import msgspec
import pytest

from telecared.core.compile import HomePlan
from telecared.core.effects import Record
from telecared.core.plan import Absence, Device, HomeRecord, Plan
from telecared.core.policy import Centre, Contact, Policy, Step
from telecared.core.readings import Reading
from telecared.core.rota import Layer, Rota
from telecared.core.site import ALWAYS_ON, SiteFacts
from telecared.core.state import Fact, Gap, HomeState, Outing
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import AlertState, Channel, DeviceKind, Outcome, Priority
from telecared.reader_port import StoredRecord
from telecared.store_port import AlertRow
from telecared.web.home_past import alert_lanes, known_at, outage_lanes, pause_lanes
from telecared.web.resident_people import People, people_of
from telecared.web.timeline import Heard, Lane, LaneKind, LocalTime, Piece, Timeline
from telecared.web.timeline_lanes import lanes_of
from telecared.web.timeline_table import MAX_ROWS, rows_of

NOON = parse_stamp("2026-05-05T12:00:00Z")
HOUR = 3_600_000_000
SPAN = (NOON, NOON + 10 * HOUR)
NOW = NOON + 6 * HOUR

ANN = Contact(id="ann", name="Ann Lee", phone="+447700900401")
TOM = Contact(id="tom", name="Tom Fox", phone="+447700900402")
BEN = Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",))
CARA = Contact(id="cara", name="Cara Singh", phone="+447700900124")


def people(policy: Policy, *rotas: Rota, state: HomeState | None = None) -> People:
    """Who helps in a home with one policy, supervised by a rota."""
    plan = Plan(
        policies=(policy, msgspec.structs.replace(policy, name="technical")),
        default_policy=policy.name,
        people=(ANN, TOM),
        rotas=rotas,
        centre=Centre(supervisor="supervisors"),
    )
    record = HomeRecord(
        id="larch-12", scheme="north", timezone="Europe/London", contacts=(CARA, BEN)
    )
    home = HomePlan(plan, record.id, record)
    return people_of(record, home, state or HomeState(home=record.id), ALWAYS_ON, NOON)


STEPS = Policy(
    name="family",
    steps=(
        Step(notify=("carer",)),
        Step(notify=("night", "cara"), by=(Channel.SMS, Channel.VOICE)),
        Step(notify=("monitoring_centre",)),
    ),
)


def test_contacts_stand_in_the_order_in_which_they_are_told() -> None:
    """Whatever the order in which they are registered; a dead number is marked."""
    state = HomeState(home="larch-12", unreachable={"ben": "x"})
    found = people(STEPS, state=state)
    assert [one.contact.id for one in found.helpers] == ["ben", "cara"]
    assert found.helpers[1].steps == ("step 2 of family",)
    assert [one.unreachable for one in found.helpers] == [True, False]
    assert found.steps == (
        ("family", ("carer by sms", "night, cara by sms, voice", "monitoring centre by sms")),
    )


def test_a_rota_that_the_policy_or_the_centre_names_tells_who_is_on_and_who_comes() -> None:
    """Others do not matter here."""
    layer = Layer(people=("ann", "tom"), turn="daily", handover=(0, 9 * 60), start="2026-05-04")
    night = Rota(name="night", timezone="UTC", layers=(layer,))
    alone = Rota(name="supervisors", timezone="UTC", layers=(Layer(people=("gone",)),))
    empty = Rota(name="cleaners", timezone="UTC", layers=(layer,))
    on = {one.rota: one for one in people(STEPS, night, alone, empty).rotas}
    assert set(on) == {"night", "supervisors"}
    assert (on["night"].now, on["night"].then) == ("Tom Fox", "Ann Lee")
    assert on["night"].until == parse_stamp("2026-05-06T09:00:00Z")
    assert (on["supervisors"].now, on["supervisors"].until) == ("gone", None)


def test_a_rota_with_nobody_says_nobody() -> None:
    """A gap is not a blank."""
    nobody = Rota(name="night", timezone="UTC", layers=())
    assert [one.now for one in people(STEPS, nobody).rotas] == ["nobody"]


# --- a span ---------------------------------------------------------------------------------------


def said(at: int, event: str, reason: str) -> StoredRecord:
    """A line of the record."""
    return StoredRecord("larch-12", Record(at=at, event=event, reason=reason))


def pauses(state: HomeState | None, *lines: StoredRecord) -> list[Piece]:
    """What the lane of suspensions holds."""
    lanes = pause_lanes(state, lines, SPAN, NOW)
    return list(lanes[0].pieces) if lanes else []


def test_what_was_stated_lasts_until_it_ended_or_goes_on() -> None:
    """Extended or not; what was over before the span, and what is erased, is left out."""
    found = pauses(
        None,
        said(NOON - 9 * HOUR, "suspension.begun", "suspension 1, away until Mon, stated by Ann"),
        said(NOON - 8 * HOUR, "suspension.ended", "suspension 1, away: ended by Ann"),
        said(NOON - 2 * HOUR, "suspension.begun", "suspension 2, hospital until Mon, stated by A"),
        said(NOON - HOUR, "suspension.begun", "suspension 2, hospital now until Tue, stated by A"),
        said(NOON + HOUR, "suspension.ended", "suspension 2, hospital: it ran out"),
        said(NOON + HOUR, "silence.ended", "silence 3, everything: it ran out, it held back once"),
        said(NOON + 2 * HOUR, "silence.begun", "silence 4, flood of water until Mon, stated by A"),
        said(NOON + 3 * HOUR, "silence.begun", ""),
    )
    assert found == [
        Piece(NOON, NOON + HOUR, "suspended: hospital"),
        Piece(NOON + 2 * HOUR, NOW, "silenced: flood of water", runs=True),
    ]


def test_doors_and_silence_tell_that_nobody_was_at_home() -> None:
    """What a person stated is told by the record, and not twice."""
    gaps = (
        Gap(Absence.AWAY, NOON, NOON + HOUR, False, "front-door, then silence"),
        Gap(Absence.AWAY, NOON, NOON + HOUR, True, "hospital"),
    )
    outing = Outing(NOON + 5 * HOUR, NOON + 5 * HOUR, "front-door", True)
    found = pauses(HomeState(home="larch-12", gaps=gaps, outing=outing))
    assert found == [
        Piece(NOON, NOON + HOUR, "nobody at home: front-door, then silence"),
        Piece(NOON + 5 * HOUR, NOW, "nobody at home: front-door, then silence", runs=True),
    ]


def test_a_time_in_which_no_home_was_heard_is_a_lane_of_its_own() -> None:
    """So that silence is not read as calm."""
    site = SiteFacts(outages=((NOON - 3 * HOUR, NOON - HOUR),), down_since=NOW - HOUR)
    (lane,) = outage_lanes(site, SPAN, NOW)
    assert lane.kind is LaneKind.LINK
    assert lane.pieces == (Piece(NOW - HOUR, NOW, "no home was heard", runs=True),)
    assert outage_lanes(ALWAYS_ON, SPAN, NOW) == []


@pytest.mark.parametrize("resolved", [True, False])
def test_an_alert_lasts_from_its_opening_to_its_end(resolved: bool) -> None:
    """One that is open goes on until now."""
    alert = AlertRow(
        alert="larch-12/7",
        home="larch-12",
        n=7,
        rule="not-up",
        priority=Priority.URGENT,
        state=AlertState.RESOLVED if resolved else AlertState.OPEN,
        opened_at=NOON - HOUR,
        code="1234",
        watch=True,
        resolved_at=NOON + HOUR if resolved else None,
        outcome=Outcome.NO_CONTACT if resolved else None,
    )
    (piece,) = alert_lanes([alert], SPAN, NOW)[0].pieces
    assert (piece.since, piece.until) == (NOON, NOON + HOUR if resolved else NOW)
    assert piece.runs is not resolved
    ended = "resolved: no contact" if resolved else "open"
    assert piece.what == f"not-up, urgent, watched only, {ended}"


def test_a_value_that_has_held_since_before_is_known() -> None:
    """One that changed since, or that has run out, is not."""
    facts = {
        "bed": {"occupancy": Fact("occupied", NOON - HOUR, NOON, NOON)},
        "door": {"contact": Fact("open", NOON + HOUR, NOON, NOON)},
        "water": {"water": Fact("wet", NOON - HOUR, NOON, NOON, 0, NOON - 1)},
    }
    state = HomeState(home="larch-12", facts=facts)
    assert known_at(state, NOON) == {("bed", "occupancy"): "occupied"}


# --- the table beside -----------------------------------------------------------------------------


def shown(*pieces: Piece, kind: LaneKind = LaneKind.REST, now: int = NOW) -> list[tuple[str, str]]:
    """When each piece is said to begin, and how long to last."""
    clock = LocalTime(ZoneInfo("Europe/London"), ALWAYS_ON)
    timeline = Timeline(SPAN, now, clock, (Lane(kind, "bed", pieces),))
    return [(row.when, row.lasts) for row in rows_of(timeline).rows]


def test_what_began_before_the_day_or_goes_on_behind_it_is_not_said_to_begin_or_end_there() -> None:
    """Family read it: who lay in bed since ten did not go there at midnight."""
    earlier = Piece(NOON, NOON + HOUR, "occupied")
    later = Piece(NOON + 2 * HOUR, SPAN[1], "occupied", runs=True)
    over = Piece(NOON + 2 * HOUR, SPAN[1], "an alert that somebody ended next day")
    assert shown(earlier, later, now=SPAN[1] + HOUR) == [
        ("before 13:00", "1 h 00 min"),
        ("15:00", "8 h 00 min, then goes on"),
    ]
    assert shown(over, now=SPAN[1] + HOUR) == [("15:00", "8 h 00 min, then goes on")]
    lasts = Piece(NOON + 5 * HOUR, NOW, "occupied", runs=True)
    assert shown(lasts) == [("18:00", "1 h 00 min so far")]
    assert shown(Piece(NOW, NOW, "an alert", runs=True)) == [("19:00", "just begun")]


def test_the_hour_that_comes_twice_is_told_with_its_zone() -> None:
    """At half past one the clocks are put back: which of the two it was is said."""
    since = parse_stamp("2026-10-24T23:00:00Z")
    clock = LocalTime(ZoneInfo("Europe/London"), ALWAYS_ON)
    moments = tuple(
        Piece(since + n * HOUR + HOUR // 2, since + n * HOUR + HOUR // 2, "pressed") for n in (1, 2)
    )
    span = since, since + 25 * HOUR
    timeline = Timeline(span, span[1], clock, (Lane(LaneKind.ALARM, "Alarms", moments),))
    assert [row.when for row in rows_of(timeline).rows] == ["01:30 BST", "01:30 GMT"]


def test_of_very_many_rows_movement_is_left_out_first() -> None:
    """However many doors there were, none gives way to a movement."""
    doors = tuple(Piece(NOON + n, NOON + n, "open") for n in range(MAX_ROWS + 5))
    moves = tuple(Piece(NOON + HOUR + n, NOON + HOUR + n, "movement") for n in range(10))
    lanes = (Lane(LaneKind.DOOR, "door", doors), Lane(LaneKind.ROOM, "hall", moves))
    clock = LocalTime(ZoneInfo("Europe/London"), ALWAYS_ON)
    found = rows_of(Timeline(SPAN, NOW, clock, lanes))
    assert {row.lane for row in found.rows} == {"door"}
    assert found.left_out == 15


def test_a_room_whose_sensor_was_never_heard_is_not_said_to_be_quiet() -> None:
    """No movement and no sensor are not the same to whoever reads it later."""
    hall = Device(
        id="pir", kind=DeviceKind.ACTIVITY_DETECTOR, profile="native", topic="x", location="hall"
    )
    clock = LocalTime(ZoneInfo("Europe/London"), ALWAYS_ON)
    moved = Heard(NOON - HOUR, "pir", (Reading("pir", "motion", "detected"),))
    [silent] = lanes_of((), (hall,), SPAN, NOW, clock=clock)
    [quiet] = lanes_of((moved,), (hall,), SPAN, NOW, clock=clock)
    assert (silent.pieces, silent.unknown_until) == ((), NOW)
    assert (quiet.pieces, quiet.unknown_until) == ((), None)

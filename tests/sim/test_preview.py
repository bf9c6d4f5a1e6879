"""Rehearsals: who is told, when, in which order, with all that stands in the way at that time."""

from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from msgspec.structs import replace

from telecared.config.deployment import default_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.compile import HomePlan
from telecared.core.messages import stand_in
from telecared.core.plan import Confirm, Device, HomeRecord
from telecared.core.policy import Contact
from telecared.core.readings import Reading
from telecared.core.state import HomeState
from telecared.core.stated import Silence, Suspension
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, DeviceKind, SuspensionKind
from telecared.core.when import ReadingIs, Window
from telecared.core.windows import local
from telecared.errors import ReplayError
from telecared.sim.behaviour import parse_behaviour
from telecared.sim.preview import Rehearsal, instant_of, parse_asked, rehearse, rule_asked
from telecared.sim.world import SimWorld
from tests.engine.scenery import instant

RULES = """
rules:
  fall:
    when: {property: fall, is: detected}
    priority: life_safety
    say: "Fall at {home.address} told by {device.id}. Reply {code} if you are going."
  no-movement:
    when: {inactive_for: 4h, of: motion}
    unless: away
    say: "No movement for {minutes} minutes. {code}"
  no-movement-trial:
    when: {inactive_for: 2h, of: motion}
    mode: watch
  door-open:
    when: {property: contact, is: open, for: 5m}
    cooldown: 2h
    cancel_within: 30s
  leak:
    when: {property: water, is: wet}
    confirm: {none_of: {property: motion}, within: 90s, priority: life_safety}
  elsewhere:
    when: {property: smoke, is: alarm}
    applies_to: {homes: [oak-1]}
  link-offline:
    when: {property: link, is: offline, at: nowhere, for: 1m}
policies:
  family-then-centre:
    steps:
      - {notify: carers, wait: 2m}
      - {notify: key_holders, wait: 3m}
      - {notify: monitoring_centre}
"""
NOW = instant("2026-03-02T10:00:00Z")  # a Monday
WEEKDAY_NIGHTS = (Window(start=17 * 60, end=8 * 60),)


def _device(name: str, kind: DeviceKind) -> Device:
    return Device(id=name, kind=kind, profile="native", topic=f"telecare/n/larch-12/{name}")


LARCH = HomeRecord(
    id="larch-12",
    scheme="n",
    timezone="Europe/London",
    address="12 Larch Close",
    devices=(
        _device("pendant", DeviceKind.PERSONAL_TRIGGER),
        _device("watch", DeviceKind.FALL_DETECTOR),
        _device("hall", DeviceKind.ACTIVITY_DETECTOR),
        _device("door", DeviceKind.DOOR_SENSOR),
    ),
    contacts=(
        Contact(id="ben", name="Ben Hall", phone="+447700900123", roles=("carer",),
                reachable=WEEKDAY_NIGHTS),
        Contact(id="cara", name="Cara Singh", phone="+447700900124", roles=("key_holder",)),
    ),
)  # fmt: skip


@cache
def loaded() -> LoadedPlan:
    """The rules of these stories."""
    folder = Path(mkdtemp(prefix="preview-"))
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    found = load_plan(default_deployment(Path()), rules=[folder / "rules.yaml"])
    rmtree(folder)
    return found


def plan() -> HomePlan:
    """The home under the rules."""
    return HomePlan(loaded().plan, LARCH.id, LARCH)


def preview(
    asked: str, *, state: HomeState | None = None, now: int = NOW, **more: object
) -> Rehearsal:
    """What would happen."""
    wanted = parse_asked(asked)
    home = plan()
    rule, at = rule_asked(home, wanted.what), instant_of(wanted, home, now)
    return rehearse(loaded(), LARCH, rule, at, now=now, state=state, **more)  # type: ignore[arg-type]


def told(rehearsal: Rehearsal) -> list[tuple[str, str | None]]:
    """(after, who) of each message."""
    return [
        (f"+{(instant(line.at) - rehearsal.at) // SECOND}", line.to)
        for line in rehearsal.lines
        if line.event == "notification.queued"
    ]


def lived(*, minutes: int = 5) -> SimWorld:
    """A home in which something has happened already."""
    world = SimWorld(loaded(), [LARCH], {}, start=NOW - minutes * MINUTE)
    world.tell(LARCH.id, "hall", [Reading("hall", "motion", "detected")], world.now)
    return world


# --- what is asked ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "what", "when"),
    [
        ("fall at 02:10 on Sunday", "fall", "2026-03-08T02:10:00Z"),
        ("fall on sun at 02:10", "fall", "2026-03-08T02:10:00Z"),
        ("fall at 9:30", "fall", "2026-03-03T09:30:00Z"),
        ("fall at 10:30", "fall", "2026-03-02T10:30:00Z"),
        ("fall at 10:00", "fall", "2026-03-02T10:00:00Z"),
        ("no movement tomorrow at 09:00", "no movement", "2026-03-03T09:00:00Z"),
        ("fall tonight at 23:00", "fall", "2026-03-02T23:00:00Z"),
        ("fall on monday at 09:00", "fall", "2026-03-09T09:00:00Z"),
        ("fall on Monday", "fall", "2026-03-02T10:00:00Z"),
        ("fall on Tuesday", "fall", "2026-03-03T10:00:00Z"),
        ("fall at 08:00 on 2026-06-01", "fall", "2026-06-01T07:00:00Z"),
        ("fall", "fall", "2026-03-02T10:00:00Z"),
    ],
)
def test_a_time_is_read_as_people_write_it(asked: str, what: str, when: str) -> None:
    """By the home's clocks, the next time to come."""
    wanted = parse_asked(asked)

    assert (wanted.what, instant_of(wanted, plan(), NOW)) == (what, instant(when))


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("at 02:10", "does not say what happens"),
        ("", "does not say what happens"),
        ("fall at 25:10", "there is no 25:10 on a clock"),
        ("fall at noon", "there is no noon on a clock"),
        ("fall at 10:61", "there is no 10:61 on a clock"),
        ("fall on sunflower", "'sunflower' is no day"),
        ("fall at 10:00 at 11:00", "names more than one time"),
        ("fall on 2026-02-30", "2026-02-30 is no date"),
        ("fall at 09:00 today", "2026-03-02 09:00 is past in this home"),
        ("fall at 12:00 on 2026-03-01", "2026-03-01 12:00 is past in this home"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(asked: str, problem: str) -> None:
    """A sentence, and how to write it."""
    with pytest.raises(ReplayError, match=problem):
        instant_of(parse_asked(asked), plan(), NOW)


@pytest.mark.parametrize(
    ("now", "asked", "when"),
    [
        # Clocks go forward at 01:00 UTC: 01:30 is skipped, and counts on from before.
        ("2026-03-28T22:00:00Z", "fall at 01:30 on Sunday", "2026-03-29T01:30:00Z"),
        ("2026-03-28T22:00:00Z", "fall at 02:30 on Sunday", "2026-03-29T01:30:00Z"),
        # Clocks go back at 01:00 UTC: 01:30 comes twice, first as summer time.
        ("2026-10-24T22:00:00Z", "fall at 01:30 on Sunday", "2026-10-25T00:30:00Z"),
        ("2026-10-25T00:45:00Z", "fall at 01:30", "2026-10-25T01:30:00Z"),
        ("2026-10-25T01:45:00Z", "fall at 01:30", "2026-10-26T01:30:00Z"),
        ("2026-10-25T01:15:00Z", "fall at 01:10 on Sunday", "2026-11-01T01:10:00Z"),
    ],
)
def test_on_the_nights_on_which_the_clocks_change(now: str, asked: str, when: str) -> None:
    """An hour that is skipped, and one that comes twice."""
    assert instant_of(parse_asked(asked), plan(), instant(now)) == instant(when)
    assert preview(asked, now=instant(now)).at == instant(when)


def test_a_rule_is_meant_by_its_name_a_part_of_it_or_what_it_reads() -> None:
    """What means more than one is asked back; what is not in force says why."""
    home = plan()

    assert rule_asked(home, "Fall").name == "fall"
    assert rule_asked(home, "no movement").name == "no-movement"
    assert rule_asked(home, "trial").name == "no-movement-trial"
    assert rule_asked(home, "contact").name == "door-open"
    with pytest.raises(ReplayError, match="'motion' may mean no-movement, no-movement-trial"):
        rule_asked(home, "motion")
    with pytest.raises(ReplayError, match="elsewhere is not in force in larch-12: it applies to"):
        rule_asked(home, "elsewhere")
    with pytest.raises(ReplayError, match="is called 'fal1'; did you mean \"fall\""):
        rule_asked(home, "fal1")


# --- what would happen --------------------------------------------------------------------------


def test_at_night_the_carer_then_the_key_holder_then_the_centre() -> None:
    """The worked example: who, in what order, and when it reaches the centre."""
    found = preview("fall at 02:10 on Sunday")

    assert told(found) == [("+0", "ben"), ("+120", "cara")]
    assert found.at_the_centre == found.at + 5 * MINUTE
    assert [duty.to for duty in found.duty] == [("ben",), ("cara",), ("monitoring_centre",)]
    assert found.lines[0].reason == "as asked: fall: detected"
    assert "told by pendant" in str(found.lines[0].text)


def test_outside_his_hours_the_carer_is_passed_over() -> None:
    """By day Ben works; the key-holder is told at once."""
    found = preview("fall at 12:00")

    assert told(found) == [("+0", "cara")]
    assert found.at_the_centre == found.at + 3 * MINUTE
    assert (found.duty[0].to, found.duty[0].not_now) == ((), ("ben",))


def test_phones_that_answer_end_the_rehearsal_where_the_alert_is_held() -> None:
    """With phones given, the centre is never reached."""
    found = preview(
        "fall at 02:10", phones={"ben": parse_behaviour({"reply": "{code}", "after": "40s"})},
        until=10 * MINUTE,
    )  # fmt: skip

    assert [line.to for line in found.lines if line.event == "alert.acknowledged"] == ["ben"]
    assert found.at_the_centre is None


def test_a_suspension_or_a_silence_that_runs_then_holds_it_back_and_never_a_fall() -> None:
    """Of the state that is known; what has ended by then holds nothing back."""
    state = lived().states[LARCH.id].clone()
    state.suspensions = {1: Suspension(n=1, kind=SuspensionKind.HOLIDAY, since=NOW - HOUR,
                                       until=NOW + DAY, by="Ann Lee")}  # fmt: skip
    state.silences = {1: Silence(n=1, since=NOW, until=NOW + HOUR, by="Ann Lee", rule="door-open")}

    held = preview("no-movement at 12:00", state=state)
    silenced = preview("door-open at 10:30", state=state)

    assert told(held) == told(silenced) == []
    assert held.lines[0].reason.startswith("held back: nobody is at home since 09:00 (holiday")
    assert "as asked: no sign of life for 4h" in held.lines[0].reason
    assert silenced.lines[0].reason.startswith("held back: silenced by Ann Lee until 11:00")
    assert told(preview("fall at 12:00", state=state)) == [("+0", "cara")]
    assert told(preview("door-open at 12:00", state=state)) == [("+30", "cara")]
    assert told(preview("no-movement tomorrow at 12:00", state=state)) == [("+0", "cara")]


def test_a_number_that_takes_no_messages_is_passed_over() -> None:
    """Cara has sent STOP."""
    state = lived().states[LARCH.id].clone()
    state.unreachable = {"cara": stand_in("+447700900124")}

    found = preview("fall at 12:00", state=state)

    assert told(found) == []
    assert found.at_the_centre == found.at
    assert found.duty[1].not_now == ("cara",)


def test_a_rule_in_mode_watch_pages_nobody() -> None:
    """It would be on record, and that is all."""
    found = preview("trial at 12:00")

    assert [line.event for line in found.lines] == ["alert.opened"]
    assert found.lines[0].reason.startswith("watched, pages nobody: as asked")
    assert found.at_the_centre is None


def test_the_text_tells_the_minutes_that_the_rule_waits() -> None:
    """Not none, although the rehearsal finds it at once."""
    assert preview("no-movement at 12:00").lines[0].text
    assert "No movement for 240 minutes." in str(preview("no-movement at 12:00").lines[0].text)


def test_a_second_sensor_that_hears_nothing_raises_it() -> None:
    """The rehearsal is of the worst: nobody moves."""
    found = preview("leak at 12:00")

    raised = [line for line in found.lines if line.priority == "life_safety"]
    assert raised
    assert instant(raised[0].at) == found.at + 90 * SECOND


def test_a_rule_whose_devices_are_missing_is_rehearsed_all_the_same() -> None:
    """Who would be told does not depend on a device; that there is none is `explain`'s to say."""
    assert told(preview("link-offline at 12:00")) == [("+0", "cara")]


def test_a_heartbeat_of_this_very_moment_does_not_swallow_the_rehearsal() -> None:
    """What stands for the finding is news, whatever the device has just said."""
    world = lived()
    world.tell(LARCH.id, "watch", [Reading("watch", "heartbeat", "seen")], NOW)

    assert told(preview("fall", state=world.states[LARCH.id])) == [("+0", "cara")]


def test_what_is_found_while_its_alert_is_open_joins_it() -> None:
    """A second fall pages again; one within a cooldown pages nobody."""
    world = lived()
    world.tell(LARCH.id, "watch", [Reading("watch", "fall", "detected")], NOW - MINUTE)
    world.advance(NOW)
    again = preview("fall at 10:02", state=world.states[LARCH.id])

    assert again.lines[0].event == "alert.repeated"
    state = world.states[LARCH.id].clone()
    finding = replace(next(iter(state.findings.values())), alert=None, resolved_at=NOW)
    state.findings = {"door-open": finding}
    cooling = preview("door-open at 11:00", state=state)
    assert [line.event for line in cooling.lines] == ["alert.updated"]
    assert cooling.lines[0].reason.startswith("within its cooldown")


def test_the_same_rehearsal_is_the_same_to_the_byte() -> None:
    """Nothing in it depends on the hour at which it is asked for."""
    later = preview("fall at 02:10 on Sunday", now=NOW + DAY)

    assert later.lines == preview("fall at 02:10 on Sunday").lines
    assert local(later.at, plan().zone).isoformat() == "2026-03-08T02:10:00+00:00"


def test_a_confirmation_that_cannot_be_heard_is_none() -> None:
    """Confirm of a property that no device has raises in time as well."""
    rule = replace(rule_asked(plan(), "leak"), confirm=Confirm(
        within=MINUTE, any_of=(ReadingIs(property="seizure", values=("detected",)),)))  # fmt: skip

    assert rehearse(loaded(), LARCH, rule, NOW, now=NOW).lines[0].event == "alert.opened"

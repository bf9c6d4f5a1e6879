"""What can happen in a scenario: devices, people, phones, outages and a daemon that stood still."""

from pathlib import Path

import pytest

from telecared.config.scenarios import load_scenarios
from telecared.errors import ConfigError
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.world import CompiledHomes
from tests.sim.playing import HEAD, PRESSED, outcomes_of, problems_of, setting


def test_a_message_that_waited_at_the_broker_is_heard_when_the_link_is_back(tmp_path: Path) -> None:
    """It opens then and says how late it is; what nobody could know is not judged before."""
    text = """
  - scenario: the pendant is pressed while the link is lost
    home: larch-12
    start: 2026-03-02T10:00
    stream:
      - {at: +0s, device: hub, heartbeat: seen, every: 30m, times: 10}
      - {at: +10m, outage: 20m}
      - {at: +15m, device: pendant, trigger: pressed, stamp: -0s}
    phones: {ben: {reply: "{code}", after: 5s}}
    expect:
      - {at: +30m, opened: pendant-pressed}
      - {at: +30m, sms: ben, says: "late by 15m"}
      - {at: +30m5s, acknowledged_by: ben}
"""
    assert problems_of(tmp_path, text) == []


def test_what_came_due_while_the_daemon_stood_still_is_caught_up(tmp_path: Path) -> None:
    """The silence of the hub ends in the message that waited for us; the press is not lost."""
    text = """
  - scenario: the daemon is stopped for an hour
    home: larch-12
    start: 2026-03-02T10:00
    stream:
      - {at: +0s, device: pendant, trigger: pressed}
      - {at: +1m, stopped: 1h}
      - {at: +30m, device: hub, heartbeat: seen}
    expect:
      - {at: +0s, opened: pendant-pressed}
      - {at: +0s, sms: ben}
      - {at: +2m, escalated: pendant-pressed}
      - {sms: cara}
    until: +1h2m
"""
    assert problems_of(tmp_path, text) == []


def test_a_phone_may_behave_otherwise_later(tmp_path: Path) -> None:
    """Ben comes out of the tunnel: what he is sent from then on he answers."""
    text = (
        PRESSED
        + """
      - {at: +1m, phone: cara, does: {reply: "NO {code}", after: 10s}}
      - {at: +3m, phone: monitoring_centre, does: {reply: "{code}", after: 20s}}
    phones: {ben: undelivered, cara: silent}
    expect:
      - {opened: pendant-pressed}
      - {at: +10s, sms: ben}
      - {at: +15s, sms: cara}
      - {at: +3m15s, sms: monitoring_centre}
      - {at: +3m35s, acknowledged_by: monitoring_centre}
      - {at: +3m35s, sms: cara, says: "Riverside Centre is going"}
    until: +5m
"""
    )
    told = text.replace("Riverside Centre", "Monitoring centre")

    assert problems_of(tmp_path, told) == []
    assert len(problems_of(tmp_path, text)) == 1


def test_people_give_commands_by_rule_or_number(tmp_path: Path) -> None:
    """An operator takes the alert of a rule, holds it longer, and ends it."""
    text = (
        PRESSED
        + """
      - {at: +1m, ack: pendant-pressed, by: Ann Lee, lease: 10m}
      - {at: +2m, snooze: 1, for: 20m, by: Ann Lee}
      - {at: +5m, resolve: larch-12/1, by: Ann Lee, outcome: assistance_given, note: tea made}
    expect:
      - {opened: pendant-pressed}
      - {sms: ben}
      - {at: +1m, acknowledged_by: Ann Lee}
      - {at: +1m, sms: ben, says: "Ann Lee is going"}
      - {at: +2m, snoozed: pendant-pressed}
      - {at: +5m, resolved: pendant-pressed, because: tea made}
    until: +10m
"""
    )
    assert problems_of(tmp_path, text) == []


def test_an_operator_rings_and_promises(tmp_path: Path) -> None:
    """Ben does not answer, so that Cara is told at once; the second time he says that he goes.

    What nobody keeps in time is told; the other promise is kept.
    """
    text = (
        PRESSED
        + """
      - {at: +20s, call: pendant-pressed, contact: ben, result: no_answer, by: Ann Lee}
      - {at: +30s, promise: to ring her back, for: 10m, by: Ann Lee}
      - {at: +31s, promise: to look in, for: 20m, by: Ann Lee}
      - {at: +40s, resolve: pendant-pressed, by: Ann Lee, outcome: assistance_given}
      - {at: +1m, device: pendant, trigger: pressed}
      - {at: +2m, promise_kept: 2, by: Ann Lee}
      - {at: +2m30s, call: 2, contact: ben, result: going, by: Ann Lee}
      - {at: +28m, resolve: 2, by: Ann Lee, outcome: assistance_given}
    expect:
      - {at: +10s, opened: pendant-pressed}
      - {at: +10s, sms: ben, says: Help wanted}
      - {at: +20s, sms: cara, says: Help wanted}
      - {at: +40s, resolved: pendant-pressed}
      - {at: +40s, sms: ben}
      - {at: +40s, sms: cara}
      - {at: +1m, opened: pendant-pressed}
      - {at: +1m, sms: ben, says: Help wanted}
      - {at: +2m30s, acknowledged_by: ben}
      - {at: +2m30s, sms: ben, says: You have it until}
      - {at: +25m30s, opened: promise-not-kept}
      - {at: +25m30s, sms: monitoring_centre, says: was not done in time}
      - {at: +28m, resolved: pendant-pressed}
      - {at: +28m, sms: ben}
    until: +30m
"""
    )
    assert problems_of(tmp_path, text) == []


def test_an_alert_is_not_linked_to_itself_in_a_scenario(tmp_path: Path) -> None:
    """A refusal stands at its own line, as of any command."""
    text = (
        PRESSED
        + """
      - {at: +10s, duplicate: pendant-pressed, to: 1, by: Ann Lee}
    expect:
      - {opened: pendant-pressed}
      - {sms: ben}
    until: +1m
"""
    )
    assert problems_of(tmp_path, text) == [
        (
            "a.scenarios.yaml:25:9: the command was refused:"
            " name the other alert, of which this one is a duplicate"
        )
    ]


def test_a_contact_acknowledges_and_declines_by_id(tmp_path: Path) -> None:
    """As if by telephone: the operator writes it down for them."""
    text = (
        PRESSED
        + """
      - {at: +30s, decline: pendant-pressed, by: ben}
      - {at: +40s, ack: pendant-pressed, by: cara}
    expect:
      - {opened: pendant-pressed}
      - {sms: ben, says: Help}
      - {at: +30s, sms: cara, says: Help}
      - {at: +40s, acknowledged_by: cara}
      - {at: +40s, sms: ben, says: Cara Singh is going}
    until: +1m
"""
    )
    assert problems_of(tmp_path, text) == []


def test_a_command_that_is_refused_fails_at_its_own_line(tmp_path: Path) -> None:
    """A scenario whose people cannot do what they do shows nothing."""
    text = (
        PRESSED
        + """
      - {at: +20s, ack: pendant-pressed, by: Ann Lee}
      - {at: +30s, ack: pendant-pressed, by: Bob Ray}
      - {at: +40s, resolve: flood, by: Ann Lee, outcome: test}
      - {at: +50s, resolve: 7, by: Ann Lee, outcome: test}
    expect:
      - {opened: pendant-pressed}
      - {sms: ben, says: Help}
      - {acknowledged_by: Ann Lee}
      - {sms: ben, says: is going}
"""
    )
    assert problems_of(tmp_path, text) == [
        "a.scenarios.yaml:26:9: the command was refused: Ann Lee already has it since 10:00",
        "a.scenarios.yaml:27:9: no alert of flood was unresolved, so that nothing was done",
        "a.scenarios.yaml:28:9: no alert of 7 was unresolved, so that nothing was done",
    ]


def test_a_device_with_a_clock_of_its_own_and_a_kept_message(tmp_path: Path) -> None:
    """An old stamp never silences life safety; a kept press is no press."""
    text = """
  - scenario: old and kept messages
    home: larch-12
    start: 2026-03-02T10:00
    stream:
      - {at: +1s, device: pendant, trigger: pressed, retained: true}
      - {at: +2s, device: pendant, trigger: pressed, history: true}
      - {at: +3s, device: pendant, trigger: pressed, stamp: -2h, seq: 4}
    expect:
      - {at: +3s, opened: pendant-pressed}
      - {at: +3s, sms: ben, says: "late by 2h"}
"""
    assert problems_of(tmp_path, text) == []


def test_a_repeat_is_expected_by_name(tmp_path: Path) -> None:
    """`every` and `times` press again, and the press joins the open alert."""
    text = (
        PRESSED.replace("pressed}", "pressed, every: 30s, times: 2}")
        + """
    expect:
      - {opened: pendant-pressed}
      - {sms: ben}
      - {at: +40s, repeated: pendant-pressed}
    until: +1m
"""
    )
    assert problems_of(tmp_path, text) == []


def test_what_goes_wrong_at_the_provider_is_refused(tmp_path: Path) -> None:
    """Virtual time has no provider; a phone that would be played as usual must not pass for it."""
    with pytest.raises(ConfigError) as caught:
        outcomes_of(tmp_path, PRESSED + "    phones: {ben: 429}\n")

    assert caught.value.problems[0].endswith(
        "not played in scenarios; write undelivered, failed or no_receipt"
    )


def test_a_home_is_compiled_once_for_all_scenarios(tmp_path: Path) -> None:
    """A thousand scenarios of one home cost one compilation."""
    file = tmp_path / "a.scenarios.yaml"
    file.write_text(HEAD + PRESSED + PRESSED, encoding="utf-8")
    read = load_scenarios(file, setting(), read_phone)
    compiled = CompiledHomes()
    home = read.scenarios[0].home
    run_scenario(read.scenarios[0], read.loaded, compiled)
    first = compiled(read.loaded.plan, home.id, home)

    run_scenario(read.scenarios[1], read.loaded, compiled)

    assert compiled(read.loaded.plan, home.id, home) is first


def test_a_rule_is_held_back_while_the_resident_is_in_hospital(tmp_path: Path) -> None:
    """What is found meanwhile is on record and tells nobody; life safety is told as ever."""
    text = """
  - scenario: a night in hospital
    home: larch-12
    start: 2026-03-02T18:00
    stream:
      - {at: +0s, device: hub, heartbeat: seen, every: 30m, times: 40}
      - {at: +1h, suspend: hospital, until: "14:00", by: Ann Lee, note: hip}
      - {at: "12:00", device: hall, contact: open, for: 5s}
      - {at: "12:00:30", end_suspension: true, by: Ann Lee}
    expect:
      - {at: "12:00", held_back: door}
      - {at: "12:00", opened: activity-while-away, priority: urgent}
      - {at: "12:00", sms: ben}
    until: 12:01
"""
    assert problems_of(tmp_path, text) == []


def test_a_silence_holds_one_rule_back_until_it_is_ended(tmp_path: Path) -> None:
    """The plumber is in the bathroom; when he has gone the water tells again."""
    text = """
  - scenario: the plumber
    home: larch-12
    start: 2026-03-02T10:00
    stream:
      - {at: +1m, silence: door, for: 2h, by: Ann Lee}
      - {at: +2m, device: hall, contact: open, for: 5m}
      - {at: +30m, end_silence: true, by: Ann Lee}
      - {at: +40m, device: hall, contact: open}
    expect:
      - {at: +2m, held_back: door}
      - {at: +40m, opened: door}
      - {at: +40m, sms: ben}
    until: +41m
"""
    assert problems_of(tmp_path, text) == []

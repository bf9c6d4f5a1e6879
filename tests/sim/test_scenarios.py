"""Scenarios in virtual time: what came is held against what was expected, to the second."""

from pathlib import Path

import pytest

from telecared.config.scenarios import Setting, load_scenarios
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.timelines import rows_of, text_of
from telecared.sim.world import CompiledHomes
from tests.sim.playing import HEAD, PRESSED, messages_of, outcomes_of, problems_of

NIGHT = "the key-holder is told when the carer does not answer, on the night the clocks go forward"

PRESS = "opened: pendant-pressed"

HELP = "Help wanted at 12 Larch Close. Reply 5111 if you are going."

THANKS = "Thank you. You have it until 00:28. If you cannot go after all, reply NO 5111."

TIMELINE = f"""\
  expected                          | got
  +10s      {PRESS} | +10s  23:58:10  {PRESS} (pendant told trigger: pressed)
! +0s..+5s  sms: ben                | +10s  23:58:10  sms: ben, "{HELP}"
  +15s      acknowledged_by: ben    | +15s  23:58:15  acknowledged_by: ben
                                    | +15s  23:58:15  sms: ben, "{THANKS}"
! +3m       sms: cara               | -
  +4m..+5m  nothing                 | -
"""


def test_the_example_of_the_format_passes_word_for_word_apart_from_voice(tmp_path: Path) -> None:
    """The key-holder is told when the carer does not answer, on the night the clocks go forward."""
    homes = tmp_path / "homes.yaml"
    homes.write_text(HEAD.partition("scenarios:")[0], encoding="utf-8")
    file = tmp_path / "night.scenarios.yaml"
    file.write_text(
        f"""
- scenario: {NIGHT}
  home: larch-12
  start: 2026-03-28T23:50
  stream:
    - {{at: +0s, device: pendant, trigger: pressed}}
  phones: {{ben: silent, cara: {{reply: "{{code}}", after: 40s}}}}
  expect:
    - {{at: +0s..+2s, opened: pendant-pressed}}
    - {{at: +0s..+5s, sms: ben}}
    - {{at: +2m..+2m5s, sms: cara}}
    - {{by: +3m, acknowledged_by: cara}}
    - {{by: +3m, sms: ben, says: "Cara Singh is going"}}
""",
        encoding="utf-8",
    )
    read = load_scenarios(file, Setting(homes=[homes]), read_phone)
    (scenario,) = read.scenarios

    outcome = run_scenario(scenario, read.loaded, CompiledHomes())

    assert outcome.mismatches == []


def test_a_message_that_nobody_expected_fails_the_scenario(tmp_path: Path) -> None:
    """Whoever is told without need, is told too often."""
    text = (
        PRESSED
        + """
    phones: {ben: silent}
    expect:
      - {at: +10s, opened: pendant-pressed}
      - {at: +10s, sms: ben}
    until: +3m
"""
    )
    wrong = problems_of(tmp_path, text)

    assert len(wrong) == 1
    assert wrong[0].startswith('a.scenarios.yaml:18:5: not expected: sms: cara, "Help wanted')


def test_an_alert_that_nobody_expected_fails_but_a_watched_one_does_not(tmp_path: Path) -> None:
    """A rule in mode `watch` pages nobody, and may be tried beside the others."""
    text = """
  - scenario: water in the bathroom
    home: larch-12
    start: 2026-03-02T10:00
    stream:
      - {at: +5s, device: bath, water: wet}
      - {at: +6s, device: pendant, trigger: pressed}
    expect: [{sms: ben}]
"""
    assert messages_of(tmp_path, text) == [
        "not expected: opened: pendant-pressed (pendant told trigger: pressed)"
    ]


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ("{at: +5s, sms: ben}", "expected sms: ben (+5s); it came 5s too late"),
        ("{at: +1m..+2m, sms: ben}", "expected sms: ben (+1m..+2m); it came 50s too early"),
        ("{by: +9s, sms: ben}", "expected sms: ben (by +9s); it came 1s too late"),
    ],
)
def test_a_message_at_another_time_fails(tmp_path: Path, expected: str, message: str) -> None:
    """Too late and too early both; the sentence says by how much."""
    text = (
        PRESSED
        + f"""
    expect:
      - {{opened: pendant-pressed}}
      - {expected}
    until: +1m
"""
    )
    assert messages_of(tmp_path, text) == [message]


def test_a_message_with_another_text_fails(tmp_path: Path) -> None:
    """The text that came is shown, since it is what has to be put right."""
    text = (
        PRESSED
        + """
    expect:
      - {opened: pendant-pressed}
      - {at: +10s, sms: ben, says: "Fire at {home.address}"}
"""
    )
    assert messages_of(tmp_path, text) == [
        (
            'expected sms: ben (+10s); it came, but not with "Fire at {home.address}":'
            ' "Help wanted at 12 Larch Close. Reply 5111 if you are going."'
        )
    ]


def test_the_code_of_the_alert_may_be_named(tmp_path: Path) -> None:
    """Nobody who writes scenarios knows the four digits."""
    text = (
        PRESSED
        + """
    expect:
      - {opened: pendant-pressed, priority: life_safety, because: pendant told}
      - {sms: ben, says: "Reply {code} if"}
"""
    )
    assert problems_of(tmp_path, text) == []


def test_another_priority_or_reason_than_expected_fails(tmp_path: Path) -> None:
    """What an alert is worth is part of what a rule says."""
    text = (
        PRESSED
        + """
    expect:
      - {opened: pendant-pressed, priority: urgent}
      - {sms: ben}
"""
    )
    other = text.replace("priority: urgent", "because: hub told")

    assert messages_of(tmp_path, text) == [
        (
            "expected opened: pendant-pressed (at any time); it came, but not with"
            ' "urgent": "life_safety"'
        )
    ]
    assert messages_of(tmp_path, other)[0] == (
        "expected opened: pendant-pressed (at any time); it did not happen"
    )


def test_what_did_not_happen_fails(tmp_path: Path) -> None:
    """An expectation that nothing comes near to."""
    text = (
        PRESSED
        + """
    phones: {ben: {reply: "{code}"}}
    expect:
      - {opened: pendant-pressed}
      - {sms: ben}
      - {acknowledged_by: ben}
      - {by: +1m, sms: cara}
"""
    )
    assert messages_of(tmp_path, text) == ["expected sms: cara (by +1m); it did not happen"]


def test_thanks_belong_to_an_acknowledgement_that_was_expected(tmp_path: Path) -> None:
    """Otherwise each acknowledgement would have to be written twice."""
    text = (
        PRESSED
        + """
    phones: {ben: {reply: "{code}", after: 20s}}
    expect:
      - {opened: pendant-pressed}
      - {sms: ben}
    until: +1m
"""
    )
    with_it = text.replace("    until", "      - {at: +30s, acknowledged_by: Ben Hall}\n    until")

    thanks = THANKS.replace("00:28", "10:30")
    assert messages_of(tmp_path, text) == [f'not expected: sms: ben, "{thanks}"']
    assert problems_of(tmp_path, with_it) == []


def test_the_order_of_expectations_does_not_matter(tmp_path: Path) -> None:
    """A wide one does not take the message that only a narrow one fits."""
    text = (
        PRESSED
        + """
    phones: {ben: silent, cara: silent}
    expect:
      - {by: +12m, sms: monitoring_centre}
      - {by: +12m, sms: monitoring_centre}
      - {at: +5m10s, sms: monitoring_centre}
      - {at: +2m10s, sms: cara}
      - {at: +10s, sms: ben}
      - {at: +10s, opened: pendant-pressed}
      - {at: +2m10s, escalated: pendant-pressed}
    until: +12m
"""
    )
    assert problems_of(tmp_path, text) == []


def test_what_is_ignored_need_not_be_expected(tmp_path: Path) -> None:
    """A scenario about a fall says nothing about a hub that is silent."""
    text = """
  - scenario: a silent hub
    home: larch-12
    start: 2026-03-02T22:30
    until: +1h
"""
    assert len(messages_of(tmp_path, text)) == 2
    assert problems_of(tmp_path, text + "    ignore: [technical]\n") == []
    assert problems_of(tmp_path, text + "    ignore: hub-silent\n") == []
    assert len(messages_of(tmp_path, text + "    ignore: [pendant-pressed, urgent]\n")) == 2


def test_nothing_may_be_expected(tmp_path: Path) -> None:
    """It makes the scenario run that long, and names its own line when something happens."""
    text = """
  - scenario: somebody moves
    home: larch-12
    start: 2026-03-02T07:00
    stream:
      - {at: +0s, device: hub, heartbeat: seen, every: 30m, times: 20}
      - {at: "07:30", device: hall, motion: detected, for: 30s, every: 3h, times: 2}
    expect:
      - {nothing: true, until: "14:00"}
"""
    quiet = text.replace("times: 2}", "times: 1}")

    assert problems_of(tmp_path, text) == []
    wrong = problems_of(tmp_path, quiet)
    assert wrong[0].startswith(
        "a.scenarios.yaml:25:9: nothing may happen then: opened: no-movement"
    )
    assert wrong[1].startswith("a.scenarios.yaml:25:9: nothing may happen then: sms: ben")
    assert wrong[3].endswith("(49 times)")
    assert len(wrong) == 4
    assert text_of(rows_of(outcomes_of(tmp_path, quiet)[0]))[-1] == "  ... 43 more"


def test_the_timeline_shows_both_sides_in_order_of_time(tmp_path: Path) -> None:
    """What a person reads to see what went wrong, from the start and on the home's clocks."""
    text = (
        PRESSED.replace("2026-03-02T10:00", "2026-03-02T23:58")
        + """
    phones: {ben: {reply: "{code}", after: 5s}}
    expect:
      - {at: +10s, opened: pendant-pressed}
      - {at: +0s..+5s, sms: ben}
      - {at: +3m, sms: cara}
      - {at: +15s, acknowledged_by: ben}
      - {at: +4m..+5m, nothing: true}
    until: +5m
"""
    )
    (outcome,) = outcomes_of(tmp_path, text)

    assert text_of(rows_of(outcome)) == TIMELINE.splitlines()

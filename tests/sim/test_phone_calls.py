"""Calls in virtual time: in scenarios and replays phones ring as the fake provider's do."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.scenarios import Setting, load_scenarios
from telecared.core.vocabulary import SECOND, NotificationState
from telecared.errors import ConfigError
from telecared.sim.behaviour import Behaviour, ReactionKind, call_reactions, parse_behaviour
from telecared.sim.scenarios import read_phone, run_scenario
from telecared.sim.world import CompiledHomes


def told(behaviour: Behaviour) -> list[tuple[int, str]]:
    """When something becomes of a call, in seconds, and what."""
    return [(one.delay // SECOND, one.payload) for one in call_reactions(behaviour)]


def test_by_default_a_phone_rings_and_nobody_picks_up() -> None:
    """Somebody who says nothing else is not there."""
    assert told(Behaviour()) == [(1, "ringing"), (30, "no-answer")]


def test_who_answers_picks_up_presses_the_key_and_hangs_up() -> None:
    """`{answer: 1, after: 20s}` counts from the call, as a reply does."""
    behaviour = parse_behaviour({"answer": 1, "after": "20s"})

    assert told(behaviour) == [
        (1, "ringing"), (5, "in-progress"), (20, "1"), (23, "completed")
    ]  # fmt: skip
    keys = [one for one in call_reactions(behaviour) if one.kind is ReactionKind.KEY]
    assert [one.payload for one in keys] == ["1"]


def test_several_keys_are_pressed_one_after_another() -> None:
    """First asked to say it again, then taken."""
    assert told(parse_behaviour({"answer": "31", "after": "0s"})) == [
        (0, "ringing"), (0, "in-progress"), (0, "3"), (10, "1"), (13, "completed")
    ]  # fmt: skip


def test_who_presses_nothing_hears_it_to_the_end() -> None:
    """Picked up, or a voicemail, which picks up later."""
    assert told(parse_behaviour({"answer": "none"}))[1:] == [(5, "in-progress"), (65, "completed")]
    assert told(parse_behaviour("voicemail"))[1:] == [(25, "in-progress"), (85, "completed")]


def test_a_busy_phone_and_one_that_is_no_phone() -> None:
    """Told at once, without ringing."""
    assert told(parse_behaviour("busy")) == [(1, "busy")]
    assert told(Behaviour(state=NotificationState.UNDELIVERED)) == [(1, "failed")]
    assert told(parse_behaviour("no_answer")) == told(Behaviour())


@pytest.mark.parametrize("value", ["yes", True, 3.5, "12345678901", None, ""])
def test_what_is_no_answer_is_told_with_what_to_write(value: object) -> None:
    """The person who wrote it can mend it."""
    with pytest.raises(ConfigError) as caught:
        parse_behaviour({"answer": value})
    assert "1 accepts" in caught.value.problems[0]


RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
policies:
  family-then-centre:
    steps:
      - {notify: carers, by: [voice], wait: 2m}
      - {notify: key_holders, by: [sms, voice], wait: 3m}
      - {notify: monitoring_centre}
"""

HOMES = """
homes:
  - id: larch-12
    scheme: northside
    address: 12 Larch Close
    devices:
      - {id: pendant, kind: personal_trigger, profile: native,
         topic: telecare/northside/larch-12/pendant}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer]}
      - {id: cara, name: Cara Singh, phone: "+447700900124", roles: [key_holder]}
"""

SCENARIOS = """
- scenario: the carer takes it by a key
  home: larch-12
  start: 2026-03-01T10:00
  stream: [{at: +0s, device: pendant, trigger: pressed}]
  phones: {ben: {answer: 1, after: 20s}}
  expect:
    - {at: +0s..+2s, opened: pendant-pressed}
    - {at: +0s..+5s, voice: ben}
    - {by: +25s, acknowledged_by: ben}
- scenario: a voicemail is no answer, and a busy phone none either
  home: larch-12
  start: 2026-03-01T10:00
  stream: [{at: +0s, device: pendant, trigger: pressed}]
  phones: {ben: {answer: none}, cara: {answer: 1, after: 10s}}
  expect:
    - {at: +0s..+2s, opened: pendant-pressed}
    - {at: +0s..+5s, voice: ben}
    - {at: +59s..+66s, escalated: pendant-pressed}
    - {at: +59s..+66s, sms: cara}
    - {at: +59s..+66s, voice: cara}
    - {by: +80s, acknowledged_by: cara}
    - {by: +80s, sms: ben, says: "Cara Singh is going"}
- scenario: who refuses by a key is not asked again
  home: larch-12
  start: 2026-03-01T10:00
  stream: [{at: +0s, device: pendant, trigger: pressed}]
  phones: {ben: {answer: 2, after: 8s}, cara: {answer: 1, after: 10s}}
  expect:
    - {at: +0s, opened: pendant-pressed}
    - {at: +0s, voice: ben}
    - {at: +8s, escalated: pendant-pressed}
    - {at: +8s, sms: cara}
    - {at: +8s, voice: cara}
    - {at: +18s, acknowledged_by: cara}
    - {at: +18s, sms: ben, says: "Cara Singh is going"}
"""


DEPLOYMENT = """
rules: [rules.yaml]
sms: [{provider: twilio, account_sid: AC00000000000000000000000000000000,
       from: "+447700900000", auth_token: {env: TOKEN}}]
voice: [{provider: twilio, account_sid: AC00000000000000000000000000000000,
         from: "+447700900000", auth_token: {env: TOKEN}}]
webhooks: {public_url: "https://care.example.org"}
"""


def test_a_scenario_calls_people(tmp_path: Path) -> None:
    """`voice: ben` is expected like an SMS, and phones answer by keys in virtual time."""
    texts = {
        "rules.yaml": RULES,
        "telecared.yaml": DEPLOYMENT,
        "a.scenarios.yaml": f"{HOMES}\nscenarios:{SCENARIOS}",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    setting = Setting(load_deployment(tmp_path / "telecared.yaml"))
    read = load_scenarios(tmp_path / "a.scenarios.yaml", setting, read_phone)

    for scenario in read.scenarios:
        outcome = run_scenario(scenario, read.loaded, CompiledHomes())
        assert [one.message for one in outcome.mismatches] == []

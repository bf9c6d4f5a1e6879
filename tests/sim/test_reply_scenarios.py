"""Phones in scenarios reply as people do: on the way, there, and how it ended."""

from pathlib import Path

from tests.sim.playing import PRESSED, messages_of


def test_somebody_is_there_and_the_others_hear_it(tmp_path: Path) -> None:
    """`HERE {code}` takes what nobody has, and whoever was told hears that they are there."""
    text = f"""{PRESSED}
    phones: {{ben: silent, cara: {{reply: "HERE {{code}}", after: 40s}}}}
    until: +5m
    expect:
      - {{at: +10s, opened: pendant-pressed}}
      - {{at: +10s, sms: ben}}
      - {{at: +2m10s, sms: cara}}
      - {{at: +2m50s, acknowledged_by: cara}}
      - {{at: +2m50s, sms: ben, says: "Cara Singh is there now"}}
      - {{at: +2m50s, sms: cara, says: "Thank you"}}
"""
    assert messages_of(tmp_path, text) == []


def test_somebody_says_how_long_they_need(tmp_path: Path) -> None:
    """`{code} 10` takes it for long enough."""
    text = f"""{PRESSED}
    phones: {{ben: silent, cara: {{reply: "{{code}} 10", after: 40s}}}}
    until: +5m
    expect:
      - {{at: +10s, opened: pendant-pressed}}
      - {{at: +10s, sms: ben}}
      - {{at: +2m10s, sms: cara}}
      - {{at: +2m50s, acknowledged_by: cara}}
      - {{at: +2m50s, sms: ben, says: "there in 10 minutes"}}
      - {{at: +2m50s, sms: cara, says: "Thank you"}}
"""
    assert messages_of(tmp_path, text) == []


def test_who_did_not_go_cannot_end_it(tmp_path: Path) -> None:
    """`FALSE {code}` from afar is refused with a sentence, and the escalation goes on."""
    text = f"""{PRESSED}
    phones: {{ben: {{reply: "FALSE {{code}}", after: 20s}}, cara: "{{code}}"}}
    until: +4m
    expect:
      - {{at: +10s, opened: pendant-pressed}}
      - {{at: +10s, sms: ben}}
      - {{at: +2m10s, sms: cara}}
      - {{by: +3m, acknowledged_by: cara}}
      - {{by: +3m, sms: ben, says: "Cara Singh is going"}}
      - {{by: +3m, sms: cara, says: "Thank you"}}
"""
    text = text.replace('cara: "{code}"', 'cara: {reply: "{code}", after: 5s}')
    assert messages_of(tmp_path, text) == []

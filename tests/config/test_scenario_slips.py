"""Slips of the pen in scenario files: each at its line and column, with what to write."""

from pathlib import Path

import pytest

from tests.config.scenario_support import HEAD, one_entry, refused


@pytest.mark.parametrize(
    ("entry", "sentences"),
    [
        ("{device: pendant, trigger: pressed}", ['"at" is missing; write at: +10s']),
        ("{at: +0s, devise: hall}",
         ['the entry says nothing that happens; did you mean "device"?']),
        ("{at: +0s}", ["the entry says nothing that happens; one thing an entry"]),
        (
            "{at: +0s, device: hall, outage: 5m}",
            ["the entry is device and outage at once; one thing an entry"],
        ),
        ("{at: +0s, device: hal, motion: detected}",
         ["larch-12 has no device 'hal'; did you mean \"hall\"?"]),
        ("{at: +0s, device: hall}",
         ["the device tells nothing; write what, like trigger: pressed"]),
        ("{at: +0s, device: hall, motion: on}",
         ["motion is never 'on'; known here: clear, detected"]),
        ("{at: +0s, device: hall, motoin: detected}",
         ["the device tells nothing; write what, like trigger: pressed",
          '"motoin" is not known here; did you mean "motion"?']),
        ("{at: +0s, device: room, temperature: warm}",
         ["temperature is never 'warm'; write a number"]),
        ("{at: +0s, device: tracker, location: here}",
         ["location is never 'here'; write [latitude, longitude]"]),
        ("{at: +0s, device: pendant, trigger: pressed, for: 5s}",
         ['"for" is for what lasts, and trigger does not; remove it']),
        ("{at: +0s, device: hall, motion: detected, every: 5m}",
         ["every and times belong together; write every: 30m, times: 12"]),
        ("{at: +0s, device: hall, motion: detected, every: 0s, times: 0}",
         ["must be longer than nothing; write 90s, 15m or 1h30m",
          "must be a whole number from 1 to 100000"]),
        ("{at: +0s, device: hall, motion: detected, retained: 1}",
         ["must be true or false; write it without quotes"]),
        ("{at: +0s, device: hall, motion: detected, stamp: late}",
         ["not a device's time: 'late'; write -2h, +1d or 1970-01-01T00:00:00Z"]),
        ("{at: +0s, suspend: holliday, for: 2d, by: ben}",
         ["'holliday' is not known here; did you mean \"holiday\"?"]),
        ("{at: +0s, suspend: away, by: ben}",
         ["write how long, for: 2h, or until when, until: Sun 18:00"]),
        ("{at: +0s, ack: flood}",
         ['"by" is missing; write by: and the name or contact id of who does it']),
        ("{at: +0s, decline: flood, by: Ann Lee}",
         ["only a contact of the home can decline; write a contact's id"]),
        ("{at: +0s, resolve: flood, by: Ann Lee}",
         ['"outcome" is missing; write outcome: assistance_given']),
        ("{at: +0s, call: flood, by: Ann Lee}",
         ['"contact" is missing; write contact: ben, or contact: resident',
          '"result" is missing; write result: no_answer']),
        ("{at: +0s, duplicate: flood, by: Ann Lee}",
         ['"to" is missing; write to: 1, the number of the other alert']),
        ("{at: +0s, promise: to ring, by: Ann Lee}",
         ["write how long, for: 2h, or until when, until: Sun 18:00"]),
        ("{at: +0s, end_silence: yes, by: Ann Lee}",
         ["must be true; write true, or remove the key"]),
        ("{at: +0s, phone: bn, does: silent}",
         ["larch-12 has no contact 'bn'; did you mean \"ben\"?"]),
        ("{at: +0s, phone: ben, does: loud}", ["write silent"]),
        ("{at: +0s, phone: ben}", ['"does" is missing; write does: silent']),
        ("{at: +0s, outage: 5}", ["'5' has no unit; write 5s for seconds or 5m for minutes"]),
        ("pressed", ["must have keys of its own; write {at: +0s, ...}"]),
    ],
)  # fmt: skip
def test_a_slip_in_the_stream_is_answered_with_what_to_write(
    tmp_path: Path, entry: str, sentences: list[str]
) -> None:
    """One slip, one sentence."""
    assert one_entry(tmp_path, "stream", entry) == sentences


@pytest.mark.parametrize(
    ("entry", "sentences"),
    [
        ("{at: +0s, opened: flod}", ["there is no rule 'flod'; did you mean \"flood\"?"]),
        ("{at: +0s, opend: flood}", ['the entry expects nothing; did you mean "opened"?']),
        ("{at: +0s}", ["the entry expects nothing; write one an entry"]),
        ("{at: +0s, sms: ben, opened: flood}",
         ["the entry expects opened and sms at once; write one an entry"]),
        ("{at: +0s, by: +1m, sms: ben}", ["at and by are one too many; write one of them"]),
        ("{at: +2m..+1m, sms: ben}",
         ["'+2m..+1m' ends before it begins; write the earlier moment first"]),
        ("{by: 1m, sms: ben}",
         [("not a moment: '1m'; write +2m5s from the start, 02:10 or Sun 02:10 local time,"
          " or 2026-03-29T02:10")]),
        ("{sms: bob}",
         ["larch-12 has no contact 'bob'; known here: ben, monitoring_centre, sender"]),
        ("{push: ben}",
         [("nothing sends by push, so that this cannot come; remove it (channels with a sender:"
          " sms, voice, email)")]),
        ("{sms: ben, say: x}", ['"say" is not known here; did you mean "says"?']),
        ("{sms: ben, until: +5m}", ['"until" is not known here; known here: at, by, says, sms']),
        ("{nothing: yes, until: +5m}", ["must be true; write true, or remove the key"]),
        ("{opened: flood, priority: hgh}",
         ["'hgh' is not known here; known here: life_safety, routine, technical, urgent"]),
        ("{acknowledged_by: [ben]}", ["must be a text; write it in quotes"]),
    ],
)  # fmt: skip
def test_a_slip_in_what_is_expected_is_answered_with_what_to_write(
    tmp_path: Path, entry: str, sentences: list[str]
) -> None:
    """Also for a channel that nothing sends by: it would never come."""
    assert one_entry(tmp_path, "expect", entry) == sentences


def test_all_problems_of_a_file_come_at_once_with_their_places(tmp_path: Path) -> None:
    """In the order of the file, each at its own line and column."""
    text = """\
- scenario: one
  home: larch-21
  start: 2026-03-02T10:00
- scenario: two
  home: larch-12
  start: yesterday
- scenari: three
  home: larch-12
  start: 2026-03-29T01:30
- scenario: four
  home: larch-12
  start: 2026-03-02T10:00
  phones: {bob: silent, ben: loud}
  ignore: [flod]
  stream: {at: +0s}
  expcet: []
- five
- scenario: six
  home: larch-12
  start: 2026-03-02T10:00
  phones: silent
  stream:
    - {at: +0s, outage: 20m}
    - {at: +5m, stopped: 20m}
    - {at: +6m, device: hall, motion: detected, every: 300d, times: 2}
"""
    assert refused(tmp_path, text) == [
        "2:9: there is no home 'larch-21'; did you mean \"larch-12\"?",
        "6:10: not a time: 'yesterday'; write local time like 2026-03-28T23:50",
        '7:3: "scenario" is missing; write scenario: and what it shows',
        (
            "9:10: 2026-03-29 has no 01:30:00 in Europe/London: the clocks skip it;"
            " write a time before or after the gap"
        ),
        "13:12: larch-12 has no contact 'bob'; known here: ben, monitoring_centre",
        "13:30: write silent",
        "14:11: 'flod' is no rule and no priority; did you mean \"flood\"?",
        "15:11: must be a list; write lines that begin with -",
        '16:3: "expcet" is not known here; did you mean "expect"?',
        "17:3: a scenario has keys of its own; write scenario:, home:, start: ...",
        "21:11: write a line for each phone, like ben: silent",
        "24:7: begins before the outage or stop before it is over; write it later",
    ]


@pytest.mark.parametrize("text", ["", "[]", "scenarios: []", "hello", "homes: []"])
def test_a_file_without_scenarios_is_refused(tmp_path: Path, text: str) -> None:
    """An empty file that passes would be taken for a test."""
    assert refused(tmp_path, text)[-1].endswith(
        "a scenario file is a list of scenarios; write - scenario: and its name"
    )


def test_a_scenario_lasts_a_year_and_a_day_at_most(tmp_path: Path) -> None:
    """More is a slip of the pen, and would run for ever."""
    entry = "{at: +1d, device: hall, motion: detected, every: 90d, times: 6}"

    assert one_entry(tmp_path, "stream", entry) == [
        "goes on for more than 366 days; write fewer times"
    ]


def test_a_stream_has_a_hundred_thousand_happenings_at_most(tmp_path: Path) -> None:
    """What is longer is a recording, and `replay` plays it."""
    entry = "{at: +0s, device: hall, motion: detected, for: 1s, every: 2s, times: 50001}"

    assert one_entry(tmp_path, "stream", entry) == [
        "more than 100000 happenings; write a shorter scenario"
    ]


def test_what_lies_after_the_end_is_told(tmp_path: Path) -> None:
    """It would never happen, and nobody would notice; what began may go on behind the end."""
    text = f"""{HEAD}  until: +1h
  stream:
    - {{at: +10m, device: hall, motion: detected, every: 30m, times: 9}}
    - {{at: +2h, device: hall, motion: clear}}
    - {{at: +50m, outage: 20m}}
  expect:
    - {{at: +1h, opened: flood}}
    - {{at: +1h1s..+2h, sms: ben}}
"""
    message = "lies after the end of the scenario; write a later until, or remove it"

    assert refused(tmp_path, text) == [f"{line}:7: {message}" for line in (7, 11)]

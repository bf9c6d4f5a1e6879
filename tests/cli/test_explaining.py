"""`explain` as people and scripts use it: from the store, from a recording, and why not."""

from pathlib import Path

import msgspec
import pytest

from telecared.cli import lines
from telecared.sim.lines import ReplayLine
from tests.cli.conftest import Call, Hear

HALL = "telecare/northside/larch-12/hall"
WATCH = "telecare/northside/larch-12/watch"
RULES = """
rules:
  still:
    when: {inactive_for: 4h, of: motion}
  fall:
    when: {property: fall, is: detected}
    priority: life_safety
  elsewhere:
    when: {property: fall, is: detected}
    applies_to: {homes: [oak-1]}
  cellar:
    when: {property: contact, is: open, at: cellar, for: 5m}
  trial:
    when: {all: [{property: motion, is: detected}, {not: {property: fall, is: detected}}]}
    mode: watch
policies:
  family-then-centre:
    steps: [{notify: carers, wait: 2m}, {notify: monitoring_centre}]
"""
RECORDING = """\
{"tst": "2026-06-01T07:00:00Z", "topic": "telecare/northside/larch-12/hall", "qos": 1, \
"payload": {"motion": "detected"}}
{"tst": "2026-06-01T07:10:00Z", "topic": "telecare/northside/larch-12/watch", "qos": 1, \
"payload": {"fall": "detected"}}
{"tst": "2026-06-01T19:00:00Z", "topic": "telecare/northside/larch-12/hall", "qos": 1, \
"payload": {"motion": "clear"}}
"""


@pytest.fixture
def recorded(site: Path) -> tuple[str, ...]:
    """What asks about the home of a recording."""
    (site / "day.jsonl").write_text(RECORDING, encoding="utf-8")
    (site / "rules.yaml").write_text(RULES, encoding="utf-8")
    homes = (site / "homes.yaml").read_text(encoding="utf-8")
    zoned = homes.replace("    address:", "    timezone: Europe/London\n    address:")
    (site / "homes.yaml").write_text(zoned, encoding="utf-8")
    return (
        "explain", "larch-12", "--stream", "day.jsonl", "--homes", "homes.yaml",
        "--rules", "rules.yaml",
    )  # fmt: skip


def test_people_read_what_waits_what_is_open_and_what_is_not(
    recorded: tuple[str, ...], call: Call
) -> None:
    """In the home's local time; what is not met is named at the end."""
    said = call(*recorded, "--at", "2026-06-01T11:59:59")

    assert said.code == 0
    assert "larch-12 at Mon 01 Jun 2026 11:59:59 (Europe/London)" in said.out
    assert "waiting: it fires at 12:00:00 on Mon 01 Jun unless something ends it" in said.out
    assert "open: alert larch-12/2 carries it, which opened at 08:10:00 on Mon 01 Jun" in said.out
    assert "no device for it: cellar (--rule NAME says more)" in said.out
    assert "not in force: elsewhere" in said.out
    assert "family-then-centre, step 1: ben by sms" in said.out
    assert "Ben Hall" not in said.out
    after = call(*recorded, "--at", "2026-06-01T11:00:00Z", "--rule", "still").out
    assert "open: alert larch-12/3" in after


def test_each_rule_is_an_object_with_every_field(recorded: tuple[str, ...], call: Call) -> None:
    """What scripts read is what `schema --output explain` describes."""
    objects = call(*recorded, "--json").objects

    assert all(list(one) == list(lines.ExplainLine.__struct_fields__) for one in objects)
    for one in objects:
        msgspec.convert(one, lines.ExplainLine)
    found = {str(one["rule"]): one for one in objects}
    assert found["elsewhere"]["standing"] == "not_in_force"
    assert found["elsewhere"]["why"] == ("it applies to homes oak-1; of these this home has none")
    parts = msgspec.convert(found["trial"]["parts"], list[lines.ExplainPart])
    assert [part.depth for part in parts] == [0, 1, 1, 2]
    assert {str(one["at"]) for one in objects} == {"2026-06-01T19:00:00.000000Z"}
    schema = call("schema", "--output", "explain").objects[0]
    assert "ExplainLine" in str(schema)


def test_slips_are_sentences(recorded: tuple[str, ...], call: Call) -> None:
    """A home, a rule or a time that is none; and options that do not belong together."""
    for arguments, sentence in (
        ((*recorded, "--at", "noon"), "'noon' is no time"),
        ((*recorded, "--rule", "stil"), 'there is no rule stil; did you mean "still"?'),
        ((*recorded, "--rule", "unknown-device"), "the machinery finds it"),
        (("explain", "oak-1", *recorded[2:]), "there is no home oak-1 in --homes"),
        (("explain", "larch-12", "--stream", "day.jsonl"), "add --homes FILE"),
        (("explain", "larch-12", "--homes", "homes.yaml"), "belong to --stream"),
    ):
        said = call(*arguments)
        assert (said.code, said.out) == (2, "")
        assert sentence in said.err


def test_the_store_tells_what_was_decided_and_who_was_told(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Lines of the record stand beside the rule; that somebody looked is on record too."""
    hear(WATCH, b'{"fall": "detected"}')

    said = call("explain", "larch-12", "--rule", "fall", "--by", "Ann Lee")
    (one,) = call("explain", "larch-12", "--rule", "fall", "--json").objects
    gone = call("explain", "larch-12", "--rule", "gone")
    future = call("explain", "larch-12", "--at", "2200-01-01T00:00", "--rule", "fall")
    early = call("explain", "larch-12", "--at", "2001-01-01T00:00")

    assert "open: alert larch-12/1 carries it" in said.out
    assert "on record before:" in said.out
    assert "notification.queued to ben" in said.out
    record = msgspec.convert(one["record"], list[ReplayLine])
    assert record[0].event == "alert.opened"
    assert all(line.rule == "fall" for line in record)
    assert gone.code == 2
    assert "there is no rule gone" in gone.err
    assert "lies after the last thing on record" in future.err
    assert future.code == 0
    assert early.code == 1
    assert "check the id, and that it was registered then" in early.err
    assert call("explain", "oak-1").err.startswith("there is no home oak-1 at")
    assert "oak-1" in call("explain", "oak-1", "--at", "2026-01-01T00:00").err


def test_a_rule_that_was_removed_says_when(registered: Path, call: Call, hear: Hear) -> None:
    """It is not a slip to ask for a rule of last month; nor for one that came later."""
    config = registered / "telecared.yaml"
    plain = config.read_text(encoding="utf-8")
    (registered / "more.yaml").write_text(
        "rules:\n  damp: {when: {property: humidity, above: 80}}\n", encoding="utf-8"
    )
    hear(HALL, b'{"motion": "detected"}')
    before = str(call("explain", "larch-12", "--rule", "fall", "--json").objects[0]["at"])
    config.write_text(f"{plain}\nrules: [more.yaml]\n", encoding="utf-8")
    hear(HALL, b'{"motion": "clear"}')
    config.write_text(plain, encoding="utf-8")
    hear(HALL, b'{"motion": "detected"}')

    later = call("explain", "larch-12", "--rule", "damp", "--at", before)
    removed = call("explain", "larch-12", "--rule", "damp")

    assert (later.code, removed.code) == (2, 2)
    assert "damp was not yet among the rules; it came at" in later.err
    assert "damp was removed from the rules" in removed.err

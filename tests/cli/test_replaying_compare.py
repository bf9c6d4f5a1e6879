"""`replay` of several recordings, of the last days of a store, and held against other rules."""

import gzip
from pathlib import Path

import msgspec
import pytest

from telecared.cli import lines
from tests.cli.conftest import Call, Hear

POLICY = """
policies:
  family-then-centre:
    steps: [{notify: carers, wait: 2m}, {notify: monitoring_centre}]
"""
FALL = "  fall: {when: {property: fall, is: detected}, priority: life_safety}\n"
STILL = "  still: {when: {inactive_for: HOURS, of: motion}MODE}\n"


def rules_of(hours: str, mode: str = "") -> str:
    """Rules that differ in how long nobody may move."""
    still = STILL.replace("HOURS", hours).replace("MODE", mode)
    return f"rules:\n{FALL}{still}{POLICY}"


def message(clock: str, device: str = "hall", payload: str = '{"motion":"detected"}') -> str:
    """One line of a recording."""
    topic = f"telecare/northside/larch-12/{device}"
    return f'{{"tst":"{clock}","topic":"{topic}","qos":1,"payload":{payload}}}\n'


@pytest.fixture
def recorded(site: Path) -> Path:
    """Two recordings of one home over ten days, and three folders of rules."""
    hall = [message(f"2026-06-{day:02}T{hour:02}:00:0{second}Z", payload=f'{{"motion":"{word}"}}')
            for day in range(1, 11) for hour in (6, 9, 14, 20)
            for second, word in enumerate(("detected", "clear"))]  # fmt: skip
    (site / "hall.jsonl").write_text("".join(hall), encoding="utf-8")
    fall = message("2026-06-03T10:00:00Z", "watch", '{"fall":"detected"}')
    (site / "watch.jsonl").write_text(fall, encoding="utf-8")
    (site / "now.yaml").write_text(rules_of("7h"), encoding="utf-8")
    (site / "then.yaml").write_text(rules_of("5h"), encoding="utf-8")
    (site / "watch.yaml").write_text(rules_of("7h", ", mode: watch"), encoding="utf-8")
    return site


FILES = ("--homes", "homes.yaml", "--rules", "now.yaml", "--seen-to", "30m")
REPLAY = ("replay", "hall.jsonl", "watch.jsonl", *FILES)


def test_several_recordings_are_played_together(recorded: Path, call: Call) -> None:
    """By their times, whichever is named first; gzipped or plain, the same to the byte."""
    said = call(*REPLAY, "--json")
    packed = (recorded / "hall.jsonl").read_bytes()
    (recorded / "hall.gz").write_bytes(gzip.compress(packed))

    opened = [str(line["at"])[:16] for line in said.objects if line["event"] == "alert.opened"]
    assert "2026-06-03T10:00" in opened
    assert opened == sorted(opened)
    assert call(*REPLAY, "--json").out == said.out
    again = ("replay", "watch.jsonl", "hall.gz", *FILES, "--json")
    assert call(*again).out == said.out
    broken = recorded / "broken.jsonl"
    broken.write_text("nonsense\n", encoding="utf-8")
    assert "broken.jsonl: line 1" in call("replay", "hall.jsonl", "broken.jsonl", *FILES).err


def test_other_rules_are_compared_with_those_in_force(recorded: Path, call: Call) -> None:
    """New, gone and moved alerts, by month, and night wakings; exit 1 where anything differs."""
    said = call(*REPLAY, "--compare", "then.yaml")
    scripted = call(*REPLAY, "--compare", "then.yaml", "--json")
    same = call(*REPLAY, "--compare", "now.yaml", "--json")
    one, other = (msgspec.convert(each, lines.CompareLine) for each in scripted.objects)

    assert said.code == scripted.code == 1
    assert "20 alerts would be new:" in said.out
    assert "night wakings now" in said.out
    assert (one.home, other.home) == ("larch-12", "larch-14")
    assert one.days == pytest.approx(9.583, abs=0.001)
    assert (one.before, one.after) == (10, 30)
    assert one.before_a_month == pytest.approx(31.77, abs=0.01)
    assert (one.night_wakings_before, one.night_wakings_after) == (9, 9)
    assert (len(one.new), len(one.moved), one.gone) == (20, 9, [])
    assert (one.moved[0].before[11:16], one.moved[0].after[11:16]) == ("03:00", "01:00")
    assert same.code == 0
    assert [each["same"] for each in same.objects] == [10, 0]
    assert "CompareLine" in str(call("schema", "--output", "compare").objects[0])


def test_nobody_ends_alerts_unless_that_is_asked_for(recorded: Path, call: Call) -> None:
    """Left alone an alert stays open, and what is found later only repeats it."""
    (recorded / "short.jsonl").write_text(
        message("2026-06-01T06:00:00Z", "watch", '{"fall":"detected"}')
        + message("2026-06-01T07:00:00Z", "watch", '{"fall":"clear"}')
        + message("2026-06-01T08:00:00Z", "watch", '{"fall":"detected"}'),
        encoding="utf-8",
    )

    def events(*more: str) -> list[object]:
        said = call("replay", "short.jsonl", *FILES[:4], *more, "--json")
        found = [(line["event"], str(line["at"])[11:16], line["reason"]) for line in said.objects]
        return [one[:2] for one in found if one[0] in (
            "alert.opened", "alert.repeated", "alert.resolved")]  # fmt: skip

    assert events() == [("alert.opened", "06:00"), ("alert.repeated", "08:00")]
    assert events("--seen-to", "90m") == [
        ("alert.opened", "06:00"), ("alert.resolved", "07:30"), ("alert.opened", "08:00"),
    ]  # fmt: skip


def test_a_rule_that_would_only_watch_is_another_kind(recorded: Path, call: Call) -> None:
    """Nobody would be woken: that is a difference, although the same alert opens."""
    said = call(*REPLAY, "--compare", "watch.yaml")

    assert said.code == 1
    assert "would be another kind:" in said.out
    assert "-> urgent, watched" in said.out


def test_what_cannot_be_played_twice_or_together_is_a_sentence(recorded: Path, call: Call) -> None:
    """stdin; and options that belong to the store, or to recordings."""
    for arguments, sentence in (
        (("replay", "-", "--homes", "homes.yaml", "--compare", "then.yaml"), "read once only"),
        (("replay", "-", "-", "--homes", "homes.yaml"), "read once only"),
        (
            ("replay", "hall.jsonl", "--homes", "homes.yaml", "--days", "3"),
            "belong to --from-store",
        ),
        (("replay", "hall.jsonl"), "write replay STREAM --homes FILE"),
        (("replay", "hall.jsonl", "--from-store"), "leave STREAM and --homes out"),
        (("replay", "--from-store", "--days", "0"), "less than one"),
        (("replay", "--from-store", "--days", "3", "--verify"), "leave the others out"),
    ):
        said = call(*arguments)
        assert (said.code, said.out) == (2, "")
        assert sentence in said.err


def test_a_store_is_played_under_other_rules(registered: Path, call: Call, hear: Hear) -> None:
    """What devices sent in the last days, without what people did about it."""
    hear("telecare/northside/larch-12/watch", b'{"fall": "detected"}')
    call("resolve", "larch-12/1", "--outcome", "test", "--by", "Ben Hall")
    (registered / "none.yaml").write_text(
        f"rules:\n  wet: {{when: {{property: water, is: wet}}}}\n{POLICY}", encoding="utf-8"
    )
    stored = ("replay", "--from-store", "--home", "larch-12", "--days", "60", "--by", "Ann Lee")

    said = call(*stored, "--json")
    compared = call(*stored, "--compare", "none.yaml", "--json")

    assert said.objects[0]["event"] == "alert.opened"
    assert said.objects[0]["rule"] == "fall"
    assert compared.code == 1
    (one,) = compared.objects
    assert [each.rule for each in msgspec.convert(one, lines.CompareLine).gone] == ["fall"]
    assert call("replay", "--from-store", "--verify").code == 0

"""`score`: what the rules found in simulated homes, for people and for scripts."""

from pathlib import Path

import msgspec
import pytest

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import HOUR
from telecared.core.windows import rfc3339
from telecared.sim.happenings import Happening, What
from telecared.sim.score import Score
from telecared.sim.truth import SimulationLine
from tests.cli.conftest import Call

START = "2026-03-02T06:00:00Z"

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
    say: "Help wanted at {home.address}. Reply {code} if you are going."
policies:
  family-then-centre:
    steps: [{notify: carers, by: [sms], wait: 2m}, {notify: monitoring_centre}]
"""


@pytest.fixture
def truth(site: Path) -> str:
    """Two calls for help in larch-12, the second of which the stream below does not hold."""
    lines = [msgspec.json.encode(SimulationLine(1, START, "2026-03-09T06:00:00Z", 2)).decode()]
    for hours in (4, 30):
        at = parse_stamp(START) + hours * HOUR
        one = Happening(at, "larch-12", What.PENDANT)
        lines.append(line(one))
    file = site / "truth.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def line(one: Happening) -> str:
    """A happening as the truth tells it."""
    told = {
        "home": one.home, "what": one.what, "at": rfc3339(one.at), "until": rfc3339(one.end),
        "device": None, "class": one.nature.kind, "found_by": one.nature.found_by,
        "within": 0.0, "note": one.nature.note,
    }  # fmt: skip
    return msgspec.json.encode(told).decode()


@pytest.fixture
def stream(site: Path) -> str:
    """The first call, and one of the other home of which the truth knows nothing."""
    file = site / "stream.jsonl"
    messages = [
        ("2026-03-02T10:00:00Z", "larch-12/pendant"),
        ("2026-03-02T15:00:00Z", "larch-14/pendant"),
    ]
    file.write_text(
        "".join(
            f'{{"tst":"{at}","topic":"telecare/northside/{topic}","qos":1,"retain":0,'
            '"payload":"{\\"trigger\\":\\"pressed\\"}"}\n'
            for at, topic in messages
        ),
        encoding="utf-8",
    )
    (site / "rules.yaml").write_text(RULES, encoding="utf-8")
    return str(file)


def test_a_stream_is_replayed_and_scored(call: Call, truth: str, stream: str) -> None:
    """One of two calls found, one false alarm in two home-weeks, told as one JSON object."""
    said = call(
        "score", "--truth", truth, "--stream", stream, "--homes", "homes.yaml", "--rules",
        "rules.yaml", "--json",
    )  # fmt: skip
    assert (said.code, said.err) == (0, "")
    score = msgspec.json.decode(said.out, type=Score)
    (share,) = score.by_class
    assert (share.name, share.happened, share.found) == ("life_safety", 2, 1)
    assert score.false_urgent == 0.5
    assert [one.at for one in score.missed] == ["2026-03-03T12:00:00.000000Z"]


def test_what_replay_prints_is_scored_to_the_same(
    call: Call, site: Path, truth: str, stream: str
) -> None:
    """The file of `replay --json` and the stream itself come to one score."""
    alerts = site / "alerts.jsonl"
    replayed = call(
        "replay", stream, "--homes", "homes.yaml", "--rules", "rules.yaml", "--seen-to", "30m",
        "--json",
    )  # fmt: skip
    alerts.write_text(replayed.out, encoding="utf-8")
    from_alerts = call("score", "--truth", truth, "--alerts", str(alerts), "--json")
    from_stream = call(
        "score", "--truth", truth, "--stream", stream, "--homes", "homes.yaml", "--rules",
        "rules.yaml", "--json",
    )  # fmt: skip
    assert from_alerts.objects == from_stream.objects


def test_people_read_tables_and_a_list_of_what_was_missed(
    call: Call, truth: str, stream: str
) -> None:
    """Class, event and rule; false alarms; and each missed event with home, time and name."""
    said = call(
        "score", "--truth", truth, "--stream", stream, "--homes", "homes.yaml", "--rules",
        "rules.yaml",
    )  # fmt: skip
    assert said.code == 0
    assert "2 homes, 1.0 weeks: 2 alerts, 1 of something that happened" in said.out
    assert "50.0 %" in said.out
    assert "  larch-12 2026-03-03T12:00:00.000000Z pendant" in said.out
    assert "larch-14 2026-03-02T15:00:00.000000Z pendant-pressed (life_safety)" in said.out


def test_demands_that_are_not_met_are_findings(call: Call, site: Path, truth: str) -> None:
    """Exit code 1, with a sentence for each."""
    (site / "none.jsonl").write_text("", encoding="utf-8")
    arguments = ("score", "--truth", truth, "--alerts", "none.jsonl")
    said = call(*arguments, "--sensitivity", "1.0", "--false-urgent", "0.1", "--json")
    assert said.code == 1
    assert said.err.startswith("life safety: 0 of 2 found in time, which is less than")
    assert call(*arguments, "--sensitivity", "0", "--false-urgent", "0", "--json").code == 0


def test_too_many_false_alarms_are_a_finding(call: Call, site: Path, truth: str) -> None:
    """Per home and week."""
    (site / "alerts.jsonl").write_text(
        '{"home":"larch-14","rule":"flood","priority":"urgent","alert":"larch-14/1",'
        '"state":"open","opened_at":"2026-03-03T00:00:00Z"}\n',
        encoding="utf-8",
    )
    said = call("score", "--truth", truth, "--alerts", "alerts.jsonl", "--false-urgent", "0.1")
    assert said.code == 1
    assert said.err == "false urgent alerts: 0.5 per home and week, more than --false-urgent 0.1\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "write --alerts FILE, or --stream FILE"),
        (("--stream", "s.jsonl"), "--stream needs --homes"),
        (("--alerts", "a.jsonl", "--homes", "homes.yaml"), "belong to --stream"),
        (("--alerts", "a.jsonl", "--sensitivity", "2"), "a share from 0 to 1"),
        (("--alerts", "a.jsonl", "--false-urgent", "-1"), "write 0 or more"),
    ],
)
def test_options_that_do_not_go_together_are_a_sentence(
    call: Call, truth: str, arguments: tuple[str, ...], says: str
) -> None:
    """With what to write instead."""
    said = call("score", "--truth", truth, *arguments)
    assert said.code == 2
    assert says in said.err


def test_the_homes_must_be_those_of_the_simulation(
    call: Call, site: Path, truth: str, stream: str
) -> None:
    """Otherwise everything would count as missed."""
    told = Path(truth).read_text(encoding="utf-8").replace("larch-12", "elm-1")
    Path(truth).write_text(told, encoding="utf-8")
    said = call("score", "--truth", truth, "--stream", stream, "--homes", "homes.yaml")
    assert said.code == 1
    assert "names 1 home that --homes does not have, such as elm-1" in said.err


def test_a_stated_holiday_is_known_to_the_replay(call: Call, site: Path, stream: str) -> None:
    """The monitoring centre was told, so that no silence of it rings."""
    away = Happening(parse_stamp("2026-03-02T08:00:00Z"), "larch-12", What.HOLIDAY)
    told = line(away).replace('"within":0.0', '"stated":true,"within":null')
    head = msgspec.json.encode(SimulationLine(1, START, "2026-03-09T06:00:00Z", 2)).decode()
    (site / "truth.jsonl").write_text(f"{head}\n{told}\n", encoding="utf-8")
    said = call(
        "score", "--truth", "truth.jsonl", "--stream", stream, "--homes", "homes.yaml", "--rules",
        "rules.yaml", "--json",
    )  # fmt: skip
    rules = {one.rule for one in msgspec.json.decode(said.out, type=Score).false}
    # A pendant in a home that is stated as empty rings all the same: life safety is never muted.
    assert rules == {"pendant-pressed"}


def test_the_object_is_described(call: Call) -> None:
    """`schema --output score` names every field that scripts read."""
    said = call("schema", "--output", "score")
    assert said.code == 0
    assert "false_urgent" in said.out

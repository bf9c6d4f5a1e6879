"""Alert topics, heartbeat and synthetic resident as they are written, and what is wrong in them."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.load import examine_plan
from telecared.config.outward import overlapping
from telecared.core.plan import SYNTHETIC_HOME
from telecared.core.selftest import RULE
from telecared.core.vocabulary import MINUTE, SECOND
from telecared.errors import ConfigError

SMS = (
    "sms: [{provider: twilio, account_sid: AC00000000000000000000000000000000,"
    ' from: "+447700900000", auth_token: {env: TOKEN}}]\n'
)
SYNTHETIC = 'synthetic: {number: "+447700900999", page: {url: "https://page.example/x"}}\n'


def written(folder: Path, text: str) -> Path:
    """A deployment's file."""
    path = folder / "telecared.yaml"
    path.write_text(text)
    return path


def found_in(folder: Path, text: str) -> list[tuple[str, int, int, str]]:
    """What `check` says about the three, with its code, line and column."""
    _, findings = examine_plan(load_deployment(written(folder, text)))
    ours = ("alert-topics-heard", "synthetic-cannot-work", "synthetic-without-page")
    return [(one.code, one.line, one.col, one.level) for one in findings if one.code in ours]


def test_all_are_off_unless_written(tmp_path: Path) -> None:
    """Nothing goes anywhere that nobody asked for."""
    deployment = load_deployment(written(tmp_path, ""))
    assert (deployment.alert_topics, deployment.heartbeat, deployment.synthetic) == (None,) * 3
    loaded, _ = examine_plan(deployment)
    assert loaded is not None
    assert RULE not in {rule.name for rule in loaded.plan.rules}


def test_little_must_be_said(tmp_path: Path) -> None:
    """Defaults that do what they should."""
    text = SMS + SYNTHETIC + "alert_topics: {}\nheartbeat: {topic: telecared/heartbeat}\n"
    deployment = load_deployment(written(tmp_path, text))
    assert deployment.alert_topics is not None
    assert (deployment.alert_topics.prefix, deployment.alert_topics.discovery) == (
        "telecared/alerts", None
    )  # fmt: skip
    assert deployment.heartbeat is not None
    assert deployment.heartbeat.every == MINUTE
    assert deployment.synthetic is not None
    assert (deployment.synthetic.every, deployment.synthetic.within) == (15 * MINUTE, 90 * SECOND)
    loaded, _ = examine_plan(deployment)
    assert loaded is not None
    [rule] = [one for one in loaded.plan.rules if one.name == RULE]
    assert rule.applies_to.homes == (SYNTHETIC_HOME,)


@pytest.mark.parametrize(
    ("line", "place", "remedy"),
    [
        ("alert_topics: {prefix: telecared/#}", "1:24", "without + and #"),
        ("alert_topics: {prefix: /telecared}", "1:24", "between slashes"),
        ("heartbeat: {every: 60s}", "1:1", "add url: or topic:"),
        ("heartbeat: {topic: a, every: 1s}", "1:30", ""),
        ('heartbeat: {url: "http://hc.example/x"}', "1:18", "write https://"),
        ('heartbeat: {url: "nowhere"}', "1:18", "not a web address"),
        ('synthetic: {number: "+447700900999", every: 1m}', "1:45", ""),
        ('synthetic: {number: "+447700900999", every: 5m, within: 5m}', "1:1", "within: 90s"),
        ("synthetic: {number: nobody}", "1:21", ""),
        ("synthetic: {}", "1:1", "number"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, line: str, place: str, remedy: str) -> None:
    """The person who wrote it finds it, and what to write instead."""
    path = written(tmp_path, line + "\n")
    with pytest.raises(ConfigError) as caught:
        load_deployment(path)
    assert any(
        one.startswith(f"{path}:{place.split(':', maxsplit=1)[0]}:") and remedy in one
        for one in caught.value.problems
    ), caught.value.problems


def test_topics_that_we_would_hear_ourselves_are_refused(tmp_path: Path) -> None:
    """Our own alerts must not come in as strangers'."""
    text = SMS + 'schemes: [{id: all, topics: ["telecared/#"]}]\nalert_topics: {}\n'
    assert found_in(tmp_path, text) == [("alert-topics-heard", 3, 15, "error")]
    assert found_in(tmp_path, text.replace("telecared/#", "care/#")) == []


def test_a_heartbeat_or_an_entity_that_we_would_hear_is_refused_too(tmp_path: Path) -> None:
    """A heartbeat that comes back would be a stranger who speaks each minute."""
    scheme = "schemes: [{{id: all, topics: [{0}]}}]\n"
    beats = "heartbeat: {topic: care/telecared}\n"
    assert found_in(tmp_path, scheme.format("care/#") + beats) == [
        ("alert-topics-heard", 2, 20, "error")
    ]
    assert found_in(tmp_path, scheme.format("care/northside/#") + beats) == []
    entities = "alert_topics: {discovery: homeassistant}\n"
    assert found_in(tmp_path, scheme.format("homeassistant/#") + entities) == [
        ("alert-topics-heard", 2, 27, "error")
    ]
    assert found_in(tmp_path, scheme.format("homeassistant/+/+/state") + entities) == []


@pytest.mark.parametrize(
    ("heard", "overlaps"),
    [
        ("#", True),
        ("telecared/#", True),
        ("+/alerts/#", True),
        ("telecared/alerts/+/+", False),
        ("telecared", False),
        ("telecared/alerts/+", True),
        ("telecare/#", False),
        ("telecared/other/#", False),
        ("telecared/alerts/+/+/+", True),
    ],
)
def test_what_overlaps(heard: str, *, overlaps: bool) -> None:
    """Wildcards count as what they match: an alert's own topic stands three levels below."""
    assert (overlapping("telecared/alerts", [heard]) == heard) is overlaps


def test_a_self_test_that_cannot_work_is_refused(tmp_path: Path) -> None:
    """No sender, or a pilot that may not send there: each round would fail."""
    assert found_in(tmp_path, SYNTHETIC) == [("synthetic-cannot-work", 1, 21, "error")]
    pilot = SMS + SYNTHETIC + 'mode: pilot\nallow: ["+447700900123"]\n'
    assert found_in(tmp_path, pilot) == [("synthetic-cannot-work", 2, 21, "error")]


def test_a_self_test_that_pages_nobody_is_doubtful(tmp_path: Path) -> None:
    """When the daemon itself stands still, its own alerts do not go out."""
    text = SMS + 'synthetic: {number: "+447700900999"}\n'
    assert found_in(tmp_path, text) == [("synthetic-without-page", 2, 12, "warning")]


def test_calls_need_an_address_at_which_people_can_answer(tmp_path: Path) -> None:
    """Without a public address no key would ever arrive."""
    text = SMS.replace("sms:", "voice:")
    with pytest.raises(ConfigError) as caught:
        load_deployment(written(tmp_path, text))
    assert "public_url" in caught.value.problems[0]


def test_a_number_whose_replies_nobody_hears_is_doubtful(tmp_path: Path) -> None:
    """The text asks for a reply; whoever gives it must be heard."""
    text = (
        'sms: [{{provider: http, url: "https://x.example", from: "+447700900001",'
        ' body: {{to: "{{to}}", text: "{{text}}"}}{0}}}]\n'
    )
    heard = ", callback: {secret: {env: C}, inbound: {}}"
    for more, codes in (("", ["sms-replies-unheard"]), (heard, [])):
        _, findings = examine_plan(load_deployment(written(tmp_path, text.format(more))))
        assert [one.code for one in findings if one.code.startswith("sms-")] == codes


@pytest.mark.parametrize(
    ("console", "codes"),
    [
        ('{listen: "127.0.0.1:8080"}', []),
        ('{listen: "[::1]:8080"}', []),
        ('{listen: "0.0.0.0:8080"}', ["console-in-the-clear"]),
        ('{listen: "[::]:8080", public_url: "https://telecare.example"}', []),
    ],
)
def test_a_console_that_others_reach_without_tls_is_doubtful(
    tmp_path: Path, console: str, codes: list[str]
) -> None:
    """Passwords would go over the network in the clear."""
    _, findings = examine_plan(load_deployment(written(tmp_path, f"console: {console}\n")))
    assert [one.code for one in findings if one.code.startswith("console-")] == codes

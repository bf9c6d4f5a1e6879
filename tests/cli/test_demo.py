"""`demo`: the whole program in one process, ended by seconds or by Ctrl-C, with a ledger."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
import pytest

from telecared.adapters.sqlite import back_up
from telecared.cli.main import main
from telecared.demo.ledger import read_ending
from telecared.sim.broker import find_mosquitto

RUN = "import sys; from telecared.cli.main import main; sys.exit(main())"
DEADLINE_SECONDS = 25.0
BROKER_GONE_SECONDS = 5.0


def command(*arguments: object) -> list[str]:
    """The command line of `telecared` in a process of its own."""
    return [sys.executable, "-c", RUN, *map(str, arguments)]


def demo(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the demo to its end."""
    return subprocess.run(
        command("demo", *arguments),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        env={**os.environ, **environment},
        check=False,
    )


def needs_mosquitto() -> None:
    """Skip where there is none."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")


class Played(NamedTuple):
    """A demo that was played to its end, and the folder that it left."""

    ended: "subprocess.CompletedProcess[str]"
    folder: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Eight seconds at 600 times the speed of life, without a terminal."""
    needs_mosquitto()
    folder = tmp_path_factory.mktemp("played") / "demo"
    return Played(demo("--seconds", 8, "--speed", 600, "--json", "--keep", folder), folder)


def test_eight_seconds_without_a_terminal_end_in_one_object_that_balances(played: Played) -> None:
    """Alerts are opened, taken and closed, and nothing else is on stdout."""
    ended = played.ended
    assert (ended.returncode, ended.stderr) == (0, "")
    told = msgspec.json.decode(ended.stdout, type=dict[str, object])
    assert ended.stdout.count("\n") == 1
    assert set(told) == {
        "homes",
        "events",
        "alerts_opened",
        "alerts_acknowledged",
        "alerts_resolved",
        "alerts_escalating",
        "notifications",
        "ledger_balances",
    }
    counts = {name: number for name, number in told.items() if isinstance(number, int)}
    assert counts["homes"] == 12
    assert counts["events"] > 100
    assert counts["alerts_opened"] > 5
    assert counts["alerts_acknowledged"] > 0
    assert counts["alerts_resolved"] > 0
    assert told["ledger_balances"] is True
    assert counts["alerts_opened"] == sum(
        counts[f"alerts_{state}"] for state in ("acknowledged", "resolved", "escalating")
    )


def test_what_a_demo_leaves_is_a_store_like_any_other(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is sound from end to end, and every planned story is in it."""
    config = str(played.folder / "telecared.yaml")
    assert main(["verify", "-c", config]) == 0
    capsys.readouterr()
    assert main(["alerts", "-c", config, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    alerts = [msgspec.json.decode(line, type=dict[str, object]) for line in lines]
    owners = {alert["home"]: alert["owner"] for alert in alerts}
    assert owners["larch-12"] == "Ben Hall"  # the first carer
    assert owners["larch-14"] == "Omar Aziz"  # the carer's phone is off
    assert owners["larch-16"] == "Riverside Centre"  # nobody else answers
    recovered = [one for one in alerts if one["state"] == "resolved" and not one["resolved_by"]]
    assert "mains-lost" in {alert["rule"] for alert in recovered}


def test_the_ledger_sees_an_alert_that_somebody_made_disappear(
    played: Played, tmp_path: Path
) -> None:
    """Log, table and states are held against each other: two of them cannot hide the third."""
    back_up(played.folder / "telecared.db", tmp_path / "copy.db")
    before = read_ending(tmp_path / "copy.db")
    assert before.balances
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, connection:
        connection.execute("UPDATE alerts SET state = 'resolved' WHERE state = 'acknowledged'")
    after = read_ending(tmp_path / "copy.db")
    assert not after.balances
    assert len(after.alerts.differences) == before.alerts.acknowledged
    assert "but the record leaves it acknowledged" in after.problems[0]


def test_without_mosquitto_on_the_path_the_demo_brings_its_own_broker(tmp_path: Path) -> None:
    """It says that this one is not durable, and plays all the same."""
    pytest.importorskip("iotcore", reason="the extra `demo` is not installed")
    ended = demo("--seconds", 3, "--speed", 600, PATH=str(tmp_path))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.search(r"broker +iotcore on 127\.0\.0\.1:\d+, which is not durable", ended.stdout)
    assert "Mrs Ada Hall's pendant was pressed (larch-12)." in ended.stdout
    assert "It balances" in ended.stdout


class Newcomer:
    """Somebody who has just started the demo, at a browser."""

    def __init__(self, story: str) -> None:
        found = re.search(r"Open (\S+) and sign in as (\w+), password (\S+)", story)
        assert found is not None, story
        headers = {"sec-fetch-site": "same-origin"}
        self.browser = httpx.Client(base_url=found[1], headers=headers, follow_redirects=True)
        self.page = self.browser.post("/sign-in", data={"name": found[2], "password": found[3]})

    def sees(self, path: str, words: str) -> str:
        """Look at a page until it says something, and return the page."""
        until = time.monotonic() + DEADLINE_SECONDS
        while words not in (text := self.browser.get(path).text):
            assert time.monotonic() < until, text
            time.sleep(0.1)
        return text

    def does(self, path: str, **fields: str) -> None:
        """Press a button of the page of phones."""
        secret = re.search(r'name="csrf" value="([^"]+)"', self.browser.get("/demo/phones").text)
        assert secret is not None
        answer = self.browser.post(path, data={"csrf": secret[1], **fields})
        assert answer.status_code == 200, answer.text


def test_a_newcomer_presses_a_pendant_sees_the_alert_and_answers_from_the_phone() -> None:
    """With what the first lines say and nothing else; Ctrl-C adds it all up."""
    needs_mosquitto()
    playing = subprocess.Popen(
        command("demo"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert playing.stdout is not None
        story = ""
        until = time.monotonic() + DEADLINE_SECONDS
        while "wakes up" not in story:
            assert time.monotonic() < until, story
            story += playing.stdout.readline()
        newcomer = Newcomer(story)
        hint = re.search(r"telecared press --port (\d+) (\S+)\n", story)
        assert hint is not None
        assert main(["press", "--port", hint[1], hint[2]]) == 0
        phones = newcomer.sees("/demo/phones", "Reply YES")
        newcomer.sees("/", "2 Rowan Court")
        link = re.search(r'href="(http://127\.0\.0\.1:\d+/r/[\w-]+)"', phones)
        assert link is not None, phones
        assert "For Kate Bell only" in newcomer.browser.get(link[1]).text
        answer = re.search(r"YES \d{4}", phones)
        number = re.search(r"\+447700900\d{3}", phones)
        assert answer is not None
        assert number is not None
        newcomer.does("/demo/phones/reply", number=number[0], text=answer[0])
        at_the_door = newcomer.browser.post(link[1], data={"deed": "arrived"}).text
        assert re.search(r"How to get in.*Key safe.*Code</dt><dd>\d{4}", at_the_door, re.DOTALL)
        newcomer.does("/demo/phones/press", home="birch-3")
        until = time.monotonic() + DEADLINE_SECONDS
        while "Miss Ivy Lane's pendant was pressed (birch-3)." not in story:
            assert time.monotonic() < until, story
            story += playing.stdout.readline()
        # As a terminal does that is closed; the daemon handles SIGINT in the same way.
        playing.send_signal(signal.SIGHUP)
        began = time.monotonic()
        rest, complaints = playing.communicate(timeout=DEADLINE_SECONDS)
    finally:
        playing.kill()
        playing.communicate()
    newcomer.browser.close()
    assert time.monotonic() - began < 5
    assert (playing.returncode, complaints) == (0, "")
    assert "Mr George Bell's pendant was pressed (rowan-2)." in story
    assert "Kate Bell is going to Mr George Bell (rowan-2)." in story
    assert "/r/" not in story, "a link on the terminal would open nothing"
    assert "It balances: no alert was lost." in rest


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("setpriv") is None,
    reason="only Linux ends a child with its parent, and util-linux asks it to",
)
def test_the_broker_dies_with_a_demo_that_was_killed(tmp_path: Path) -> None:
    """Nothing is left listening after `kill -9`."""
    needs_mosquitto()
    playing = subprocess.Popen(
        command("demo", "--json", "--keep", tmp_path / "demo"), stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + DEADLINE_SECONDS
    config = tmp_path / "demo" / "broker" / "mosquitto.conf"
    while not (tmp_path / "demo" / "telecared.yaml").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    assert brokers_with(config)
    playing.kill()
    playing.wait()
    until = time.monotonic() + BROKER_GONE_SECONDS
    while brokers_with(config):
        assert time.monotonic() < until
        time.sleep(0.02)


def brokers_with(config: Path) -> list[str]:
    """The processes that were started with a configuration file."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(config).encode() in arguments:
            found.append(entry.parent.name)
    return found


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["--speed", "0"], ["--speed", "1e9"]])
def test_a_demo_at_no_speed_or_for_no_time_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and a sentence that names the option."""
    assert main(["demo", *arguments]) == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_folder_that_is_in_use_is_not_played_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store is never mixed with another's."""
    (tmp_path / "telecared.db").touch()
    assert main(["demo", "--seconds", "1", "--json", "--keep", str(tmp_path)]) == 1
    assert "not empty" in capsys.readouterr().err


def test_a_pendant_of_another_street_cannot_be_pressed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sentence lists the homes that there are."""
    assert main(["press", "--port", "1883", "elm-1"]) == 2
    assert "larch-12" in capsys.readouterr().err

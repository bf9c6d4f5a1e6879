"""`kill -9` again and again in a stream of messages: nothing lost, nothing stored twice (P1, P3).

The short form runs in the suite; the whole, 20 kills in 100,000 messages at 3,000 a second, in
`make acceptance`.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from telecared.core.policy import MONITORING_CENTRE
from tests.conftest import REPOSITORY
from tests.faults.story import NO_MOVEMENT, PENDANT, Site, doubled

HOMES = 50


async def _storm(site: Site, *, messages: int, rate: int, kills: int, seed: int) -> None:
    """Publish at a rate while the daemon is killed at instants that the seed chooses."""
    chance = random.Random(seed)
    site.start()
    await site.linked()
    load = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.load",
        *map(str, (site.broker.port, messages, rate, HOMES)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )
    lasts = messages / rate
    began = time.monotonic()
    for number in range(1, kills + 1):
        pause = lasts * (number - chance.random() * 0.6) / (kills + 1)
        await asyncio.sleep(max(0.0, began + pause - time.monotonic()))
        site.kill()
        site.start()
    out, _ = await load.communicate()
    assert int(out) == messages


def _assert_every_message_once(site: Site, messages: int) -> None:
    rows = [row for row in site.inputs("message") if row.device == "pir"]
    assert doubled(rows) == {}
    assert len(rows) == messages


def _assert_each_step_once(site: Site) -> None:
    """Ben is told first, then the centre; a repeat at the centre is a step of its own."""
    for alert in site.alerts("no-movement"):
        records = [row.record for row in site.records(alert.home) if row.record.alert == alert.n]
        told = [one.to for one in records if one.event == "notification.queued"]
        assert told[0] == "ben"
        assert told.count("ben") == 1
        assert set(told[1:]) <= {MONITORING_CENTRE}
        escalated = [one for one in records if one.event == "alert.escalated"]
        assert len(escalated) == len(told) - 1


def _assert_sent_at_most_twice(site: Site, kills: int) -> None:
    """P4: a message whose fate was unknown at a kill may have gone twice; no other."""
    callbacks = Counter(message.callback for message in site.phones.messages)
    assert sum(count - 1 for count in callbacks.values()) <= kills


async def _silence_is_noticed(site: Site) -> None:
    """When the devices fall silent, every home's timer fires, whatever was killed before."""
    await site.until(lambda: len(site.alerts("no-movement")) >= HOMES, "every timer")
    assert {row.home for row in site.alerts("no-movement")} == {
        f"h{number:03d}" for number in range(1, HOMES + 1)
    }
    await site.until(lambda: _told(site, MONITORING_CENTRE) >= HOMES, "every second step")
    assert await site.stop() == 0


def _told(site: Site, to: str) -> int:
    return sum(
        1
        for number in range(1, HOMES + 1)
        if any(
            row.record.to == to and row.record.event == "notification.queued"
            for row in site.records(f"h{number:03d}")
        )
    )


async def _survives(folder: Path, *, messages: int, rate: int, kills: int) -> None:
    async with Site(folder, homes=HOMES, rules=PENDANT + NO_MOVEMENT) as site:
        await _storm(site, messages=messages, rate=rate, kills=kills, seed=7)
        await site.until(lambda: site.count("message") >= messages, "the backlog")
        await _silence_is_noticed(site)
        _assert_every_message_once(site, messages)
        _assert_each_step_once(site)
        _assert_sent_at_most_twice(site, kills)
        site.assert_sound()


async def test_three_kills_in_a_stream_lose_nothing(tmp_path: Path) -> None:
    """P1, P3: 0 lost, 0 stored twice, every armed timer fires, no step skipped or doubled."""
    await _survives(tmp_path, messages=6_000, rate=1_500, kills=3)


@pytest.mark.acceptance
async def test_twenty_kills_in_a_hundred_thousand_messages_lose_nothing(tmp_path: Path) -> None:
    """P1, P3: the whole form, at 3,000 messages a second."""
    await _survives(tmp_path, messages=100_000, rate=3_000, kills=20)

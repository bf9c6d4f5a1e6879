"""Once a day the head of the audit chain leaves the machine."""

import asyncio
from pathlib import Path

import msgspec
import structlog
from structlog.testing import capture_logs

from telecared.adapters.system_clock import EngineClock
from telecared.app import chain_head, held_homes, tell_head
from telecared.config.deployment import load_deployment
from telecared.errors import StoreError
from telecared.shard import open_shard
from tests.cli.conftest import Call


def test_the_head_is_told_to_everybody_even_if_one_cannot_hear(
    registered: Path,
) -> None:
    """What the broker keeps is what the store had; a place that fails keeps it from no other."""
    heard: list[bytes] = []

    async def fails(_: bytes) -> None:
        raise StoreError("the broker is gone")

    async def hears(payload: bytes) -> None:
        heard.append(payload)

    async def tell() -> tuple[int, str]:
        deployment = load_deployment(registered / "telecared.yaml")
        async with open_shard(deployment, clock_from=EngineClock) as shard:
            shard.head_told += [fails, hears]
            await tell_head(shard)
            return chain_head(deployment.store_path)

    structlog.reset_defaults()
    with capture_logs() as logged:
        entries, head = asyncio.run(tell())

    assert [msgspec.json.decode(one) for one in heard] == [{"entries": entries, "head": head}]
    assert len(head) == 64
    assert {"event": "chain.head_not_told", "error": "StoreError", "log_level": "warning"} in logged
    assert {"event": "chain.head", "entries": entries, "head": head, "log_level": "info"} in logged


def test_how_many_homes_retention_passes_over_is_known(registered: Path, call: Call) -> None:
    """Two holds on one home are one home."""
    for _ in range(2):
        call("hold", "larch-12", "--by", "Ann Lee", "--reason", "An inquest is open.")

    assert held_homes(registered / "telecared.db") == 1

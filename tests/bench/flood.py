"""Simulated homes published as fast as they can be, for the benchmark beside it.

`python -m tests.bench.flood PORT N` publishes the first N messages of 100 homes and prints the
seconds from the first of them until the broker had answered for all.
"""

import asyncio
import sys
import time
from itertools import islice

from telecared.adapters.mqtt_flood import FloodPublisher
from telecared.adapters.system_clock import FastClock
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY
from telecared.ports import BrokerSettings
from telecared.sim.publish import Pace, publish_stream
from telecared.sim.residents import street_stream
from telecared.sim.street import make_street

START = parse_stamp("2026-03-02T06:30:00Z")
HOMES = 100


async def main(port: int, count: int) -> None:
    """Publish, and print how long it took."""
    residents = [household.resident for household in make_street(HOMES)]
    messages = street_stream(residents, lambda _: (), start=START, end=START + DAY, seed=1)
    settings = BrokerSettings(host="127.0.0.1", port=port, client_id="bench")
    async with FloodPublisher(settings) as publisher:
        clock = FastClock(start=START + DAY, speed=1.0)
        # The homes' first day is drawn within the time that is measured, as every other would be.
        began = time.perf_counter()
        await publish_stream(
            islice(messages, count),
            publisher,
            clock,
            pace=Pace(),
            push=publisher.push,
        )
        await publisher.flush()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:3])))

"""A publisher of many devices, in a process of its own.

`python -m tests.faults.load PORT N RATE HOMES`: message i goes to home i mod HOMES, with a counter
per device. It waits for the broker's answer to every message before it ends, and prints how many
were answered.
"""

import asyncio
import sys
import time

from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.ports import BrokerSettings

BURST = 20
"""Messages published between two looks at the clock."""


async def publish(port: int, count: int, rate: float, homes: int) -> None:
    """Publish `count` motion messages at `rate` a second."""
    settings = BrokerSettings(host="127.0.0.1", port=port, client_id="load")
    async with MqttPublisher(settings, in_flight=2_000) as devices:
        began = time.monotonic()
        for number in range(count):
            if number % BURST == 0:
                ahead = number / rate - (time.monotonic() - began)
                if ahead > 0:
                    await asyncio.sleep(ahead)
            seq, home = divmod(number, homes)
            word = "clear" if seq % 2 else "detected"
            payload = b'{"motion": "%s", "seq": %d}' % (word.encode(), seq)
            await devices.publish(f"telecare/north/h{home + 1:03d}/pir", payload)
        await devices.flush()
    print(count, flush=True)


if __name__ == "__main__":
    asyncio.run(publish(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))

"""A publisher that does nothing else, over paho: what the simulator's publishing is held against.

`python -m tests.bench.null_publisher PORT N WINDOW` publishes N messages at QoS 1 as paho's own
thread does it, with at most WINDOW unanswered, and prints the seconds until all were answered.
"""

import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


def main(port: int, count: int, window: int) -> None:
    """Publish messages of about a sensor's size."""
    answered = [0]
    done = threading.Event()

    def on_publish(*_: object) -> None:
        answered[0] += 1
        if answered[0] == count:
            done.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="null-publisher")
    client.max_inflight_messages_set(window)
    client.max_queued_messages_set(0)
    client.on_publish = on_publish
    client.connect("127.0.0.1", port)
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.01)
    began = time.perf_counter()
    for number in range(count):
        client.publish(
            f"telecare/northside/home-{number % 10_000:05}/hall",
            b'{"motion":"detected","seq":%d}' % number,
            qos=1,
        )
    done.wait(120)
    print(time.perf_counter() - began, flush=True)
    client.disconnect()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))

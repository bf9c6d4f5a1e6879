"""A subscriber that does nothing, over paho: what the ingest benchmark is held against.

`python -m tests.bench.null_paho PORT N` prints a line when it is subscribed and one when it has
heard N messages. It acknowledges on receipt, as paho does by itself: it keeps nothing.
"""

import sys
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


def main(port: int, count: int) -> None:
    """Count messages."""
    heard = [0]
    done = threading.Event()

    def on_message(_client: mqtt.Client, _data: object, _message: mqtt.MQTTMessage) -> None:
        heard[0] += 1
        if heard[0] == count:
            done.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="null", clean_session=False)
    client.on_message = on_message
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.connect("127.0.0.1", port)
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.01)
    client.subscribe("telecare/#", 1)
    done.wait(120)
    print("done", flush=True)
    client.disconnect()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

"""MQTT in: a persistent session that acknowledges only what has been committed.

`PahoSubscriber` is the port's Subscriber over paho-mqtt. The bookkeeping beside it (what is owed,
the canary, the backoff, the protocol) knows no library, so that a second transport can share it.
Publishing is not here: see `telecared.adapters.mqtt_publish`.
"""

from telecared.adapters.mqtt.subscriber import PahoSubscriber

__all__ = ["PahoSubscriber"]

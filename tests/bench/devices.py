"""Devices for benchmarks: packets encoded before the clock starts, on one plain socket.

`python -m tests.bench.devices PORT N HOMES WINDOW RATE` publishes N messages at QoS 1 with at most
WINDOW unanswered (RATE 0: flat out) and prints the seconds it took.
"""

import select
import socket
import struct
import sys
import time

CHUNK = 50


def _length(size: int) -> bytes:
    out = b""
    while True:
        size, digit = divmod(size, 128)
        out += bytes([digit | (128 if size else 0)])
        if not size:
            return out


def _packet(head: int, body: bytes) -> bytes:
    return bytes([head]) + _length(len(body)) + body


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def connect(port: int, client: str = "bench-devices") -> socket.socket:
    """Return an accepted MQTT 3.1.1 connection."""
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(_packet(0x10, _text("MQTT") + b"\x04\x02\x00\x00" + _text(client)))
    if link.recv(4)[3] != 0:
        raise SystemExit("the broker refused the connection")
    return link


def topic(home: int, device: int) -> str:
    """Return the native topic of a device of a home."""
    return f"telecare/bench/h{home:05d}/d{device}"


def packet(where: str, payload: bytes, identifier: int) -> bytes:
    """Return the packet of one message at QoS 1."""
    return _packet(0x32, _text(where) + struct.pack(">H", identifier) + payload)


def message(number: int, homes: int) -> bytes:
    """Return the packet of message `number`: three readings and a counter."""
    home, device, seq = number % homes, number // homes % 9, number // homes // 9
    word = b"clear" if seq % 2 else b"detected"
    payload = b'{"motion": "%s", "battery": 81, "temperature": 21.5, "seq": %d}' % (word, seq)
    return packet(topic(home, device), payload, number % 65_535 + 1)


def publish(port: int, count: int, homes: int, window: int, rate: float) -> float:
    """Publish and return the seconds until the broker had answered for all."""
    link = connect(port)
    packets = [message(number, homes) for number in range(count)]
    step = CHUNK if not rate else 10
    chunks = [b"".join(packets[at : at + step]) for at in range(0, count, step)]
    link.setblocking(False)
    began = time.perf_counter()
    sent = answered = offset = 0
    while answered < count:
        due = not rate or sent <= (time.perf_counter() - began) * rate
        may_send = sent < count and sent - answered < window and due
        readable, writable, _ = select.select([link], [link] if may_send else [], [], 0.002)
        if writable:
            chunk = chunks[sent // step]
            offset += link.send(memoryview(chunk)[offset:])
            if offset == len(chunk):
                sent, offset = min(count, sent + step), 0
        if readable:
            answered += len(link.recv(262_144)) // 4
    return time.perf_counter() - began


if __name__ == "__main__":
    port, count, homes, window = map(int, sys.argv[1:5])
    print(publish(port, count, homes, window, float(sys.argv[5])), flush=True)

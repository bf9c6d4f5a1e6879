"""Open consoles for the benchmark beside it: streams that note when each new alert came.

`python -m tests.bench.consoles PORT` reads lines from stdin: `open COOKIE...` opens one stream for
each cookie and says `open`; `close` closes them and says `closed`; `seen` prints one JSON object:
alert -> when it was on each screen, by the monotonic clock that all processes share.
"""

import asyncio
import json
import re
import sys
import time

NEW = re.compile(rb'event: row\ndata: \{"id":"([^"]+)","section":"at_centre"')

seen: dict[str, dict[int, float]] = {}


async def look(port: int, number: int, cookie: str, is_open: asyncio.Event) -> None:
    """Read one stream until it is cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    asks = f"GET /live?view=queue HTTP/1.1\r\nHost: bench\r\nCookie: tc-session={cookie}\r\n\r\n"
    writer.write(asks.encode())
    rest = b""
    try:
        while chunk := await reader.read(2**18):
            at = time.monotonic()
            data = rest + chunk
            for alert in NEW.findall(data):
                seen.setdefault(alert.decode(), {}).setdefault(number, at)
            rest = data[-200:]
            if b"event: pulse" in data:
                is_open.set()
    finally:
        writer.close()


async def main(port: int) -> None:
    """Do what stdin says."""
    loop = asyncio.get_running_loop()
    looking: list[asyncio.Task[None]] = []
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word, *cookies = line.split()
        if word == "open":
            opened = [asyncio.Event() for _ in cookies]
            looking = [
                asyncio.create_task(look(port, number, cookie, opened[number]))
                for number, cookie in enumerate(cookies)
            ]
            await asyncio.gather(*(one.wait() for one in opened))
            print("open", flush=True)
        elif word == "close":
            for one in looking:
                one.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
            print("closed", flush=True)
        else:
            print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

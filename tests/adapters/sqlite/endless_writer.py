"""A process that commits batches until it is killed, and says what has been committed.

Run as a module with the path of a database; each line on stdout is the highest committed id.
"""

import asyncio
import sys
from pathlib import Path

from telecared.core.vocabulary import SECOND
from telecared.store_port import Batch, HomeWrite
from tests.adapters.sqlite import samples

BATCH_INPUTS = 40


async def write(path: Path) -> None:
    """Commit forever."""
    store = samples.open_store(path)
    loaded = await store.load()
    number = loaded.last_input
    while True:
        first = number + 1
        number += BATCH_INPUTS
        inputs = [samples.message(each, home=f"home-{each % 7}") for each in range(first, number)]
        inputs.append(samples.event(number, "alive"))
        n = number // BATCH_INPUTS
        await store.commit(
            Batch(
                at=samples.MIDNIGHT + number * SECOND,
                inputs=inputs,
                homes=[
                    HomeWrite(f"home-{each}", b"%d" % number * 100, number) for each in range(7)
                ],
                alerts=[samples.alert(n=n)],
                records=[
                    samples.line("alert.opened", number=number, n=n),
                    samples.line("notification.queued", number=number, n=n, to="ben"),
                ],
                notifications=[samples.sms(n=n)],
            )
        )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1])))

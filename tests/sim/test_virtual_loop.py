"""The loop of virtual time: it jumps, orders by its chance and fairly, and notices who waits."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from telecared.sim.virtual_loop import Circle, Deadlock, VirtualLoop

Result = TypeVar("Result")


def run(work: Callable[[], Awaitable[Result]], chance: random.Random | None = None) -> Result:
    """Run a coroutine on a loop of its own, and let go of what it leaves behind."""
    loop = VirtualLoop(chance)

    async def main() -> Result:
        return await work()

    try:
        return loop.run_until_complete(main())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def test_a_night_passes_at_once() -> None:
    """Time jumps to the next timer, and is exact."""

    async def night() -> list[float]:
        loop = asyncio.get_running_loop()
        times = [loop.time()]
        for seconds in (3600.0, 0.25):
            await asyncio.sleep(seconds)
            times.append(loop.time())
        return times

    assert run(night) == [0.0, 3600.0, 3600.25]


def test_a_timeout_is_virtual_too() -> None:
    """What the daemon waits for with a limit ends at that limit."""

    async def waits() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(8.0):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(waits) == 8.0


def test_a_cancelled_timer_costs_no_time() -> None:
    """Only timers that are still wanted move the time."""

    async def waits() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(5.0, lambda: None).cancel()
        await asyncio.sleep(7.0)
        return loop.time()

    assert run(waits) == 7.0


def order(chance: random.Random | None) -> list[int]:
    """The order in which five that are ready together run, twice each."""

    async def race() -> list[int]:
        ran: list[int] = []

        async def runner(number: int) -> None:
            for _ in range(2):
                ran.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(runner(number) for number in range(5)))
        return ran

    return run(race, chance)


def test_who_is_ready_together_runs_in_an_order_of_the_seed() -> None:
    """The same seed orders the same, other seeds order otherwise, without one nothing moves."""
    orders = {tuple(order(random.Random(seed))) for seed in range(10)}

    assert order(random.Random(3)) == order(random.Random(3))
    assert len(orders) > 5
    assert order(None) == [0, 1, 2, 3, 4] * 2


def test_nobody_runs_twice_before_everybody_has_run_once() -> None:
    """Any order is a fair one."""
    for seed in range(20):
        ran = order(random.Random(seed))

        assert sorted(ran[:5]) == [0, 1, 2, 3, 4]


def test_who_waits_for_ever_is_noticed() -> None:
    """Nothing is ready and no timer stands: a deadlock, not a test that hangs."""

    async def waits() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match=r"no timer stands, at 0\.000 s"):
        run(waits)


def test_who_runs_in_circles_is_noticed() -> None:
    """Steps follow steps and no time passes: that ends too."""

    async def spins() -> None:
        while True:
            await asyncio.sleep(0)

    with pytest.raises(Circle, match="no time passes"):
        run(spins)


def test_hooks_are_told_each_step_and_each_jump() -> None:
    """What holds promises looks after every step, and before time passes."""
    loop = VirtualLoop()
    steps: list[float] = []
    jumps: list[float] = []
    loop.after_step = lambda: steps.append(loop.time())
    loop.before_jump = jumps.append

    loop.run_until_complete(asyncio.sleep(2.0))
    loop.close()

    assert jumps == [2.0]
    assert len(steps) == loop.steps > 2

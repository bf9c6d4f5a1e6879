"""Rates of providers, in virtual time: the most dangerous has the next turn (design 3.1, 14)."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from telecared.core.vocabulary import Priority
from telecared.pacing import (
    FAILING_AFTER,
    LONGEST_RETRY_AFTER,
    REST_SECONDS,
    RETRY_AFTER_SECONDS,
    Circuit,
    Pace,
)

LS, ROUTINE = Priority.LIFE_SAFETY, Priority.ROUTINE
SLOT = 0.1


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as nothing else is to do."""

    def __init__(self) -> None:
        super().__init__(_Jumping(self))
        self.at = 0.0

    def time(self) -> float:
        """The virtual time in seconds."""
        return self.at


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        """Wait for nothing: let the time pass instead."""
        if timeout:
            self._loop.at += timeout
        return super().select(0)


def play(story: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a story in virtual time."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(story())
    finally:
        loop.close()


def now() -> float:
    """The virtual time."""
    return asyncio.get_running_loop().time()


def test_ten_thousand_routine_messages_delay_an_alarm_by_one_slot() -> None:
    """Whoever is in danger has the next turn, whoever else waits, at any moment of the storm."""

    async def story() -> None:
        pace = Pace(1 / SLOT)
        storm = [asyncio.create_task(pace.turn(ROUTINE)) for _ in range(10_000)]
        for _ in range(20):
            await asyncio.sleep(0.537)
            begun = now()
            await pace.turn(LS)
            assert now() - begun <= SLOT + 1e-6
        for task in storm:
            task.cancel()

    play(story)


def test_a_provider_gets_no_more_than_its_rate() -> None:
    """A hundred messages at ten a second take ten seconds, in the order of danger and arrival."""

    async def story() -> None:
        pace, taken = Pace(10), list[tuple[str, int]]()

        async def send(priority: Priority, number: int) -> None:
            await pace.turn(priority)
            taken.append((priority, number))

        async with asyncio.TaskGroup() as group:
            for number in range(50):
                group.create_task(send(ROUTINE, number))
            for number in range(50):
                group.create_task(send(LS, number))
        assert now() == pytest.approx(9.9)
        assert taken[0] == (ROUTINE, 0)
        assert taken[1:51] == [(LS, number) for number in range(50)]
        assert taken[51:] == [(ROUTINE, number) for number in range(1, 50)]

    play(story)


def test_a_pause_is_kept_and_bounded() -> None:
    """Retry-After holds for everybody but life safety, and never for a day."""

    async def story() -> None:
        pace = Pace(None)
        pace.pause(60.0)
        assert pace.delay(ROUTINE) == pytest.approx(60.0)
        await pace.turn(LS)
        assert now() == pytest.approx(RETRY_AFTER_SECONDS)
        await pace.turn(ROUTINE)
        assert now() == pytest.approx(60.0)
        pace.pause(86_400.0)
        assert pace.delay(ROUTINE) == pytest.approx(LONGEST_RETRY_AFTER)

    play(story)


def test_a_provider_that_says_no_time_is_left_alone_for_a_little() -> None:
    """429 without Retry-After."""

    async def story() -> None:
        pace = Pace(None)
        pace.pause(None)
        assert pace.delay(ROUTINE) == pytest.approx(RETRY_AFTER_SECONDS)

    play(story)


def test_whoever_stopped_waiting_takes_no_turn() -> None:
    """A cancelled message does not cost the next one a slot."""

    async def story() -> None:
        pace = Pace(1)
        await pace.turn(ROUTINE)
        gone = asyncio.create_task(pace.turn(ROUTINE))
        await asyncio.sleep(0)
        gone.cancel()
        await pace.turn(ROUTINE)
        assert now() == pytest.approx(1.0)

    play(story)


def test_a_failing_provider_is_probed_by_one_message_a_minute() -> None:
    """Three in a row open the circuit; one success closes it."""
    at = [0.0]
    circuit = Circuit(seconds=lambda: at[0])
    assert [circuit.failed() for _ in range(FAILING_AFTER)] == [False, False, True]
    assert [circuit.is_open, circuit.may_be_probed()] == [True, False]
    at[0] += REST_SECONDS
    assert [circuit.may_be_probed(), circuit.may_be_probed()] == [True, False]
    assert [circuit.failed()] == [False]
    at[0] += REST_SECONDS
    assert [circuit.may_be_probed(), circuit.worked()] == [True, True]
    assert [circuit.is_open, circuit.worked()] == [False, False]

"""The one fixture of the core's stories: worlds whose unexpected messages fail the test."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from tests.core.world import World


class Story(Protocol):
    """Begins a world; its arguments are those of `World`."""

    def __call__(self, **arguments: Any) -> World:  # noqa: ANN401 - handed on to `World`
        """Begin."""


@pytest.fixture
def story() -> Iterator[Story]:
    """Worlds that are held against what the story expected when it has ended."""
    worlds: list[World] = []

    def begin(**arguments: Any) -> World:  # noqa: ANN401 - handed on to `World`
        worlds.append(World(**arguments))
        return worlds[-1]

    yield begin
    for world in worlds:
        world.expect_nothing()

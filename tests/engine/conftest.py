"""What the stories of the engine share: quiet logs, and a way to make a night."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import structlog

from tests.engine.night import Night

MakeNight = Callable[..., Night]

IN_MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """A story is told by what is on record, not by log lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: these stories test decisions, not disks."""
    if not IN_MEMORY.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=IN_MEMORY) as made:
        yield Path(made)


@pytest.fixture
def night(folder: Path) -> MakeNight:
    """Make a night in a folder of its own."""

    def make(**more: Any) -> Night:  # noqa: ANN401 - whatever a night takes
        return Night(**{"folder": folder, **more})

    return make

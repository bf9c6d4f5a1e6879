"""A real mosquitto for the tests of this folder, or a reason why they are skipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.sim.broker import MosquittoBroker, find_mosquitto

# The contract's assertions explain themselves like those of a test module.
pytest.register_assert_rewrite("tests.adapters.subscriber_contract")


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    """One broker for all tests that do it no harm; each takes a client id of its own."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    with MosquittoBroker(tmp_path_factory.mktemp("mosquitto"), persistence=False) as broker:
        yield broker


@pytest.fixture
def own_mosquitto(tmp_path: Path) -> Iterator[MosquittoBroker]:
    """A broker for one test, which may kill it; not started."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    broker = MosquittoBroker(tmp_path / "mosquitto")
    yield broker
    broker.stop()

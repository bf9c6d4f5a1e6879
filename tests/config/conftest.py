"""The plan of the packs that ship, read once for all tests of files."""

from pathlib import Path

import pytest

from telecared.config.homes import Surroundings
from telecared.config.load import LoadedPlan, load_plan
from tests.config.support import bare_deployment


@pytest.fixture(scope="session")
def shipped() -> LoadedPlan:
    """The plan of the packs that ship."""
    return load_plan(bare_deployment(Path()))


@pytest.fixture(scope="session")
def around(shipped: LoadedPlan) -> Surroundings:
    """What homes may refer to when nothing but what ships is there."""
    return Surroundings(
        sources=shipped.sources,
        profiles=frozenset(shipped.profiles),
        policies=frozenset(policy.name for policy in shipped.plan.policies),
        timezone="Europe/London",
        scheme_timezones={"southside": "Europe/Madrid"},
    )

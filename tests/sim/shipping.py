"""The rules and profiles that ship, read once for all tests that look at many homes."""

from functools import cache
from pathlib import Path

from telecared.config.deployment import default_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.decode import CompiledProfile


@cache
def shipped_plan() -> LoadedPlan:
    """What `telecared` uses where nobody names anything else."""
    return load_plan(default_deployment(Path()), rules=None)


@cache
def shipped_profiles() -> dict[str, CompiledProfile]:
    """The profiles that ship, by name."""
    return {name: each.compiled for name, each in shipped_plan().profiles.items()}

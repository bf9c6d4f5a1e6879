"""What rules and homes a command is about that needs no store: a plan and records from files.

Shared by `replay`, `explain`, `preview` and `rules`; what they do with it is theirs.
"""

from pathlib import Path

from telecared.cli.common import find_config
from telecared.cli.files import read_homes
from telecared.config.check import surroundings
from telecared.config.deployment import default_deployment, load_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.plan import HomeRecord


def plan_and_homes(
    homes: tuple[Path, ...], rules: tuple[Path, ...], config: Path | None
) -> tuple[LoadedPlan, list[HomeRecord]]:
    """Return the rules that are meant, and the homes of some files under them.

    Args:
        homes: files of homes.
        rules: files and folders in place of the deployment's own; none for its own.
        config: the deployment's file; None for the one in this folder, or the defaults.

    Raises:
        ConfigError: with everything that is wrong in them.
    """
    given = find_config(config)
    deployment = load_deployment(given) if given is not None else default_deployment(Path())
    loaded = load_plan(deployment, rules=rules or None)
    return loaded, read_homes(homes, surroundings(deployment, loaded))

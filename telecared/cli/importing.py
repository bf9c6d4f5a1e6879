"""`import`: homes from YAML or CSV into the store, all of them or none.

Reading and checking is `config`, carrying it out is the engine's; here is what happens between.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.adapters.sqlite import SqliteReader
from telecared.cli.common import By, Config, Exit, Json, Wait, duration_of, name_of, require_config
from telecared.cli.output import count_of, say, warn
from telecared.cli.store import hand_in, make_store
from telecared.config.check import surroundings
from telecared.config.deployment import Deployment, load_deployment
from telecared.config.findings import sentences_in_order
from telecared.config.homes import load_homes
from telecared.config.load import LoadedPlan, load_plan
from telecared.config.positions import sentence
from telecared.core.plan import HomeRecord, decode_home
from telecared.errors import ConfigError, Refused
from telecared.orders import ImportOrder

NAMED_MAX: Final = 10
"""Homes that are named in the question before they are deleted."""


def import_homes(
    files: Annotated[
        tuple[Path, ...], Parameter(name="FILE", help="YAML, or a table that ends in .csv.")
    ],
    /,
    *,
    by: By,
    replace: Annotated[
        bool,
        Parameter(name="--replace", negative=(), help="Delete the homes that no FILE names."),
    ] = False,
    yes: Annotated[
        bool, Parameter(name="--yes", negative=(), help="Delete them without asking back.")
    ] = False,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Register homes, or change what is registered of them."""
    name, waited = name_of(by), duration_of(wait, "--wait")
    deployment = load_deployment(require_config(config))
    loaded = load_plan(deployment)
    homes = read_all(files, deployment, loaded)
    stored = stored_homes(deployment.store_path)
    delete = tuple(sorted(stored.keys() - {home.id for home in homes})) if replace else ()
    _refuse_conflicts(loaded, stored, homes, delete)
    if delete and not yes:
        shown = ", ".join(delete[:NAMED_MAX]) + (", ..." if len(delete) > NAMED_MAX else "")
        raise Refused(
            f"--replace would delete {count_of(len(delete), 'home')}: {shown}; nothing was"
            " changed. Add --yes if that is meant"
        )
    if not as_json:
        gone = f", {count_of(len(delete), 'home')} to delete" if delete else ""
        say(f"{count_of(len(homes), 'home')} to import{gone}")
    if not deployment.store_path.exists():
        make_store(deployment.store_path)
    return hand_in(
        deployment,
        kind="import",
        by=name,
        body=msgspec.json.encode(ImportOrder(homes=homes, delete=delete)),
        wait=waited,
        as_json=as_json,
        loaded=loaded,
    )


def read_all(
    files: tuple[Path, ...], deployment: Deployment, loaded: LoadedPlan
) -> tuple[HomeRecord, ...]:
    """Return the homes of all files; what is doubtful goes to stderr.

    Raises:
        ConfigError: with everything that is wrong in any of them.
    """
    around = surroundings(deployment, loaded)
    homes: dict[str, HomeRecord] = {}
    places: dict[str, str] = {}
    problems: list[str] = []
    for file in files:
        try:
            read = load_homes(file, around)
        except ConfigError as error:
            problems += error.problems
            continue
        for doubt in read.warnings:
            warn(f"{doubt.file}:{doubt.line}:{doubt.col}: warning: {doubt.message}")
        for index, home in enumerate(read.homes):
            if home.id in homes:
                message = f"the home {home.id} is already in {places[home.id]}; remove one"
                problems.append(sentence(read.document, ("homes", index, "id"), message))
            homes[home.id], places[home.id] = home, read.document.name
    if problems:
        raise ConfigError(sentences_in_order(problems))
    return tuple(homes.values())


def stored_homes(path: Path) -> dict[str, HomeRecord]:
    """Return the homes that are registered; none where there is no database yet."""
    if not path.exists():
        return {}
    return {
        one.home: decode_home(one.record) for one in SqliteReader(path).load().homes if one.record
    }


def _refuse_conflicts(
    loaded: LoadedPlan,
    stored: dict[str, HomeRecord],
    homes: tuple[HomeRecord, ...],
    delete: tuple[str, ...],
) -> None:
    """Raise ConfigError when a device could not be told from one of another home."""
    from telecared.shard import directory_of

    new = {home.id for home in homes}
    kept = [home for name, home in stored.items() if name not in new and name not in delete]
    conflicts = directory_of(loaded.profiles)([*kept, *homes]).conflicts
    problems = [each for each in conflicts if each.partition("/")[0] in new]
    if problems:
        raise ConfigError(problems)

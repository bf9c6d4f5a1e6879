"""`check --coverage`: what homes are guarded against, as tables or lines, from files or the store.

The judgement is `config.coverage`; this asks the store for what it knows and prints.
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from telecared.cli.common import UsageError, instant_of
from telecared.cli.lines import CoverageLine
from telecared.cli.output import put, say, table
from telecared.config.check import Coverage
from telecared.config.coverage import TITLES, CoverageRow
from telecared.config.deployment import load_deployment
from telecared.core.plan import HomeRecord, decode_home
from telecared.core.state import HomeState, decode_state
from telecared.errors import ConfigError, StoreError

COLUMNS = ("danger", "sensor", "rule", "first told", "holes")


class Stored(NamedTuple):
    """What the store knows of homes."""

    records: list[HomeRecord]
    states: dict[str, HomeState]


def wanted_coverage(
    *, asked: bool, at: str | None, config: Path | None
) -> tuple[Coverage | None, list[HomeRecord]]:
    """Return what the report is asked for, and the homes that the store knows.

    Raises:
        UsageError: a time without a report, or no time.
        StoreError: the store is there and cannot be read.
    """
    if not asked:
        if at is not None:
            raise UsageError("--at: means something only with --coverage; add it")
        return None, []
    from telecared.adapters.system_clock import wall_now

    stored = stored_homes(config)
    instant = wall_now() if at is None else instant_of(at, "--at")
    return Coverage(instant, stored.states), stored.records


def stored_homes(config: Path | None) -> Stored:
    """Return the homes in the deployment's store; none when there is no store yet.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        path = load_deployment(config).store_path if config is not None else None
    except ConfigError:
        path = None  # told by `check`
    if path is None or not path.exists():
        return Stored([], {})
    from telecared.adapters.sqlite import SqliteReader

    found = Stored([], {})
    for home in SqliteReader(path).load().homes:
        if home.record is None:
            continue
        found.records.append(decode_home(home.record))
        if home.state is not None:
            try:
                found.states[home.home] = decode_state(home.state)
            except ValueError as error:
                raise StoreError(str(error)) from None
    return found


def show(rows: Sequence[CoverageRow], *, as_json: bool) -> None:
    """Print the rows: a line each, or a table for each home."""
    if as_json:
        for row in rows:
            put(msgspec.convert(row, CoverageLine, from_attributes=True))
        return
    for home, own in groupby(rows, key=lambda row: row.home):
        say(f"\n{home}")
        table(
            COLUMNS,
            [
                (
                    TITLES[row.hazard],
                    row.sensor,
                    row.rule,
                    row.responder.replace("_", " "),
                    "; ".join(row.holes) or None,
                )
                for row in own
            ],
        )

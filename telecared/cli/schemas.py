"""`schema`: what a file may hold, and what a command prints with `--json`, as JSON schemas.

The schemas of objects come from the very values that the commands print, those of files from
`config.schemas`.
"""

import inspect
import sys
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli import (
    device_lines,
    lines,
    notification_lines,
    operator_lines,
    promise_lines,
    record_lines,
    rota_lines,
    storm_lines,
    stranger_lines,
)
from telecared.cli.common import Exit, UsageError
from telecared.cli.output import put
from telecared.sim.lines import ReplayLine
from telecared.sim.score import Score

_OUTPUTS: Final[dict[str, type[msgspec.Struct]]] = {
    "ack": lines.CommandLine,
    "adopt": lines.CommandLine,
    "adopt --list": stranger_lines.StrangerLine,
    "alerts": lines.AlertLine,
    "backup": lines.CopyLine,
    "call": lines.CommandLine,
    "check": lines.CheckLine,
    "compare": lines.CompareLine,
    "coverage": lines.CoverageLine,
    "decline": lines.CommandLine,
    "decode": lines.DecodeLine,
    "demo": lines.DemoLine,
    "devices": device_lines.DeviceLine,
    "devices --unknown": stranger_lines.StrangerLine,
    "walk-test": device_lines.WalkTestLine,
    "escalate": lines.CommandLine,
    "events": lines.EventLine,
    "explain": lines.ExplainLine,
    "held": storm_lines.HeldLine,
    "hand-over": lines.CommandLine,
    "import": lines.CommandLine,
    "incidents": storm_lines.IncidentLine,
    "outage-check": lines.CommandLine,
    "outages": storm_lines.OutageLine,
    "link": lines.CommandLine,
    "message": lines.CommandLine,
    "notifications": notification_lines.NotificationLine,
    "operator add": operator_lines.AddedLine,
    "operator sessions": operator_lines.SessionLine,
    "operator token": operator_lines.TokenLine,
    "operators": operator_lines.OperatorLine,
    "plan-for": lines.CommandLine,
    "preview": ReplayLine,
    "promise": lines.CommandLine,
    "promise-kept": lines.CommandLine,
    "promises": promise_lines.PromiseLine,
    "record": stranger_lines.RecordLine,
    "replay": ReplayLine,
    "resolve": lines.CommandLine,
    "restore": lines.CopyLine,
    "rota override": lines.CommandLine,
    "rota show": rota_lines.RotaLine,
    "rules": lines.RuleLine,
    "score": Score,
    "silence": lines.CommandLine,
    "silence --list": lines.SilenceLine,
    "simulate": lines.SimulateLine,
    "snooze": lines.CommandLine,
    "suspend": lines.CommandLine,
    "suspend --list": lines.SuspensionsLine,
    "test": lines.ScenarioLine,
    "update": lines.CommandLine,
    "verify": lines.VerifyLine,
    "contacts": record_lines.ContactLine,
    "erase": lines.CommandLine,
    "export": record_lines.ExportLine,
    "hold": lines.CommandLine,
    "hold --list": record_lines.HoldLine,
    "latency": record_lines.LatencyLine,
    "report": record_lines.ReportLine,
}

_KINDS: Final = "rules, homes, policies, devices, config"


def schema(
    kind: Annotated[
        str | None,
        Parameter(
            name="KIND",
            show_default=False,
            help="A kind of file: rules, homes, policies, devices or config.",
        ),
    ] = None,
    /,
    *,
    output: Annotated[
        str | None,
        Parameter(
            name="--output",
            show_default=False,
            help="The command whose object is described.",
        ),
    ] = None,
) -> Exit:
    """Print the JSON schema of a kind of file, or of what a command prints with --json."""
    if (kind is None) == (output is None):
        raise UsageError(f"write a kind of file, one of {_KINDS}, or --output and a command")
    if kind is not None:
        return _file_schema(kind)
    known = _OUTPUTS.get(output or "")
    if known is None:
        names = ", ".join(sorted(_OUTPUTS))
        raise UsageError(f"--output: '{output}' prints no object; write one of {names}")
    put(_schema(known))
    return Exit.FINE


def _file_schema(kind: str) -> Exit:
    from telecared.config.schemas import FILE_KINDS, schema_text

    if kind not in FILE_KINDS:
        raise UsageError(f"'{kind}' is no kind of file; write one of {_KINDS}")
    sys.stdout.write(schema_text(kind))
    return Exit.FINE


def _schema(output: type[msgspec.Struct]) -> dict[str, object]:
    """Return the schema, with descriptions as they are read: a docstring's margin is not part."""
    schema = msgspec.json.schema(output)
    for part in schema["$defs"].values():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
    return schema

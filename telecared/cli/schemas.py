"""`schema`: what the object is that a command prints with `--json`, as a JSON schema.

The schemas come from the very values that the commands print.
"""

import inspect
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli import lines
from telecared.cli.common import Exit, UsageError
from telecared.cli.output import put

_OUTPUTS: Final[dict[str, type[msgspec.Struct]]] = {
    "ack": lines.CommandLine,
    "alerts": lines.AlertLine,
    "backup": lines.CopyLine,
    "check": lines.CheckLine,
    "decode": lines.DecodeLine,
    "demo": lines.DemoLine,
    "events": lines.EventLine,
    "import": lines.CommandLine,
    "resolve": lines.CommandLine,
    "restore": lines.CopyLine,
    "simulate": lines.SimulateLine,
    "snooze": lines.CommandLine,
    "verify": lines.VerifyLine,
}


def schema(
    *,
    output: Annotated[
        str, Parameter(name="--output", help="The command whose object is described.")
    ],
) -> Exit:
    """Print the JSON schema of what a command prints with --json."""
    if output == "replay":
        from telecared.sim.replay import ReplayLine

        put(_schema(ReplayLine))
        return Exit.FINE
    known = _OUTPUTS.get(output)
    if known is None:
        names = ", ".join(sorted([*_OUTPUTS, "replay"]))
        raise UsageError(f"--output: '{output}' prints no object; write one of {names}")
    put(_schema(known))
    return Exit.FINE


def _schema(output: type[msgspec.Struct]) -> dict[str, object]:
    """Return the schema, with descriptions as they are read: a docstring's margin is not part."""
    schema = msgspec.json.schema(output)
    for part in schema["$defs"].values():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
    return schema

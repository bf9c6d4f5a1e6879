"""The kinds of rule conditions, one module per kind, and the table that names them.

A new kind is a struct in `plan`, a module here, and a line in `KINDS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from telecared.core.conditions.base import CompiledCondition
from telecared.core.conditions.held import compile_held
from telecared.core.conditions.inactive import compile_inactive
from telecared.core.conditions.reading import compile_reading
from telecared.core.conditions.silent import compile_silent
from telecared.core.plan import Device, HeldFor, InactiveFor, ReadingIs, Rule, Silent

# Any: each compiler takes its own kind of condition; the key of the table says which.
Compiler = Callable[[Any, Rule, tuple[Device, ...]], CompiledCondition]

KINDS: Final[Mapping[type, Compiler]] = {
    ReadingIs: compile_reading,
    HeldFor: compile_held,
    InactiveFor: compile_inactive,
    Silent: compile_silent,
}


def compile_condition(rule: Rule, devices: tuple[Device, ...]) -> CompiledCondition:
    """Return the functions that decide a rule in a home with these devices."""
    return KINDS[type(rule.when)](rule.when, rule, devices)


__all__ = ["KINDS", "CompiledCondition", "compile_condition"]

"""The kinds of rule conditions, one module per kind, and the table that names them.

A new kind is a struct in `plan`, a module here, and a line in `KINDS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from telecared.core.conditions.base import CompiledCondition
from telecared.core.conditions.changes import compile_changes
from telecared.core.conditions.combined import Combined, compile_combined
from telecared.core.conditions.compare import compile_compare
from telecared.core.conditions.count import compile_count
from telecared.core.conditions.followed import compile_followed
from telecared.core.conditions.geofence import compile_geofence
from telecared.core.conditions.held import compile_held
from telecared.core.conditions.inactive import compile_inactive
from telecared.core.conditions.none_of import compile_none_of
from telecared.core.conditions.reading import compile_reading
from telecared.core.conditions.silent import compile_silent
from telecared.core.conditions.without import compile_without
from telecared.core.plan import Device, Rule
from telecared.core.when import (
    AllOf,
    AnyOf,
    Changes,
    Compare,
    Condition,
    Count,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Without,
)

# Any: each compiler takes its own kind of condition; the key of the table says which.
Compiler = Callable[[Any, Rule, tuple[Device, ...]], CompiledCondition]


def _compile_part(
    condition: Condition, rule: Rule, devices: tuple[Device, ...]
) -> CompiledCondition:
    return KINDS[type(condition)](condition, rule, devices)


def _compile_combined(
    condition: AllOf | AnyOf | Not, rule: Rule, devices: tuple[Device, ...]
) -> Combined:
    return compile_combined(condition, rule, devices, _compile_part)


KINDS: Final[Mapping[type, Compiler]] = {
    ReadingIs: compile_reading,
    HeldFor: compile_held,
    InactiveFor: compile_inactive,
    Without: compile_without,
    NoneOf: compile_none_of,
    Followed: compile_followed,
    Count: compile_count,
    Silent: compile_silent,
    Compare: compile_compare,
    Changes: compile_changes,
    Geofence: compile_geofence,
    AllOf: _compile_combined,
    AnyOf: _compile_combined,
    Not: _compile_combined,
}


def compile_condition(rule: Rule, devices: tuple[Device, ...]) -> CompiledCondition:
    """Return the functions that decide a rule in a home with these devices."""
    return KINDS[type(rule.when)](rule.when, rule, devices)


__all__ = ["KINDS", "CompiledCondition", "compile_condition"]

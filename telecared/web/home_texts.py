"""What people typed into forms, or sent as a file, read as the homes' file is: the same complaints.

A form is written out as a file with a line for each field, so that every complaint finds its field.
What the fields are is `home_fields`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from telecared.config.home_spelling import spell_home
from telecared.config.homes import LoadedHomes, Surroundings, read_homes
from telecared.core.directory import Directory
from telecared.core.plan import HomeRecord, Plan
from telecared.errors import ConfigError
from telecared.web.errors import BadForm

FORM: Final = "the form"
_PLACE: Final = re.compile(r"^the form:(\d+):\d+: (.*)$", re.DOTALL)

MAX_PROBLEMS: Final = 100
"""Complaints that one answer shows."""


class Around(msgspec.Struct, frozen=True):
    """What homes may refer to.

    Attributes:
        surroundings: rules, profiles, policies and people.
        conflicts: which devices of some homes could not be told apart, as sentences that begin
            with a home's id and a slash.
        directory: of the devices of some homes; None where no profile is at hand.
    """

    surroundings: Surroundings
    conflicts: Callable[[Sequence[HomeRecord]], list[str]]
    directory: Callable[[Sequence[HomeRecord]], Directory] | None = None


def around_plan(plan: Plan) -> Around:
    """Return what homes may refer to where only the plan is at hand, and not its files."""
    return Around(
        Surroundings(
            policies=plan.policy_names,
            people={person.id: person for person in plan.people},
            timezone=plan.site_timezone,
        ),
        lambda _: [],
    )


def read_form(home: Mapping[str, Any], around: Around) -> HomeRecord:
    """Return the home that a form tells of.

    Args:
        home: the keys of a home in the homes' file.
        around: what it may refer to.

    Raises:
        BadForm: with every problem under the path of its field, like `contacts.0.phone`.
    """
    lines: list[str] = []
    paths: list[str] = []
    for line, path in _written(home, ""):
        lines.append(line)
        paths.append(path)
    text = '{"homes": [\n' + "\n".join(lines) + "\n]}"
    try:
        loaded = read_homes(text, FORM, around.surroundings)
    except ConfigError as error:
        raise BadForm(_at_fields(error.problems, paths)) from None
    return loaded.homes[0]


def _written(
    value: object, path: str, before: str = "", after: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield the lines of a value as JSON, which is YAML, with the path of what stands on each."""
    if isinstance(value, Mapping):
        yield f"{before}{{", path
        items = list(value.items())
        for index, (key, one) in enumerate(items):
            inside = f"{path}.{key}".lstrip(".")
            comma = "," if index + 1 < len(items) else ""
            yield from _written(one, inside, f"{json.dumps(str(key))}: ", comma)
        yield f"}}{after}", path
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        yield f"{before}[", path
        for index, one in enumerate(value):
            comma = "," if index + 1 < len(value) else ""
            yield from _written(one, f"{path}.{index}", "", comma)
        yield f"]{after}", path
    else:
        yield f"{before}{json.dumps(value)}{after}", path


def _at_fields(problems: Sequence[str], paths: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems[:MAX_PROBLEMS]:
        told = _PLACE.match(problem)
        line = int(told[1]) - 2 if told else -1
        path = paths[line] if 0 <= line < len(paths) else ""
        words = told[2] if told else problem
        found[path] = f"{found[path]}; {words}" if path in found else words
    return found


def read_file(text: str, name: str, around: Around) -> LoadedHomes:
    """Return the homes of a file that was sent.

    Raises:
        BadForm: with everything that is wrong in it, as `file:line:col`.
    """
    try:
        return read_homes(text, name, around.surroundings)
    except ConfigError as error:
        more = len(error.problems) - MAX_PROBLEMS
        told = [*error.problems[:MAX_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
        raise BadForm({f"{index}": problem for index, problem in enumerate(told)}) from None


def conflicts_of(
    new: Sequence[HomeRecord],
    stored: Mapping[str, HomeRecord],
    around: Around,
    delete: Collection[str] = (),
) -> list[str]:
    """Return the devices of new homes that could not be told from those of others, as sentences.

    Each names the new home and its device only: the other one may be of another scheme.
    """
    names = {home.id for home in new} | set(delete)
    topics = {device.topic for home in new for device in home.devices}
    # Devices can be mistaken for one another on one topic only: of thousands of homes few matter.
    kept = [
        home
        for name, home in stored.items()
        if name not in names and any(device.topic in topics for device in home.devices)
    ]
    told = around.conflicts([*kept, *new])
    return [each for each in told if each.partition("/")[0] in names]


# --- what a change changes ----------------------------------------------------------------------


class Difference(msgspec.Struct, frozen=True):
    """One thing that is otherwise: its path, and how it was and will be; "" where it was not."""

    path: str
    before: str
    after: str


SECRET: Final = ("access",)
"""What is never shown in a diff: that it changes is enough."""


def differences(before: HomeRecord | None, after: HomeRecord) -> list[Difference]:
    """Return what is otherwise in a home, in the words of the homes' file."""
    old = {} if before is None else dict(_leaves(spell_home(before), ""))
    new = dict(_leaves(spell_home(after), ""))
    old |= {} if before is None else _values(before)
    new |= _values(after)
    if before is not None:
        old["contacts in order"], new["contacts in order"] = _orders(before, after)
    return [
        Difference(path, *_shown(path, old.get(path, ""), new.get(path, "")))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def _orders(before: HomeRecord, after: HomeRecord) -> tuple[str, str]:
    """Return in which order those are told who were and are contacts: it decides who is first."""
    both = {one.id for one in before.contacts} & {one.id for one in after.contacts}
    first, then = (
        ", ".join(one.id for one in home.contacts if one.id in both) for home in (before, after)
    )
    return first, then


def _shown(path: str, before: str, after: str) -> tuple[str, str]:
    if path.partition(".")[0] in SECRET:
        return "kept secret" if before else "", "kept secret" if after else ""
    return before, after


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of everything in a spelled home; items of lists go by their ids."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for index, one in enumerate(value):
            name = one.get("id", index) if isinstance(one, Mapping) else index
            yield from _leaves(one, f"{path}.{name}")
    elif isinstance(value, list):
        yield path, ", ".join(str(one) for one in value) or "none"
    else:
        yield path, str(value)


def _values(record: HomeRecord) -> dict[str, str]:
    return {
        f"rules.{rule}.{path}": json.dumps(value, default=str)
        for rule, values in record.rule_values.items()
        for path, value in values.items()
    }

"""House rules that no linter knows: sizes, heads, and what must never stand in a file.

An exception is a line in `EXCEPTIONS` with its reason. The dictionary is empty, and a pull request
that fills it has to say why.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

LINES_PER_MODULE_MAX = 400
LINES_PER_FUNCTION_MAX = 70

EXCEPTIONS: dict[str, str] = {}
"""`path` or `path:name` -> reason."""

_TEXT_SUFFIXES = {
    "", ".cfg", ".conf", ".css", ".html", ".js", ".json", ".jsonl", ".md", ".py", ".service",
    ".sql", ".svg", ".timer", ".toml", ".txt", ".yaml", ".yml",
}  # fmt: skip
_TOP = (
    ".ci", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "Makefile", "README.md",
    "constraints.txt", "devices", "docs", "examples", "pyproject.toml", "rules", "schemas",
    "scripts", "systemd", "telecared", "tests",
)  # fmt: skip

# Spelled in parts, so that this file passes its own test.
_NOTES_TO_OURSELVES = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
_MACHINE_PATHS = re.compile(
    r"(?<![\w.<])/(" + "|".join(("wo" + "rk", "ro" + "ot", "fa" + "rm")) + r")\b"
)
# British numbers, however they are spaced: 7700 900xxx and 1632 960xxx are set aside for drama.
_BRITISH_NUMBER = re.compile(r"(?<![\w.])(?:\+44|0044)[ \-]?\(?0?\)?((?:[ \-]?\d){9,10})(?!\d)")
_MOBILE_NUMBER = re.compile(r"(?<![\w.+])(07(?:[ \-]?\d){9})(?!\d)")
_DRAMA_NUMBER = re.compile(r"(7700900|1632960)\d{3}")


def files() -> Iterator[Path]:
    """Every text file that belongs to the project, in a stable order."""
    for name in _TOP:
        top = REPOSITORY / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in _TEXT_SUFFIXES and "__pycache__" not in path.parts:
                yield path


def modules() -> list[Path]:
    """Every Python module of the package and of the tests."""
    return [path for path in files() if path.suffix == ".py"]


def name_of(path: Path) -> str:
    """The path as messages tell it."""
    return path.relative_to(REPOSITORY).as_posix()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods and inner ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """`path:line` of every line of the project that matches."""
    found = []
    for path in files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name_of(path)}:{number}")
    return found


def numbers_of_real_people(text: str) -> list[str]:
    """British numbers in a text that are not set aside for drama."""
    national = [match[1] for match in _BRITISH_NUMBER.finditer(text)]
    national += [match[1][1:] for match in _MOBILE_NUMBER.finditer(text)]
    plain = [re.sub(r"\D", "", number) for number in national]
    return [number for number in plain if not _DRAMA_NUMBER.fullmatch(number)]


def test_every_module_opens_with_what_lives_there() -> None:
    """A reader learns from the head of a module whether it is the right one."""
    bare = [
        name_of(path)
        for path in modules()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        and name_of(path) not in EXCEPTIONS
    ]

    assert bare == []


def test_modules_stay_short_enough_to_read() -> None:
    """No module is longer than the limit."""
    long = []
    for path in modules():
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > LINES_PER_MODULE_MAX and name_of(path) not in EXCEPTIONS:
            long.append(f"{name_of(path)}: {count} lines")

    assert long == []


def test_functions_fit_on_a_screen() -> None:
    """No function is longer than the limit, its docstring included."""
    long = []
    for path in modules():
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            count = (function.end_lineno or function.lineno) - function.lineno + 1
            name = f"{name_of(path)}:{function.name}"
            if count > LINES_PER_FUNCTION_MAX and name not in EXCEPTIONS:
                long.append(f"{name}: {count} lines")

    assert long == []


def test_every_test_tells_its_story_in_a_sentence() -> None:
    """A failing test is understood from its docstring, before its code is read."""
    silent = []
    for path in modules():
        if not path.name.startswith("test_"):
            continue
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            is_test = function.name.startswith("test_")
            name = f"{name_of(path)}:{function.name}"
            if is_test and not ast.get_docstring(function) and name not in EXCEPTIONS:
                silent.append(name)

    assert silent == []


def test_no_note_to_ourselves_stands_in_for_the_work() -> None:
    """What is not done is an issue, not a word in the code."""
    assert [place for place in lines_with(_NOTES_TO_OURSELVES) if place not in EXCEPTIONS] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """Paths of somebody's machine work on nobody else's."""
    assert [place for place in lines_with(_MACHINE_PATHS) if place not in EXCEPTIONS] == []


def test_no_example_rings_at_a_real_person() -> None:
    """Every phone number in the project is one that Ofcom sets aside for drama."""
    found = []
    for path in files():
        if path.name == "constraints.txt":
            continue  # versions, not numbers
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            place = f"{name_of(path)}:{number}"
            if numbers_of_real_people(line) and place not in EXCEPTIONS:
                found.append(place)

    assert found == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("+447700900123", 0),
        ("+44 7700 900 999", 0),
        ("07700 900123", 0),
        ("+441632960012", 0),
        ("+44" + "7911123456", 1),
        ("0" + "7911 123456", 1),
        ("+44 " + "20 7123 4567", 1),
        ("tst 1744790000123456, id 0x0792b1", 0),
    ],
)
def test_real_numbers_are_told_from_drama_numbers(text: str, count: int) -> None:
    """The search for real numbers finds them in every common spelling."""
    assert len(numbers_of_real_people(text)) == count


def test_no_exception_outlives_its_reason() -> None:
    """Every exception names a file that exists, and says why."""
    for name, reason in EXCEPTIONS.items():
        assert (REPOSITORY / name.split(":")[0]).is_file(), name
        assert reason, name

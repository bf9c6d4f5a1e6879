"""What browsers are given: the vendored files are those that were looked at; nothing points out.

No request may leave the site, and the pages live under a content security policy that allows no
inline script and no inline style; what would break either is found here, without a browser.
"""

import hashlib
import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from telecared.web.pages import TEMPLATES
from tests.conftest import REPOSITORY
from tests.test_packaging import run

STATIC = TEMPLATES.parent / "static"
VENDOR = STATIC / "vendor"
ADDRESS = re.compile(r"(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\"'<>)]*", re.IGNORECASE)
HARMLESS = ("http://www.w3.org/", "https://github.com/leeoniya/uPlot")
"""The name of a namespace, and the comment in which a library says whose it is."""

OURS = [path for path in sorted(STATIC.rglob("*")) if path.is_file() and VENDOR not in path.parents]
PAGES = sorted(TEMPLATES.rglob("*.html"))


def listed() -> dict[str, str]:
    """File -> hash, as VENDORED.md has them."""
    text = (VENDOR / "VENDORED.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([^`]+)` .*\| `([0-9a-f]{64})` \|$", text, re.MULTILINE))


def test_every_vendored_file_is_the_one_that_was_looked_at() -> None:
    """A file that changed, or came in unseen, differs from the list."""
    kept = {path.name for path in VENDOR.iterdir()} - {"VENDORED.md"}
    code = {name for name in kept if not name.endswith(".LICENSE.txt")}
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in code}

    assert found == listed()


def test_every_vendored_file_stands_with_its_licence() -> None:
    """The list names a licence file for each, and the file is there."""
    text = (VENDOR / "VENDORED.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z-]+\.LICENSE\.txt)`", text)

    assert len(named) == len(listed())
    assert set(named) == {path.name for path in VENDOR.glob("*.LICENSE.txt")}


def test_no_static_file_and_no_template_names_another_host() -> None:
    """A browser on a site without a way out must not wait for one."""
    for path in [*OURS, *PAGES, *(VENDOR / name for name in listed())]:
        text = path.read_text(encoding="utf-8")
        out = [found for found in ADDRESS.findall(text) if not found.startswith(HARMLESS)]
        assert out == [], path
        if path.suffix == ".css":
            assert not re.search(r"url\(|@import", text), path


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_template_needs_nothing_that_the_policy_forbids(path: Path) -> None:
    """No inline script, no handler attribute, no style element, no style attribute."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\shx-on[:-]|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<style|\sstyle\s*=", text)


def test_our_scripts_make_no_code_of_text() -> None:
    """The policy forbids it, and a page in which it failed would fail at night."""
    for path in OURS:
        if path.suffix == ".js":
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\beval\(|new Function|document\.write", text), path


def test_dark_is_the_same_whether_the_system_or_the_switch_asks_for_it() -> None:
    """The colours are written twice, because old browsers know no shorter way."""
    text = (STATIC / "console.css").read_text(encoding="utf-8")
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.DOTALL)
    by_switch = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', text, re.DOTALL)

    assert by_system is not None
    assert by_switch is not None
    assert by_system[1].split() == by_switch[1].split()


def test_the_wheel_brings_what_pages_are_made_of(tmp_path: Path) -> None:
    """Whoever installs the wheel has every template and every static file, licences included."""
    pytest.importorskip("hatchling")
    import sys

    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert built.returncode == 0, built.stdout
    [wheel] = tmp_path.glob("*.whl")

    wanted = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in (STATIC, TEMPLATES)
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert wanted <= set(ZipFile(wheel).namelist())

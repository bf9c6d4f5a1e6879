"""The console's public address: it becomes the links in texts, and may be doubtful."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.load import examine_plan
from tests.config.support import POLICIES, written
from tests.conftest import REPOSITORY


def links_of(folder: Path, console: str) -> tuple[str, list[tuple[str, int, int]]]:
    """The address in the plan, and the warnings about links with their places."""
    path = folder / "telecared.yaml"
    native = REPOSITORY / "devices" / "native.yaml"
    path.write_text(f"console: {console}\ndevices: [{native}]\n")
    loaded, findings = examine_plan(load_deployment(path), rules=written(folder, a=POLICIES))
    assert loaded is not None
    told = [(one.code, one.line, one.col) for one in findings if one.code.startswith("link-")]
    return loaded.plan.link_url, told


@pytest.mark.parametrize(
    ("console", "url", "warnings"),
    [
        ("{}", "", []),
        ('{public_url: "https://care.example.org/"}', "https://care.example.org", []),
        ('{public_url: "http://127.0.0.1:8080"}', "http://127.0.0.1:8080", []),
        (
            '{public_url: "http://care.example.org"}',
            "http://care.example.org",
            [("link-in-the-clear", 1, 23)],
        ),
        (
            f'{{public_url: "https://care.example.org/{"x" * 40}"}}',
            f"https://care.example.org/{'x' * 40}",
            [("link-too-long", 1, 23)],
        ),
    ],
)
def test_the_public_address_is_in_the_plan_and_looked_at(
    tmp_path: Path, console: str, url: str, warnings: list[tuple[str, int, int]]
) -> None:
    """Without one there are no links; one in the clear, or too long for an SMS, is doubtful."""
    assert links_of(tmp_path, console) == (url, warnings)

"""What the deployment says of people at the console: how long a session holds, who is believed."""

from pathlib import Path

import pytest

from telecared.config.deployment import Deployment, load_deployment
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.errors import ConfigError


def read(folder: Path, console: str) -> Deployment:
    """Read a file that says this of the console."""
    file = folder / "telecared.yaml"
    file.write_text(f"console: {{{console}}}\n", encoding="utf-8")
    return load_deployment(file)


def test_a_session_holds_for_a_shift_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    """Twelve hours and the handover; a quarter of an hour without a hand on it."""
    plain, told = read(tmp_path, ""), read(tmp_path, "idle: 5m, session: 9h, proxies: 127.0.0.1")

    assert (plain.console.session, plain.console.idle) == (13 * HOUR, 15 * MINUTE)
    assert plain.console.proxies == ()
    assert plain.console.oidc is None
    assert (told.console.session, told.console.idle) == (9 * HOUR, 5 * MINUTE)
    assert told.console.proxies == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("console", "says"),
    [
        ("idle: 1s", "locks after 1m"),
        ("session: 30d", "lasts 10m to 7d"),
        ('oidc: {issuer: "https://id.test", client_id: x}', "public_url"),
        (
            'public_url: "https://c.test", oidc: {issuer: "http://id.test", client_id: x}',
            "write https://",
        ),
        (
            'oidc: {issuer: "https://id.test", client_id: x, client_secret: abc}',
            "a secret does not stand in this file",
        ),
    ],
)
def test_what_would_be_unsafe_is_refused_with_its_place(
    tmp_path: Path, console: str, says: str
) -> None:
    """Locks that never come, sessions for ever, secrets in the file, words anybody can read."""
    with pytest.raises(ConfigError, match=says) as caught:
        read(tmp_path, console)
    assert all("telecared.yaml:1:" in problem for problem in caught.value.problems)

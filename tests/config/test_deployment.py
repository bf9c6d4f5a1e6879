"""The deployment file: defaults for everything, secrets only by reference, paths from the file."""

from pathlib import Path

import pytest

from telecared.config.deployment import Deployment, default_deployment, load_deployment
from telecared.config.load import load_plan
from telecared.config.secrets import SecretRef, process_environment, resolve_secret
from telecared.core.policy import Centre, Storm
from telecared.core.vocabulary import DAY, MINUTE
from telecared.errors import ConfigError
from tests.config.support import plain

SID = "AC00000000000000000000000000000000"

DESIGN = f"""\
broker: {{url: "mqtt://127.0.0.1:1883"}}
store: {{url: "sqlite:data/telecared.db"}}
rules: [rules/]
devices: devices
sms:
  - {{provider: twilio, account_sid: {SID}, from: "+447700900000", auth_token: {{env: T}}, base_url: null}}
webhooks: {{listen: "127.0.0.1:8081", public_url: null}}
console: {{listen: "[::1]:8080"}}
monitoring_centre: {{name: Riverside Centre, sms: "+447700900900", voice: "+447700900901", repeat: 5m, supervisor: supervisors}}
site: {{policy: technical}}
schemes: [{{id: northside, timezone: Europe/London}}, {{id: southside, topics: ["south/#"]}}]
"""  # noqa: E501 - lines as people write them


def load(folder: Path, text: str) -> Deployment:
    """Write a deployment file and read it."""
    path = folder / "telecared.yaml"
    path.write_text(text, encoding="utf-8")
    return load_deployment(path)


def problems(folder: Path, text: str) -> list[str]:
    """The sentences with which a deployment file is refused."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return plain(folder, caught.value.problems)


def test_the_file_of_the_design_is_read(tmp_path: Path) -> None:
    """What is written is taken, paths are the file's neighbours, the rest has defaults."""
    deployment = load(tmp_path, DESIGN)
    assert deployment.folder == tmp_path
    assert deployment.store_path == tmp_path / "data/telecared.db"
    assert deployment.rule_paths == [tmp_path / "rules"]
    assert deployment.device_paths == [tmp_path / "devices"]
    assert deployment.backup_path == tmp_path / "backups"
    assert deployment.ca_path is None
    assert deployment.broker.client_id == "telecared"
    assert deployment.sms[0].from_ == "+447700900000"
    assert deployment.sms[0].auth_token == SecretRef(env="T")
    assert deployment.centre == Centre(
        name="Riverside Centre",
        sms="+447700900900",
        voice="+447700900901",
        repeat=5 * MINUTE,
        supervisor="supervisors",
    )
    assert deployment.scheme_timezones == {"northside": "Europe/London"}
    assert deployment.site.home_policy == "family-then-centre"
    assert deployment.retention.inputs == 90 * DAY


def test_an_empty_file_is_a_deployment(tmp_path: Path) -> None:
    """Everything has a default, and the packs that ship stand in."""
    empty = load(tmp_path, "# nothing\n")
    assert empty.model_dump() == load(tmp_path, "mode: live\n").model_dump()
    assert empty.rule_paths[0].name == "rules"
    assert empty.device_paths[0].name == "devices"
    assert empty.centre == Centre()


def test_no_file_is_a_deployment_too(tmp_path: Path) -> None:
    """`replay` and `test` work without a file, relative to where they stand."""
    deployment = default_deployment(tmp_path)
    assert deployment.document is None
    assert deployment.store_path == tmp_path / "telecared.db"


def test_the_example_that_ships_is_the_defaults_with_numbers(repository: Path) -> None:
    """Every value in the example that is no choice of a site is the default."""
    example = load_deployment(repository / "telecared.example.yaml")
    default = Deployment()
    for name in ("broker", "store", "webhooks", "console", "mode", "retention", "backup", "limits"):
        assert getattr(example, name) == getattr(default, name), name
    assert len(example.sms) == 1
    assert example.site.policy == default.site.policy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'broker: {url: "mqtt://ada:hunter2@h:1883"}',
            (
                "1:15: a secret does not stand in this file; write username: and"
                " password: {env: NAME}"
            ),
        ),
        (
            "broker: {password: hunter2}",
            (
                "1:20: a secret does not stand in this file; write {env: NAME}, {file: path} or"
                " {credential: name}"
            ),
        ),
        (
            "broker: {password: {env: A, file: b}}",
            (
                "1:20: exactly one place is possible; write {env: NAME}, {file: path} or"
                " {credential: name}"
            ),
        ),
        (
            'broker: {url: "http://h"}',
            "1:15: not a broker; write mqtt://host:1883, or mqtts://host:8883 for TLS",
        ),
        (
            'broker: {url: "mqtt://h:99999"}',
            "1:15: no port is called that; write a number from 1 to 65535",
        ),
        ("brocker: {}", '1:1: "brocker" is not known here; did you mean "broker"?'),
        (
            "store: {url: postgresql://db}",
            "1:14: PostgreSQL is not in this version; write sqlite:telecared.db",
        ),
        ("store: {url: telecared.db}", "1:14: not a store; write sqlite:telecared.db"),
        ("rules: []", "1:8: write 1 to 100 of them in this list"),
        (
            "console: {listen: 8080}",
            "1:19: must be text; put it in quotes",
        ),
        (
            "console: {listen: localhost}",
            "1:19: not an address to listen at; write 127.0.0.1:8080",
        ),
        (
            "webhooks: {public_url: example.org}",
            "1:24: not a web address; write https://example.org",
        ),
        (
            f'sms: [{{account_sid: {SID}, from: "+447700900000", auth_token: hunter2}}]',
            (
                "1:92: a secret does not stand in this file; write {env: NAME}, {file: path} or"
                " {credential: name}"
            ),
        ),
        (
            'sms: [{account_sid: AC12, from: "+447700900000", auth_token: {env: A}}]',
            "1:21: not an account SID; copy it from the console: AC and 32 digits",
        ),
        (
            "monitoring_centre: {sms: '999'}",
            (
                "1:26: an emergency number takes no messages; write the number of a person or a"
                " monitoring centre"
            ),
        ),
        (
            "monitoring_centre: {repeat: often}",
            "1:29: not a duration: 'often'; write 90s, 15m, 12h or 1h30m",
        ),
        (
            "site: {timezone: Europe/Londn}",
            "1:18: 'Europe/Londn' is no time zone; did you mean \"Europe/London\"?",
        ),
        ("mode: test", "1:7: not a word that is known here; write 'live' or 'pilot'"),
        (
            "mode: pilot",
            "1:1: mode: pilot sends only to the numbers in allow, and there are none; add allow:",
        ),
        (
            "allow: ['+447700900123']",
            "1:1: allow means something only with mode: pilot; write mode: pilot or remove allow",
        ),
        (
            "schemes: [{id: a}, {id: a}]",
            "1:1: two schemes have the same id; rename or remove one",
        ),
        (
            "retention: {alerts: 20000d}",
            "1:21: longer than 3660d; write a shorter duration",
        ),
        ("backup: {keep: 0}", "1:16: must be greater than or equal to 1"),
        ("- broker", "1:1: must have keys of its own; write {key: value} or indented lines"),
    ],
)
def test_a_slip_in_the_deployment_is_told_with_its_place(
    tmp_path: Path, text: str, expected: str
) -> None:
    """Every sentence names line, column and what to write instead, and repeats no secret."""
    told = problems(tmp_path, text + "\n")
    assert told == [f"telecared.yaml:{expected}"]
    assert "hunter2" not in "".join(told)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are told like everything else."""
    with pytest.raises(ConfigError, match="no such file; check the name"):
        load_deployment(tmp_path / "telecared.yaml")
    with pytest.raises(ConfigError, match="a folder; name a file in it"):
        load_deployment(tmp_path)
    (tmp_path / "telecared.yaml").write_bytes(b"mode: live\nname: \xff\n")
    with pytest.raises(ConfigError, match=":2:7: not UTF-8; save the file as UTF-8"):
        load_deployment(tmp_path / "telecared.yaml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors begin a file with one, and columns stay right."""
    assert problems(tmp_path, "\ufeffmode: test\n")[0].startswith("telecared.yaml:1:7: ")


# --- secrets ----------------------------------------------------------------------------------


def test_secrets_are_followed_to_where_they_lie(tmp_path: Path) -> None:
    """A file beside the deployment, the environment, and what systemd hands over."""
    (tmp_path / "token").write_text("s3cret\n", encoding="utf-8")
    environment = {"TOKEN": "s3cret", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    for reference in (
        SecretRef(file=Path("token")),
        SecretRef(env="TOKEN"),
        SecretRef(credential="token"),
    ):
        assert resolve_secret(reference, folder=tmp_path, environment=environment) == "s3cret"


def test_the_environment_of_the_process_is_asked_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One function looks at it."""
    monkeypatch.setenv("TELECARED_TOKEN", "s3cret")
    assert process_environment()["TELECARED_TOKEN"] == "s3cret"
    assert resolve_secret(SecretRef(env="TELECARED_TOKEN"), folder=tmp_path) == "s3cret"


@pytest.mark.parametrize(
    ("reference", "environment", "expected"),
    [
        (SecretRef(env="T"), {}, "the environment variable T is not set; export it before"),
        (SecretRef(env="T"), {"T": "\n"}, "the environment variable T holds no secret"),
        (SecretRef(file=Path("gone")), {}, "gone:1:1: no such file; check the name"),
        (SecretRef(credential="t"), {}, "the credential t cannot be read, since systemd did not"),
    ],
)
def test_a_secret_that_is_not_there_is_a_sentence(
    tmp_path: Path, reference: SecretRef, environment: dict[str, str], expected: str
) -> None:
    """The sentence names the place and what to do, never a secret."""
    with pytest.raises(ConfigError) as caught:
        resolve_secret(reference, folder=tmp_path, environment=environment)
    assert plain(tmp_path, caught.value.problems)[0].startswith(expected)


def test_when_silent_homes_are_one_incident_is_configured(tmp_path: Path) -> None:
    """As written; five, a tenth, ten minutes where nothing is; what makes no sense is refused."""
    told = load(tmp_path, "storm: {units: 8, share: 25, within: 5m}\n")
    assert load_plan(told).plan.storm == Storm(units=8, share=25, within=5 * MINUTE)
    assert load(tmp_path, "mode: live\n").storm.storm == Storm()
    refused = problems(tmp_path, "storm: {units: 1, share: 101, within: 2h}\n")
    assert len(refused) == 3
    assert all(one.startswith("telecared.yaml:1:") for one in refused), refused

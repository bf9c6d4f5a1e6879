"""Senders in `telecared.yaml`: several providers, plain HTTP, e-mail, systems; and their slips."""

from pathlib import Path

import pytest

from telecared.config.channels import is_loopback, reached_by
from telecared.config.deployment import Deployment, load_deployment
from telecared.core.policy import System
from telecared.core.vocabulary import Channel
from telecared.errors import ConfigError

ACCOUNT = "account_sid: AC00000000000000000000000000000000"
TWILIO = f'{{provider: twilio, {ACCOUNT}, from: "+447700900000", auth_token: {{env: T}}}}'
HTTP = """
  - provider: http
    name: modem
    url: "https://box.example.org/send"
    headers: {X-Key: {env: K}, Accept: application/json}
    login: {username: us, password: {env: P}}
    from: "+447700900001"
    body: {recipient: {to: "{to_digits}"}, text: "{text}", ref: "{id}", from: "{from}"}
    ok: [200, 202]
    id_field: messages.0.id
    accepted: {field: messages.0.status, is: ["0"]}
    status:
      url: "https://box.example.org/m/{provider_id}"
      delivered: [DELIVRD]
      failed: [rejected]
    callback: {secret: {env: C}, inbound: {from_field: msisdn}}
    rate: 0.5
"""
ALL = f"""
webhooks: {{public_url: "https://care.example.org"}}
sms:
  - {TWILIO}{HTTP}
voice: [{{{ACCOUNT}, from: "+447700900000", auth_token: {{env: T}}}}]
email: {{host: mail.example.org, from: alerts@example.org, username: us, password: {{env: M}}}}
systems:
  - {{id: nurse-screen, webhook: {{url: "https://screen.example.org/in", secret: {{env: S}}}}}}
  - {{id: night-phone, push: {{ntfy: "https://ntfy.example.org/topic", token: {{env: N}}}}}}
  - {{id: matrix, push: {{apprise: {{env: A}}}}}}
"""


def load(folder: Path, text: str) -> Deployment:
    """Read a deployment."""
    (folder / "t.yaml").write_text(text, encoding="utf-8")
    return load_deployment(folder / "t.yaml")


def test_every_channel_that_is_configured_is_a_channel_of_the_plan(tmp_path: Path) -> None:
    """First is first choice; systems are in the plan without where they are."""
    deployment = load(tmp_path, ALL)
    assert [one.label for one in deployment.sms] == ["twilio", "modem"]
    assert deployment.channels == tuple(Channel)
    assert deployment.systems[0].system == System(id="nurse-screen", channel=Channel.WEBHOOK)
    assert deployment.email[0].port_used == 587
    assert deployment.email[0].label == "email"
    status = deployment.sms[1].status
    assert status is not None
    assert status.words() == [("DELIVRD", "delivered"), ("rejected", "failed")]
    assert [reached_by(one) for one in deployment.sms] == [None, "box.example.org"]
    assert [reached_by(one) for one in deployment.voice] == [None]
    assert [reached_by(one) for one in deployment.email] == ["mail.example.org"]
    systems = [reached_by(one) for one in deployment.systems]
    assert systems == ["screen.example.org", "ntfy.example.org", None]


def test_only_sms_is_only_sms(tmp_path: Path) -> None:
    """A channel without a sender is none."""
    assert load(tmp_path, f"sms: [{TWILIO}]").channels == (Channel.SMS,)
    assert load(tmp_path, "site: {policy: technical}").channels == ()


def test_pilot_mode_allows_addresses_and_systems(tmp_path: Path) -> None:
    """The list holds for every channel."""
    text = ALL + 'mode: pilot\nallow: ["+447700900123", Ann@example.org, nurse-screen]'
    assert load(tmp_path, text).allow == ("+447700900123", "Ann@example.org", "nurse-screen")


SLIPS = {
    "two senders are called twilio; give one of them a name": f"sms: [{TWILIO}, {TWILIO}]",
    "provider twilio needs auth_token; add it": "sms: [{provider: twilio, account_sid: "
    'AC00000000000000000000000000000000, from: "+447700900000"}]',
    "url means nothing with provider twilio": f'sms: [{TWILIO[:-1]}, url: "https://x.example"}}]',
    "provider http needs body; add it": 'sms: [{provider: http, url: "https://x.example"}]',
    "body needs {to} (or {to_digits}) and {text}": "sms: [{provider: http, "
    'url: "https://x.example", body: {to: "{to}"}}]',
    "there is no placeholder {number}": "sms: [{provider: http, "
    'url: "https://x.example", body: {to: "{number}", text: "{text}"}}]',
    "anybody on the way could read along; write https://": "sms: [{provider: http, "
    'url: "http://x.example", body: {to: "{to}", text: "{text}"}}]',
    "a secret does not stand in an address": "sms: [{provider: http, "
    'url: "https://us:secret@x.example", body: {to: "{to}", text: "{text}"}}]',
    "status.url has to hold {id}, since there is no id_field": "sms: [{provider: http, "
    'url: "https://x.example", body: {to: "{to}", text: "{text}"},'
    ' status: {url: "https://x.example/{provider_id}", delivered: ok}}]',
    "'ok' stands for two states": "sms: [{provider: http, "
    'url: "https://x.example", body: {to: "{to}", text: "{text}"},'
    ' status: {url: "https://x.example/{id}", delivered: ok, failed: OK}}]',
    "callback tells nothing yet": "sms: [{provider: http, "
    'url: "https://x.example", body: {to: "{to}", text: "{text}"}, callback: {secret: {env: C}}}]',
    "method GET has no body": "sms: [{provider: http, method: GET, "
    'url: "https://x.example", body: {to: "{to}", text: "{text}"}}]',
    "a header is plain ASCII text on one line": "sms: [{provider: http, "
    'headers: {X: "a\\nb"}, url: "https://x.example", body: {to: "{to}", text: "{text}"}}]',
    "voice needs webhooks": "voice: [{account_sid: AC00000000000000000000000000000000, "
    'from: "+447700900000", auth_token: {env: T}}]',
    "username and password belong together": "email: {host: m.example.org, "
    "from: a@example.org, username: us}",
    "anybody on the way could read the password": "email: {host: m.example.org, "
    "from: a@example.org, username: us, password: {env: P}, security: none}",
    "write either webhook: or push:": "systems: [{id: x}]",
    "write either ntfy: or apprise:": "systems: [{id: x, push: {}}]",
    "token belongs to ntfy": "systems: [{id: x, push: {apprise: {env: A}, token: {env: B}}}]",
    "a secret does not stand in this file": "systems: [{id: x, "
    'webhook: {url: "https://x.example", secret: hunter2}}]',
    "allow holds something that is no number": f"sms: [{TWILIO}]\nmode: pilot\nallow: [screen]",
    "not an e-mail address": f"sms: [{TWILIO}]\nmode: pilot\nallow: ['a@b']",
}


@pytest.mark.parametrize(("finding", "text"), SLIPS.items())
def test_slips_are_told_with_line_and_column(tmp_path: Path, finding: str, text: str) -> None:
    """A sentence names the place and what to write instead, and holds no secret."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    [problem] = caught.value.problems
    assert finding in problem
    assert "t.yaml:" in problem
    assert "hunter2" not in problem


def test_this_machine_may_be_talked_to_in_clear(tmp_path: Path) -> None:
    """A GSM modem's box on the same host needs no certificate."""
    body = 'body: {to: "{to}", text: "{text}"}'
    for host in ("127.0.0.1:8000", "[::1]:8000", "localhost"):
        text = f'sms: [{{provider: http, url: "http://{host}/send", {body}}}]'
        assert load(tmp_path, text).sms[0].label == "http-sms"
    assert not is_loopback("example.org")

"""Policies and rotas: every slip is told with its place, and no channel is promised."""

from pathlib import Path

import pytest

from telecared.core.vocabulary import Channel
from tests.config.support import plain, rules_of


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            "{steps: [{notify: carers}]}",
            (
                "a.yaml:2:15: a policy ends at the monitoring centre, so that nobody is forgotten;"
                " add a last step: {notify: monitoring_centre}"
            ),
        ),
        ("{steps: []}", "a.yaml:2:14: write 1 to 20 of them in this list"),
        (
            "{steps: [{notify: monitoring_centre, by: [fax]}]}",
            "a.yaml:2:47: must be a list of sms, voice and email; write by: [sms]",
        ),
        (
            "{steps: [{notify: monitoring_centre, wait: 0s}]}",
            "a.yaml:2:49: must be longer than nothing; write 90s, 15m, 12h or 1h30m",
        ),
        (
            "{steps: [{notfy: monitoring_centre}]}",
            'a.yaml:2:16: "notfy" is not known here; did you mean "notify"?',
        ),
        (
            (
                "{steps: [{notify: night}, {notify: monitoring_centre}]}\n"
                "rotas: {night: {layers: [{people: resp-1}]}}"
            ),
            (
                'a.yaml:2:24: "night" is a rota, which notifies nobody in this version; write a'
                " role, a contact or monitoring_centre"
            ),
        ),
    ],
)
def test_a_slip_in_a_policy_is_told_with_its_place(
    tmp_path: Path, policy: str, expected: str
) -> None:
    """A policy that forgets somebody is refused before anybody depends on it."""
    found = rules_of(tmp_path, f"policies:\n  x: {policy}\n")
    told = plain(tmp_path, found.problems)
    assert any(sentence.startswith(expected) for sentence in told), told


def test_channels_of_a_later_version_are_named(tmp_path: Path) -> None:
    """Voice is written in good faith; nobody may believe that it rings."""
    text = (
        "policies:\n  x:\n    steps:\n"
        "      - {notify: carers, by: [sms, voice]}\n"
        "      - {notify: monitoring_centre, by: email}\n"
    )
    found = rules_of(tmp_path, text)
    assert [(each.line, each.col, each.code, each.message) for each in found.warnings] == [
        (4, 30, "channel-not-available", "voice not available in this version: only sms is sent"),
        (
            5,
            41,
            "channel-not-available",
            (
                "email not available in this version: only sms is sent, so that this step tells"
                " nobody; add sms"
            ),
        ),
    ]
    assert found.policies["x"].policy.steps[0].by == (Channel.SMS, Channel.VOICE)


def test_rotas_keep_their_shape_for_a_later_version(tmp_path: Path) -> None:
    """The file of the design is accepted, a misshapen rota is not."""
    text = (
        "rotas:\n  supervisors:\n    timezone: Europe/London\n    layers:\n"
        '      - {people: [a, b], turn: weekly, handover: "Mon 09:00", hours: "00:00-24:00"}\n'
        "    overrides: [{from: 2026-12-24T09:00, to: 2026-12-27T09:00, person: b}]\n"
    )
    found = rules_of(tmp_path, text)
    assert found.problems == []
    assert [each.code for each in found.warnings] == ["rota-not-available"]
    wrong = rules_of(tmp_path, text.replace("Europe/London", "Europe/Londn"))
    assert plain(tmp_path, wrong.problems) == [
        "a.yaml:3:15: 'Europe/Londn' is no time zone; did you mean \"Europe/London\"?"
    ]

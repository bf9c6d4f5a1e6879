"""Policies as they are written: what each key means, and how a slip is told with its place."""

from pathlib import Path

import pytest

from telecared.core.policy import Policy, Step
from telecared.core.vocabulary import MINUTE, SECOND, Channel, Detail
from tests.config.support import plain, rules_of

END = "{notify: monitoring_centre}"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (
            "{steps: [{notify: carers}]}",
            (
                "a.yaml:2:15: a policy ends at the monitoring centre, or at a rota without a hole,"
                " so that nobody is forgotten; add a last step: {notify: monitoring_centre}"
            ),
        ),
        ("{steps: []}", "a.yaml:2:14: write 1 to 20 of them in this list"),
        (
            "{steps: [{notify: monitoring_centre, by: [fax]}]}",
            (
                "a.yaml:2:47: must be a list of sms, voice, email, webhook and push;"
                " write by: [sms, voice]"
            ),
        ),
        (
            "{steps: [{notify: monitoring_centre, by: []}]}",
            (
                "a.yaml:2:47: must be a list of sms, voice, email, webhook and push;"
                " write by: [sms, voice]"
            ),
        ),
        (
            "{steps: [{notify: carers}, {notify: monitoring_centre, by: [push, webhook]}]}",
            (
                "a.yaml:2:65: push and webhook tell programs, and a policy ends at people;"
                " add sms, voice or email"
            ),
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
            "{steps: [{notify: carers, repeat: 0}, {notify: monitoring_centre}]}",
            "a.yaml:2:40: must be greater than or equal to 1",
        ),
        (
            "{steps: [{notify: monitoring_centre}], acknowledge: {needed: 11}}",
            "a.yaml:2:67: must be less than or equal to 10",
        ),
        (
            "{steps: [{notify: carers, apart: 2h}, {notify: monitoring_centre}]}",
            "a.yaml:2:39: at most 1h from one person to the next; write a step for each",
        ),
        (
            "{steps: [{notify: monitoring_centre}], detail: little}",
            "a.yaml:2:53: not a word that is known here; write 'full', 'place' or 'none'",
        ),
    ],
)
def test_a_slip_in_a_policy_is_told_with_its_place(
    tmp_path: Path, policy: str, expected: str
) -> None:
    """A policy that forgets somebody is refused before anybody depends on it."""
    found = rules_of(tmp_path, f"policies:\n  x: {policy}\n")
    told = plain(tmp_path, found.problems)
    assert told == [expected]


def test_every_key_of_a_policy_becomes_what_it_says(tmp_path: Path) -> None:
    """Nothing that is written is left out."""
    text = f"""\
policies:
  x:
    steps:
      - {{notify: [carers, ben], by: [sms, voice], wait: 2m, apart: 30s, repeat: 2}}
      - {END}
    acknowledge: {{lease: 20m, needed: 2}}
    receipt: 45s
    group: 10m
    detail: place
"""
    found = rules_of(tmp_path, text)
    assert (found.problems, found.warnings) == ([], [])
    assert found.policies["x"].policy == Policy(
        name="x",
        steps=(
            Step(
                notify=("carer", "ben"), by=(Channel.SMS, Channel.VOICE), wait=2 * MINUTE,
                apart=30 * SECOND, repeat=2,
            ),
            Step(notify=("monitoring_centre",)),
        ),
        lease=20 * MINUTE,
        receipt=45 * SECOND,
        needed=2,
        group=10 * MINUTE,
        detail=Detail.PLACE,
    )  # fmt: skip


def test_a_policy_may_end_at_a_rota_and_its_name_is_taken_for_no_role(tmp_path: Path) -> None:
    """`supervisors` is a role in the plural, unless a rota is called so."""
    text = """\
policies:
  x: {steps: [{notify: [supervisors, carers]}]}
rotas:
  supervisors: {layers: [{people: [ann]}]}
people:
  - {id: ann, name: Ann Lee, phone: "+447700900150"}
"""
    found = rules_of(tmp_path, text)
    assert found.problems == []
    assert found.policies["x"].policy.steps[0].notify == ("supervisors", "carer")


def test_what_tells_no_person_and_what_has_no_effect_is_doubtful(tmp_path: Path) -> None:
    """A lamp alone in a step, and a last step that is repeated anyway."""
    text = """\
policies:
  x:
    steps:
      - {notify: carers, by: push}
      - {notify: monitoring_centre, repeat: 3}
"""
    found = rules_of(tmp_path, text)
    assert [(each.line, each.col, each.code) for each in found.warnings] == [
        (4, 30, "channel-for-programs"),
        (5, 45, "repeat-at-the-end"),
    ]

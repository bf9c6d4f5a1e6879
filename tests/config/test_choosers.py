"""Choosers as they are written, and that each name in them is one that there is."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.core.policy import AppliesTo, Choice, Chooser
from telecared.core.vocabulary import Priority
from telecared.core.when import Window
from telecared.errors import ConfigError
from tests.config.support import bare_deployment, plain, plan_of, rules_of, written

POLICIES = """\
policies:
  day: {steps: [{notify: carers}, {notify: monitoring_centre}]}
  night: {steps: [{notify: monitoring_centre}]}
"""


def test_every_condition_of_a_choice_becomes_what_it_says(tmp_path: Path) -> None:
    """Priority, hours, days, tags, schemes and homes; the last has none."""
    text = (
        POLICIES
        + """\
  by-hour:
    choose:
      - {priority: [life_safety, urgent], between: "22:00-07:00", days: Sat-Sun, policy: night}
      - {tags: dementia, schemes: [northside], homes: larch-12, policy: night}
      - {policy: day}
"""
    )
    found = rules_of(tmp_path, text)
    assert found.problems == []
    assert found.choosers["by-hour"].chooser == Chooser(
        name="by-hour",
        choices=(
            Choice(
                policy="night",
                priorities=(Priority.LIFE_SAFETY, Priority.URGENT),
                between=(Window(start=22 * 60, end=7 * 60, days=(5, 6)),),
            ),
            Choice(
                policy="night",
                applies_to=AppliesTo(
                    tags=("dementia",), schemes=("northside",), homes=("larch-12",)
                ),
            ),
            Choice(policy="day"),
        ),
    )


@pytest.mark.parametrize(
    ("chooser", "expected"),
    [
        (
            "{choose: [{between: 22:00-07:00, policy: night}]}",
            (
                "a.yaml:4:16: the last choice has no condition, so that every alert has a policy;"
                " add a line: {policy: ...}"
            ),
        ),
        (
            "{choose: [{policy: day}, {policy: night}]}",
            "a.yaml:4:16: it always fits, so that nothing below is ever chosen; put it last",
        ),
        (
            "{choose: [{priority: grave, policy: day}, {policy: night}]}",
            (
                "a.yaml:4:27: must be a list of life_safety, urgent, routine and technical;"
                " write priority: [life_safety]"
            ),
        ),
        (
            '{choose: [{between: "Mon 22:00-07:00", days: Sat, policy: day}, {policy: night}]}',
            (
                "a.yaml:4:51: the hours 'Mon 22:00-07:00' name days already;"
                " name the days there or in days, not in both"
            ),
        ),
        ("{choose: []}", "a.yaml:4:15: write 1 to 50 of them in this list"),
        (
            "{choose: [{polcy: day}]}",
            'a.yaml:4:17: "polcy" is not known here; did you mean "policy"?',
        ),
        (
            "{steps: [], choose: []}",
            "a.yaml:4:18: a policy has steps, a chooser has choose; write one of the two",
        ),
    ],
)
def test_a_slip_in_a_chooser_is_told_with_its_place(
    tmp_path: Path, chooser: str, expected: str
) -> None:
    """An alert that no choice fits would have no policy."""
    found = rules_of(tmp_path, f"{POLICIES}  x: {chooser}\n")
    assert expected in plain(tmp_path, found.problems)


def test_unknown_policies_are_told_all_at_once_and_a_chooser_chooses_no_chooser(
    tmp_path: Path,
) -> None:
    """Every name in it is a policy."""
    text = (
        POLICIES
        + """\
  x: {choose: [{homes: a, policy: nigt}, {homes: b, policy: y}, {policy: day}]}
  y: {choose: [{policy: daily}]}
"""
    )
    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, text)
    assert plain(tmp_path, caught.value.problems) == [
        'a.yaml:4:35: there is no policy nigt; did you mean "night"?',
        "a.yaml:4:61: y is a chooser itself; name one of its policies",
        'a.yaml:5:25: there is no policy daily; did you mean "day"?',
    ]


def test_rules_homes_and_the_site_may_name_a_chooser(tmp_path: Path) -> None:
    """It stands wherever a policy may; under a name that ships it stands in for that."""
    text = (
        POLICIES
        + """\
  family-then-centre: {choose: [{policy: day}]}
rules:
  fall: {when: {property: fall, is: detected}, policy: family-then-centre}
"""
    )
    plan = plan_of(tmp_path, text).plan
    assert "family-then-centre" in plan.policy_names
    assert "family-then-centre" not in {policy.name for policy in plan.policies}


def test_a_name_is_a_policy_or_a_chooser_and_the_later_says_that_it_replaces(
    tmp_path: Path,
) -> None:
    """Two files that mean something else by one name would surprise somebody at night."""
    first = POLICIES
    chooser = "policies:\n  day: {choose: [{policy: night}]%s}\n"
    files = written(tmp_path, a=first, b=chooser % "")
    with pytest.raises(ConfigError) as caught:
        load_plan(bare_deployment(tmp_path), rules=files)
    assert "b.yaml:2:3: the policy day is already in" in plain(tmp_path, caught.value.problems)[0]
    files = written(tmp_path, a=first, b=chooser % ", replaces: true")
    plan = load_plan(bare_deployment(tmp_path), rules=files).plan
    assert [one.name for one in plan.choosers] == ["day"]
    assert "day" not in {policy.name for policy in plan.policies}


def deployment_of(folder: Path, text: str, rules: str = POLICIES) -> list[str]:
    """What is wrong or doubtful under a deployment, as `line:col: message`."""
    written(folder, telecared=f"rules: rules.yaml\n{text}", rules=rules)
    try:
        loaded = load_plan(load_deployment(folder / "telecared.yaml"))
    except ConfigError as error:
        return plain(folder, error.problems)
    return [one.sentence.replace(f"{folder}/", "") for one in loaded.warnings]


PEOPLE = """\
people:
  - {id: sue, name: Sue Vale, phone: "+447700900160", roles: [supervisors]}
rotas:
  duty: {layers: [{people: [sue]}]}
"""


@pytest.mark.parametrize(
    ("name", "held"), [("sue", "sue"), ("duty", "duty"), ("supervisors", "supervisor")]
)
def test_the_supervisor_is_a_person_a_rota_or_a_role(tmp_path: Path, name: str, held: str) -> None:
    """In the singular or the plural."""
    centre = f"monitoring_centre: {{sms: '+447700900900', supervisor: {name}}}\n"
    written(tmp_path, telecared=f"rules: rules.yaml\n{centre}", rules=POLICIES + PEOPLE)
    loaded = load_plan(load_deployment(tmp_path / "telecared.yaml"))
    assert loaded.plan.centre.supervisor == held
    assert "no-supervisor" not in {one.code for one in loaded.warnings}


def test_a_supervisor_whom_nobody_knows_is_refused(tmp_path: Path) -> None:
    """Nobody would be paged."""
    centre = "monitoring_centre: {sms: '+447700900900', supervisor: sou}\n"
    assert deployment_of(tmp_path, centre, POLICIES + PEOPLE) == [
        (
            "telecared.yaml:2:55: no rota, person or role of people: in the rule files is called"
            ' sou; did you mean "sue"?'
        )
    ]
    assert deployment_of(tmp_path, centre) == [
        (
            "telecared.yaml:2:55: no rota, person or role of people: in the rule files is called"
            " sou; add people: to a rule file"
        )
    ]


def test_the_times_of_the_pages_rise(tmp_path: Path) -> None:
    """The second page is not before the first."""
    centre = "monitoring_centre: {page_after: [180s, 60s]}\n"
    assert deployment_of(tmp_path, centre) == [
        "telecared.yaml:2:33: must be 1 to 20 rising times; write page_after: [60s, 180s]"
    ]


@pytest.mark.parametrize("slow", ["page_after: [60s, 45m]", "repeat: 45m"])
def test_nobody_stands_unanswered_for_45_minutes(tmp_path: Path, slow: str) -> None:
    """What an ombudsman once found cannot be configured."""
    (told,) = deployment_of(tmp_path, f"monitoring_centre: {{{slow}}}\n")
    assert told.endswith("nobody hears of an alarm for more than 15m; write 15m or less")


def test_channels_without_a_sender_are_named_where_they_are_written(tmp_path: Path) -> None:
    """Nobody believes that a phone rings which cannot."""
    rules = """\
policies:
  x:
    steps:
      - {notify: carers, by: [sms, email]}
      - {notify: monitoring_centre, by: voice}
"""
    centre = "monitoring_centre: {email: c@example.org, supervisor: sue, page_by: [voice]}\n"
    told = deployment_of(tmp_path, f"{SMS}{centre}", rules + PEOPLE)
    assert told == [
        "rules.yaml:4:30: email has no sender; add email: to telecared.yaml",
        (
            "rules.yaml:5:41: voice has no sender, so that this tells nobody;"
            " add voice: to telecared.yaml"
        ),
        (
            "telecared.yaml:2:1: an alarm of life safety can be told by sms alone: while that"
            " fails, nobody hears; add another of sms:, voice: and email:"
        ),
        (
            "telecared.yaml:3:21: email has no sender: the centre is not told by it;"
            " add email: to telecared.yaml"
        ),
        (
            "telecared.yaml:3:69: voice has no sender, so that this tells nobody;"
            " add voice: to telecared.yaml"
        ),
    ]


SMS = (
    "sms: [{provider: twilio, account_sid: AC00000000000000000000000000000000,"
    ' from: "+447700900000", auth_token: {env: T}}]\n'
)

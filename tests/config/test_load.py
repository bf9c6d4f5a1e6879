"""A whole plan: several files together, all their problems at once, and the packs that ship."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.core.conditions import compile_condition
from telecared.core.messages import FIELDS, render
from telecared.core.plan import decode_plan, encode_plan
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import Channel, Priority
from telecared.errors import ConfigError
from tests.config.support import bare_deployment, plain, written

ONE = "rules:\n  fall: {when: {property: fall, is: detected}, priority: life_safety}\n"
TWO = "rules:\n  fall: {when: {property: fall, is: suspected}}\n"

GSM_SEGMENT = 153
GSM_BASIC = set(
    "@ \n!\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)


def problems(folder: Path, files: list[Path]) -> list[str]:
    """The sentences with which a plan is refused."""
    with pytest.raises(ConfigError) as caught:
        load_plan(bare_deployment(folder), rules=files)
    return plain(folder, caught.value.problems)


def test_the_packs_that_ship_load_without_a_warning(tmp_path: Path) -> None:
    """A newcomer's first `check` is quiet."""
    loaded = load_plan(bare_deployment(tmp_path))
    assert loaded.warnings == ()
    names = {rule.name for rule in loaded.plan.rules}
    assert names >= {"pendant-pressed", "fall", "smoke", "carbon-monoxide", "gas", "heat"}
    assert names >= {"seizure", "no-movement", "front-door-at-night", "flood", "battery-low"}
    assert {policy.name for policy in loaded.plan.policies} == {
        "family-then-centre",
        "centre-first",
        "small-faults",
        "technical",
    }
    assert decode_plan(encode_plan(loaded.plan)) == loaded.plan


def test_every_shipped_rule_compiles_for_a_home_without_devices(tmp_path: Path) -> None:
    """What the files say is what the core understands."""
    for rule in load_plan(bare_deployment(tmp_path)).plan.rules:
        assert compile_condition(rule, ()) is not None


def test_every_shipped_text_fits_two_segments_and_names_the_code(tmp_path: Path) -> None:
    """A text in plain letters with a long address still arrives as two segments at most."""
    values = dict.fromkeys(FIELDS, "")
    values |= {
        "home.address": "Flat 12, Larch Close House, 140 North Street",
        "device.id": "kitchen-smoke-detector",
        "minutes": "240",
        "code": "4711",
    }
    for rule in load_plan(bare_deployment(tmp_path)).plan.rules:
        text = render(rule.say or "", values)
        assert "{code}" in (rule.say or ""), rule.name
        assert set(text) <= GSM_BASIC, rule.name
        limit = GSM_SEGMENT if rule.priority is Priority.LIFE_SAFETY else 2 * GSM_SEGMENT
        assert len(text) <= limit, rule.name


def test_every_shipped_policy_ends_at_the_monitoring_centre(tmp_path: Path) -> None:
    """Nobody is forgotten (promise P2)."""
    for policy in load_plan(bare_deployment(tmp_path)).plan.policies:
        assert MONITORING_CENTRE in policy.steps[-1].notify, policy.name


def test_policies_that_nobody_wrote_are_those_that_ship(tmp_path: Path) -> None:
    """A folder with one rule is enough to replay a recording; own policies stand before these."""
    own = "policies:\n  technical: {steps: [{notify: monitoring_centre, wait: 1m}]}\n"
    loaded = load_plan(bare_deployment(tmp_path), rules=written(tmp_path, a=ONE, b=own))
    policies = {policy.name: policy for policy in loaded.plan.policies}
    assert set(policies) == {"family-then-centre", "centre-first", "small-faults", "technical"}
    assert policies["technical"].steps[0].wait == 60_000_000


def test_the_same_rule_in_two_files_is_told_with_both_places(tmp_path: Path) -> None:
    """Which of the two holds must never be a matter of file names."""
    assert problems(tmp_path, written(tmp_path, a=ONE, b=TWO)) == [
        (
            "b.yaml:2:3: the rule fall is already in a.yaml:2:3; rename one of the two, or write"
            " replaces: true here"
        )
    ]
    policy = "policies:\n  p: {steps: [{notify: monitoring_centre}]}\n"
    assert problems(tmp_path, written(tmp_path, a=policy, b=policy)) == [
        (
            "b.yaml:2:3: the policy p is already in a.yaml:2:3; rename one of the two, or write"
            " replaces: true here"
        )
    ]


def test_a_later_rule_may_say_that_it_replaces(tmp_path: Path) -> None:
    """A site changes one rule of a pack without copying the pack."""
    replacing = TWO.replace("}}", "}, replaces: true}")
    loaded = load_plan(bare_deployment(tmp_path), rules=written(tmp_path, a=ONE, b=replacing))
    assert [rule.source for rule in loaded.plan.rules] == [f"{tmp_path.name}/b.yaml:2"]
    assert loaded.warnings == ()


def test_replacing_nothing_is_told(tmp_path: Path) -> None:
    """The rule that was meant is still in force under its own name."""
    replacing = TWO.replace("}}", "}, replaces: true}")
    loaded = load_plan(bare_deployment(tmp_path), rules=written(tmp_path, a=replacing))
    assert [(each.line, each.col, each.code) for each in loaded.warnings] == [
        (2, 49, "replaces-nothing")
    ]


def test_all_problems_of_all_files_come_at_once_by_file_and_line(tmp_path: Path) -> None:
    """Rules, policies, a broken file and a missing one: one run of `check` tells all."""
    files = written(
        tmp_path,
        a="rules:\n" + "  # so that line 10 follows line 9\n" * 7
        + "  y: {when: {property: fal, is: detected}}\n"
        + "  x: {when: {silent: hub, for: soon}}\n",
        b="rules: [1\n",
        c="rulez: {}\npolicies: {p: {steps: [{notify: carers}]}}\nrules: []\n",
        d="- x\n",
        e='rules: {"a b": {when: {property: fall, is: detected}}}\n',
    )  # fmt: skip
    assert problems(tmp_path, [*files, tmp_path / "gone.yaml"]) == [
        'a.yaml:9:24: "fal" is no property; did you mean "fall"?',
        "a.yaml:10:32: not a duration: 'soon'; write 90s, 15m, 12h or 1h30m",
        "b.yaml:2:1: a bracket is never closed; add the closing ] or }",
        'c.yaml:1:1: "rulez" is not known here; did you mean "rules"?',
        (
            "c.yaml:2:24: a policy ends at the monitoring centre, or at a rota without a hole, so"
            " that nobody is forgotten; add a last step: {notify: monitoring_centre}"
        ),
        "c.yaml:3:8: rules have names; write name: and the rest below it",
        "d.yaml:1:1: a rule file has rules: or policies: at its top; write one of them",
        (
            "e.yaml:1:9: a name has at most 64 letters, digits, - _ and . only; write one like"
            " front-door-at-night"
        ),
        "gone.yaml:1:1: no such file; check the name",
    ]


def test_a_folder_gives_its_files_by_name_and_passes_over_scenarios(tmp_path: Path) -> None:
    """Scenario tests may lie beside the rules that they test."""
    written(tmp_path, b=TWO.replace("fall:", "two:", 1), a=ONE)
    (tmp_path / "c.yaml").write_text("- scenario: somebody falls\n  home: a\n", encoding="utf-8")
    loaded = load_plan(bare_deployment(tmp_path), rules=[tmp_path])
    assert [rule.name for rule in loaded.plan.rules] == ["fall", "two"]


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    """A plan without a rule would watch over nobody."""
    (tmp_path / "rules").mkdir()
    assert problems(tmp_path, [tmp_path / "rules"]) == [
        "rules:1:1: the folder holds no .yaml file; add one or name another"
    ]


def test_profiles_of_the_site_are_checked_in_the_same_run(tmp_path: Path) -> None:
    """A mistake in a profile and one in a rule are told together."""
    files = written(tmp_path, r="rules: {x: 1}\n", p="profil: x\n")
    (tmp_path / "telecared.yaml").write_text("rules: r.yaml\ndevices: p.yaml\n", encoding="utf-8")
    deployment = load_deployment(tmp_path / "telecared.yaml")
    with pytest.raises(ConfigError) as caught:
        load_plan(deployment)
    names = [sentence.partition(":")[0] for sentence in plain(tmp_path, caught.value.problems)]
    assert set(names) == {path.name for path in files}


def test_a_policy_of_the_site_that_does_not_exist_is_told_in_the_deployment(tmp_path: Path) -> None:
    """Alerts without a home, and homes without a policy, must have somewhere to go."""
    (tmp_path / "telecared.yaml").write_text(
        "site: {policy: technicl, home_policy: family}\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        load_plan(load_deployment(tmp_path / "telecared.yaml"))
    assert plain(tmp_path, caught.value.problems) == [
        'telecared.yaml:1:16: there is no policy technicl; did you mean "technical"?',
        (
            "telecared.yaml:1:39: there is no policy family; known here: centre-first,"
            " family-then-centre, small-faults, technical"
        ),
    ]


def test_channels_are_those_with_a_sender(tmp_path: Path) -> None:
    """A file without a provider sends nothing; without any file, a replay sends as if it could."""
    people = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
    assert load_plan(bare_deployment(tmp_path)).plan.channels == people
    (tmp_path / "telecared.yaml").write_text("mode: live\n", encoding="utf-8")
    loaded = load_plan(load_deployment(tmp_path / "telecared.yaml"))
    assert loaded.plan.channels == ()
    lacks = {"centre-without-number", "no-sms-provider", "no-supervisor"}
    assert {each.code for each in loaded.warnings} == lacks
    assert load_plan(bare_deployment(tmp_path), channels=()).plan.channels == ()

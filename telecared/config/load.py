"""The plan of a deployment: every rule file, policy and profile read, checked and put together.

All problems of all files come at once. Homes are not in the plan; they are read by `homes`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from telecared.config.centrecheck import (
    centre_of,
    doubts_of_centre,
    unknown_supervisor,
    unsent_channels,
)
from telecared.config.choosers import unknown_choices
from telecared.config.deployment import Deployment
from telecared.config.findings import Finding, errors, in_order, sentences_in_order, warning
from telecared.config.holidays import HolidaysBody
from telecared.config.outwardcheck import doubts_of_outward
from telecared.config.policies import PolicySource
from telecared.config.positions import Document, Part, nearest, sentence
from telecared.config.profiles import LoadedProfile, load_profiles
from telecared.config.rotacheck import make_rotas
from telecared.config.rulefiles import RuleFiles, read_rule_files, unknown_policies
from telecared.config.rules import RuleSource
from telecared.config.shipped import rules_folder
from telecared.core.plan import Plan
from telecared.core.policy import Policy
from telecared.core.selftest import with_synthetic
from telecared.core.vocabulary import Channel
from telecared.errors import ConfigError

SHIPPED_POLICIES = "policies.yaml"
"""The file of the pack whose policies stand in for those that nobody wrote."""


class LoadedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and where it came from.

    Attributes:
        plan: what the engine needs.
        profiles: profile name -> profile.
        warnings: what is doubtful, in file order.
        sources: rule name -> how it was written; homes need it for their own values.
        policies: policy name -> how it was written, for those that the files define.
    """

    plan: Plan
    profiles: Mapping[str, LoadedProfile]
    warnings: tuple[Finding, ...]
    sources: Mapping[str, RuleSource]
    policies: Mapping[str, PolicySource] = {}


def load_plan(
    deployment: Deployment,
    *,
    rules: Iterable[Path] | None = None,
    channels: tuple[Channel, ...] | None = None,
) -> LoadedPlan:
    """Read the rules and profiles of a deployment.

    Args:
        deployment: as `load_deployment` or `default_deployment` returned it.
        rules: files and folders of rules in place of the deployment's own.
        channels: None for those that the deployment has a sender for; without a file, those of
            people.

    Raises:
        ConfigError: with every problem of every file, by file and line.
    """
    loaded, findings = examine_plan(deployment, rules=rules, channels=channels)
    problems = [each.sentence for each in findings if each.level == "error"]
    if loaded is None or problems:
        raise ConfigError(sentences_in_order(problems))
    return loaded


def examine_plan(
    deployment: Deployment,
    *,
    rules: Iterable[Path] | None = None,
    channels: tuple[Channel, ...] | None = None,
) -> tuple[LoadedPlan | None, list[Finding]]:
    """Return what `load_plan` does, or None, and every finding instead of an error."""
    found = read_rule_files(deployment.rule_paths if rules is None else rules)
    policies, problems = _policies(found)
    problems += found.problems
    if not found.problems:  # a file that cannot be read may be the one that defines the policy
        names = [*policies, *found.choosers]
        problems += unknown_policies(found.rules, names)
        problems += unknown_choices(found.choosers, policies)
        problems += _site_policies(deployment, names)
        problems += unknown_supervisor(deployment, found)
    holidays = deployment.public_holidays
    rotas = make_rotas(
        found.rotas,
        found.people,
        found.policies.values(),
        timezone=deployment.site.timezone,
        holidays=holidays.get("", ()),
    )
    problems += rotas.problems
    profiles: Mapping[str, LoadedProfile] = {}
    findings = errors(problems, "invalid-rules") + found.warnings + rotas.warnings
    try:
        profiles = load_profiles(deployment.device_paths)
    except ConfigError as error:
        findings += errors(error.problems, "invalid-profile")
    if channels is None:
        channels = _senders(deployment)
    findings += _deployment_warnings(deployment)
    findings += doubts_of_outward(deployment)
    findings += doubts_of_centre(deployment, channels)
    if deployment.document is not None:
        findings += unsent_channels(found.policies.values(), channels)
    findings = in_order(findings)
    if any(each.level == "error" for each in findings):
        return None, findings
    plan = Plan(
        rules=tuple(source.rule for source in found.rules.values()),
        policies=tuple(policies.values()),
        centre=centre_of(deployment, found),
        choosers=tuple(source.chooser for source in found.choosers.values()),
        default_policy=deployment.site.home_policy,
        site_policy=deployment.site.policy,
        site_timezone=deployment.site.timezone,
        channels=channels,
        holidays=holidays,
        people=tuple(source.contact for source in found.people.values()),
        rotas=rotas.rotas,
        systems=tuple(each.system for each in deployment.systems),
        language=deployment.site.language,
        words=found.words,
        storm=deployment.storm.storm,
        link_url=deployment.console.public_url or "",
    )
    if deployment.synthetic is not None:
        plan = with_synthetic(plan)
    loaded = LoadedPlan(
        plan=plan,
        profiles=profiles,
        warnings=tuple(findings),
        sources=found.rules,
        policies=found.policies,
    )
    return loaded, findings


def _senders(deployment: Deployment) -> tuple[Channel, ...]:
    """Return the channels for which a deployment has a sender; without a file, those of people."""
    if deployment.document is None:
        return (Channel.SMS, Channel.VOICE, Channel.EMAIL)
    return deployment.channels


def _policies(found: RuleFiles) -> tuple[dict[str, Policy], list[str]]:
    """Return the policies of the files, and those that ship under names that no file defines."""
    policies = {name: source.policy for name, source in found.policies.items()}
    try:
        shipped = read_rule_files([rules_folder() / SHIPPED_POLICIES])
    except ConfigError as error:
        return policies, error.problems
    for name, source in shipped.policies.items():
        if name not in found.choosers:
            policies.setdefault(name, source.policy)
    return policies, shipped.problems


def _site_policies(deployment: Deployment, policies: Iterable[str]) -> list[str]:
    problems = []
    for key, name in (
        ("policy", deployment.site.policy),
        ("home_policy", deployment.site.home_policy),
    ):
        if name in policies:
            continue
        message = f"there is no policy {name}; {nearest(name, policies)}"
        if deployment.document is None:
            problems.append(f"telecared.yaml:1:1: {message}")
        else:
            problems.append(sentence(deployment.document, ("site", key), message))
    return problems


def _deployment_warnings(deployment: Deployment) -> list[Finding]:
    """Return what is possible and probably not meant."""
    document = deployment.document
    if document is None:
        return []
    found = []
    found += _holiday_warnings(deployment, document)
    if not deployment.sms:
        message = "there is no SMS provider: nobody is told by SMS; add sms:"
        found.append(warning(document, ("sms",), "no-sms-provider", message))
    return found


def _holiday_warnings(deployment: Deployment, document: Document) -> list[Finding]:
    """Return the exceptions from public holidays that are no holidays."""
    places: list[tuple[tuple[Part, ...], HolidaysBody | None]] = [
        (("holidays",), deployment.holidays)
    ]
    places += [
        (("schemes", number, "holidays"), scheme.holidays)
        for number, scheme in enumerate(deployment.schemes)
    ]
    found = []
    for place, told in places:
        for number in told.idle_exceptions if told is not None else ():
            where = (*place, "except", number)
            message = "this is no public holiday here, so that nothing is left out; remove it"
            found.append(warning(document, where, "no-such-holiday", message))
    return found

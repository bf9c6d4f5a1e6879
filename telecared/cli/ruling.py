"""`rules`: what each rule does, in plain English, and in one home where each value comes from.

Spelling is `config.in_words` and `config.values`; nothing here knows what a rule means.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, UsageError, find_config
from telecared.cli.files import Homes, Rules
from telecared.cli.lines import RuleLine, RuleValue
from telecared.cli.output import put, say, table
from telecared.cli.planning import plan_and_homes
from telecared.cli.store import reader_at, require_store
from telecared.config.deployment import load_deployment
from telecared.config.in_words import in_words
from telecared.config.positions import nearest
from telecared.config.values import values_of
from telecared.core.effective import applies, rule_in
from telecared.core.plan import HomeRecord, Plan, Rule, decode_home


def rules(
    home: Annotated[
        str | None, Parameter(name="HOME", help="The rules as they are in this home.")
    ] = None,
    /,
    *,
    rule: Annotated[str | None, Parameter(name="--rule", help="One rule only.")] = None,
    homes: Homes = (),
    rules: Rules = (),
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Say in plain English what each rule does; for a home, where each value comes from."""
    loaded, records = plan_and_homes(homes, rules, config)
    record = None if home is None else _record(home, records, config, given=bool(homes))
    wanted = _wanted(loaded.plan, record, rule)
    for number, one in enumerate(wanted):
        told = one if record is None else rule_in(one, record).rule
        if as_json:
            put(_line(one, told, record))
            continue
        if number:
            say("")
        say(f"{told.name} ({told.priority}, {told.mode}; {told.source})")
        say(in_words(told))
        if record is not None:
            found = values_of(one, record)
            table(("value", "is", "from"), [(each.path, each.value, each.source) for each in found])
    return Exit.FINE


def _wanted(plan: Plan, record: HomeRecord | None, name: str | None) -> list[Rule]:
    found = [one for one in plan.rules if record is None or applies(one.applies_to, record)]
    if name is None:
        return found
    named = [one for one in found if one.name == name]
    if not named:
        hint = nearest(name, [one.name for one in found])
        where = "" if record is None else f" for {record.id}"
        raise UsageError(f"there is no rule {name}{where}; {hint}")
    return named


def _record(
    home: str, records: Sequence[HomeRecord], config: Path | None, *, given: bool
) -> HomeRecord:
    """Return the home's record: from --homes, else as it is registered in the store."""
    if not given:
        deployment = find_config(config)
        if deployment is None:
            raise UsageError("there is no store to look a home up in; add --homes FILE")
        path = load_deployment(deployment).store_path
        require_store(path)
        stored = {one.home: one.record for one in reader_at(path).load().homes}
        content = stored.get(home)
        if content is None:
            raise UsageError(f"there is no home {home} in the store; check the id, or import it")
        return decode_home(content)
    known = {one.id: one for one in records}
    if home not in known:
        raise UsageError(f"there is no home {home} in --homes; {nearest(home, known)}")
    return known[home]


def _line(written: Rule, told: Rule, record: HomeRecord | None) -> RuleLine:
    values = [] if record is None else values_of(written, record)
    return RuleLine(
        home=None if record is None else record.id,
        rule=told.name,
        priority=told.priority,
        mode=told.mode,
        source=told.source,
        words=in_words(told),
        values=[RuleValue(each.path, each.value, each.source) for each in values],
    )

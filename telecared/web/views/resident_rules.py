"""The rules of a home: in plain English with where each value comes from, and changing a value.

A change is tried on the home's past first (`trials`) and saved only after its outcome was shown.
What a value may be is `values_form`, saving it a command.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from starlette.responses import Response

from telecared.config.in_words import in_words
from telecared.config.values import DEFAULT, values_of
from telecared.core.effective import HOME
from telecared.core.explain import explain
from telecared.core.operators import Act
from telecared.core.plan import Rule, content_hash, encode_home
from telecared.core.standings import Standing, why_not_in_force
from telecared.core.vocabulary import Mode, Priority
from telecared.orders import ImportOrder
from telecared.web.errors import BadForm, NotThere
from telecared.web.resident_frame import calm_state, shown
from telecared.web.routes import Entry
from telecared.web.trial_process import TRIAL_LASTS, TrialOrder
from telecared.web.trials import TooMany, Trial
from telecared.web.values_form import LONGEST_VALUE, changed_record, fields_of, others_of
from telecared.web.visit import Visit

SHOWN_DIFFERENCES: Final = 60
"""Alerts of one kind of difference that are listed."""

_VALUE: Final = "value:"
_STANDING: Final = {
    Standing.OPEN: ("open", "danger"),
    Standing.MET: ("met", "warn"),
    Standing.WAITING: ("counting", "warn"),
    Standing.NOT_MET: ("not met", "quiet"),
    Standing.HELD_BACK: ("held back", "info"),
    Standing.COOLDOWN: ("cooling down", "info"),
    Standing.CAPPED: ("capped for today", "info"),
    Standing.NOT_JUDGED: ("not judged", "warn"),
    Standing.SET_ASIDE: ("failed, set aside", "danger"),
    Standing.NO_DEVICE: ("no device for it", "quiet"),
    Standing.NOT_IN_FORCE: ("not in force", "quiet"),
}


class Shown(NamedTuple):
    """A rule as it is in the home: in words, how it stands now, and its values with sources."""

    name: str
    priority: Priority
    watched: bool
    words: str
    standing: str
    tone: str
    why: str
    values: tuple[tuple[str, str, str], ...]
    own: int


def rules(visit: Visit) -> Response:
    """Show every rule that is in force, and which are not and why."""
    plan = visit.sight.home_plan(visit.the_home)
    record = visit.record
    state = calm_state(visit).clone()
    state.at = max(state.at, visit.now)
    told = {one.rule: one for one in explain(plan, state, visit.sight.site).rules}
    shown_rules = []
    written = {rule.name: rule for rule in plan.plan.rules}
    for compiled in plan.rules:
        rule, explained = compiled.rule, told[compiled.name]
        words, tone = _STANDING[explained.standing]
        values = [
            (one.path, one.value, one.source)
            for one in values_of(written[compiled.name], record)
            if compiled.name in written
        ]
        shown_rules.append(
            Shown(
                rule.name,
                rule.priority,
                rule.mode is Mode.WATCH,
                _words(rule),
                words,
                tone,
                "" if explained.standing is Standing.NOT_MET else explained.why,
                tuple(value for value in values if value[2] != DEFAULT),
                sum(source == HOME for _, _, source in values),
            )
        )
    in_force = {one.name for one in shown_rules}
    idle = [
        (rule.name, why_not_in_force(plan, rule))
        for rule in plan.plan.rules
        if rule.name not in in_force
    ]
    return shown(
        visit,
        "resident/rules.html",
        "resident_rules",
        rules=sorted(shown_rules, key=lambda one: (one.priority.rank, one.name)),
        idle=idle,
        may_edit=visit.operator.may(Act.EDIT_HOMES),
    )


def _words(rule: Rule) -> str:
    """Return a rule in plain English, without what is asked of whoever answers."""
    return in_words(msgspec.structs.replace(rule, values=(), ask=()))


# --- changing a value ---------------------------------------------------------------------------


def rule(visit: Visit) -> Response:
    """Show the form for a home's own values of a rule, as they are or as a trial had them."""
    wanted, given = _rule(visit), {}
    earlier = visit.console.trials.find(
        visit.query.get("trial", ""), operator=visit.operator.id, home=visit.the_home
    )
    if earlier is not None and earlier.rule == wanted.name:
        given = {field.path: field.value for field in fields_of(wanted, earlier.after)}
    return _form(visit, wanted, given, {})


def _rule(visit: Visit) -> Rule:
    """Return the rule that the path names, as in the plan. Raises NotThere."""
    return _named(visit, visit.path["rule"])


def _named(visit: Visit, name: str) -> Rule:
    found = next((one for one in visit.sight.plan.rules if one.name == name), None)
    if found is None:
        raise NotThere("There is no such rule.")
    return found


def _form(
    visit: Visit, wanted: Rule, given: Mapping[str, str], problems: Mapping[str, str]
) -> Response:
    record = visit.record
    own = next(
        (one.rule for one in visit.sight.home_plan(record.id).rules if one.name == wanted.name),
        wanted,
    )
    return shown(
        visit,
        "resident/rule.html",
        "resident_rules",
        status=400 if problems else 200,
        rule=wanted,
        words=_words(own),
        fields=fields_of(wanted, record),
        others=[("", "None"), *((path, path) for path in others_of(wanted, record))],
        given=given,
        problems=problems,
        days=TRIAL_LASTS // 86_400_000_000,
        was=content_hash(encode_home(record)),
    )


def begin(visit: Visit) -> Response:
    """Read the form, and begin to try the change on the home's past."""
    wanted, record = _rule(visit), visit.record
    try:
        written = _written(visit)
    except BadForm as error:
        return _form(visit, wanted, {}, error.problems)
    if visit.field("was") != content_hash(encode_home(record)):
        changed = "The record of this home was changed meanwhile: look at the values again."
        return _form(visit, wanted, {}, {"": changed})
    made = changed_record(visit.sight.plan, wanted, record, written)
    if made.record is None:
        return _form(visit, wanted, written, made.problems)
    if made.record == record:
        return _form(visit, wanted, written, {"": "Nothing differs from what holds now."})
    trial = Trial(
        operator=visit.operator.id,
        rule=wanted.name,
        plan=visit.sight.plan,
        before=record,
        after=made.record,
        began=visit.wall,
    )
    order = TrialOrder(
        store=str(visit.console.store_path),
        plan=trial.plan,
        before=record,
        after=made.record,
    )
    try:
        visit.console.trials.begin(trial, order)
    except TooMany:
        busy = "Other changes are being tried just now: wait a minute and try again."
        return _form(visit, wanted, written, {"": busy})
    return visit.redirect(visit.url("resident_trial", home=record.id, trial=trial.id))


def _written(visit: Visit) -> dict[str, str]:
    """Return path -> text of the form. Raises BadForm."""
    written = {
        name.removeprefix(_VALUE): visit.field(name, longest=LONGEST_VALUE)
        for name in visit.form
        if name.startswith(_VALUE)
    }
    other, text = visit.field("other"), visit.field("other_value", longest=LONGEST_VALUE)
    if bool(other) != bool(text):
        raise BadForm({"other": "Name the value and write what it is to be, or leave both out."})
    if other:
        written[other] = text
    return written


def trial(visit: Visit) -> Response:
    """Show how far a trial is, or its outcome."""
    found = _trial(visit)
    over = not found.running
    if over not in found.logged:
        visit.log_read("the past of the home, played again" if over else _READS, found.home)
        found.logged.add(over)
    return _outcome(visit, found)


def _trial(visit: Visit) -> Trial:
    found = visit.console.trials.find(
        visit.path["trial"], operator=visit.operator.id, home=visit.the_home
    )
    if found is None:
        raise NotThere("There is no such trial, or it is too old: change the value again.")
    return found


def _outcome(visit: Visit, found: Trial, problem: str = "") -> Response:
    # It may end while this is worked out: what is shown is of one moment.
    outcome, error = found.found, found.error
    found.shown = found.shown or outcome is not None
    own = _named(visit, found.rule)
    before = {one.path: one.value for one in fields_of(own, found.before)}
    after = {one.path: one.value for one in fields_of(own, found.after)}
    paths = [path for path in {**before, **after} if before.get(path, "") != after.get(path, "")]
    return shown(
        visit,
        "resident/trial.html",
        "resident_rules",
        status=409 if problem else 200,
        trial=found,
        runs=outcome is None and not error,
        error=error,
        changes=[(path, before.get(path, ""), after.get(path, "")) for path in paths],
        found=outcome,
        most=SHOWN_DIFFERENCES,
        stale=_overtaken(visit, found),
        problem=problem,
        percent=round(100 * found.part),
    )


def _overtaken(visit: Visit, found: Trial) -> str:
    """Return why an outcome tells nothing any more, "" where it does."""
    if visit.record != found.before:
        return "The record of this home was changed meanwhile: change the value again."
    if visit.sight.plan != found.plan:
        return "The rules of the site were changed meanwhile: change the value again."
    return ""


def save(visit: Visit) -> Response:
    """Make the change, when its outcome was shown and the record is still the one it was tried on.

    The engine looks again: somebody may be quicker.
    """
    found = _trial(visit)
    if found.found is None or not found.shown:
        return _outcome(visit, found, "Look at the outcome first: it is not there yet.")
    if changed := _overtaken(visit, found):
        return _outcome(visit, found, changed)
    was = {found.home: content_hash(encode_home(found.before))}
    order = ImportOrder(homes=(found.after,), was=was)
    result = visit.give("import", found.home, msgspec.json.encode(order))
    if result.state == "refused":
        return _outcome(visit, found, f"{result.reason[:1].upper()}{result.reason[1:]}.")
    said = "It is stored; the engine has not answered yet."
    if result.state == "done":
        said = f"{found.rule} has its new values in {found.home} from now on."
    return visit.redirect(visit.url("resident_rules", home=found.home), said=said)


_BASE: Final = "/homes/{home:path}/resident"
_READS: Final = "the rules of the home"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        path=f"{_BASE}/rules",
        name="resident_rules",
        endpoint=rules,
        act=Act.SEE_HOMES,
        reads=_READS,
    ),
    Entry(
        path=f"{_BASE}/rules/{{rule}}",
        name="resident_rule",
        endpoint=rule,
        act=Act.EDIT_HOMES,
        reads=_READS,
    ),
    Entry(
        path=f"{_BASE}/rules/{{rule}}/try",
        name="resident_try",
        endpoint=begin,
        act=Act.EDIT_HOMES,
        methods=("POST",),
        reads=_READS,
    ),
    Entry(
        path=f"{_BASE}/trials/{{trial}}",
        name="resident_trial",
        endpoint=trial,
        act=Act.EDIT_HOMES,
    ),
    Entry(
        path=f"{_BASE}/trials/{{trial}}/save",
        name="resident_save",
        endpoint=save,
        act=Act.EDIT_HOMES,
        methods=("POST",),
        reads=_READS,
    ),
)

"""The escalation of an alert: each step with what became of every message, and what comes next.

Read from the record, from evidence, and from `core.forecast`; nothing is decided here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from telecared.core.effects import Record
from telecared.core.forecast import Coming, What, forecast, name_of
from telecared.core.links import PLACEHOLDER
from telecared.core.policy import MONITORING_CENTRE, Step
from telecared.core.telling import meant_by
from telecared.core.vocabulary import Channel, Instant, Stage
from telecared.core.work import Work
from telecared.reader_port import NotificationLife
from telecared.web.views.alert_facts import AlertFacts

MAX_MESSAGES: Final = 100
"""Messages of an alert that are shown, the last ones."""

_STEP: Final = re.compile(r"step (\d+) of \d+")
"""How the core begins the reason of `alert.escalated`."""

_STAGES: Final[Mapping[Stage, str]] = {
    Stage.ATTEMPT: "tried",
    Stage.ACCEPTED: "taken by the provider",
    Stage.CALLED: "rang",
    Stage.KEY_PRESSED: "pressed",
    Stage.WITHDRAWN: "taken back",
}


class Moment(NamedTuple):
    """One moment of a message: what happened, and when."""

    words: str
    at: Instant


class Message(NamedTuple):
    """One message about the alert to one person. Personal data.

    Attributes:
        state: the last word on it, or `withdrawn`.
        text: what it said, "" where it was erased.
    """

    id: str
    to: str
    channel: Channel
    state: str
    moments: tuple[Moment, ...]
    text: str


class Turn(NamedTuple):
    """One telling of a step: when it began and why, and what was sent then."""

    at: Instant
    why: str
    messages: tuple[Message, ...]


class Rung(NamedTuple):
    """One step of the ladder.

    Attributes:
        names: whom it means now, or meant when it was told.
        by: its channels; none where the policy is known no more.
        state: `done`, `now` or `next`.
        at: when it begins, for one that is next and can be foreseen.
    """

    number: int
    names: tuple[str, ...]
    by: tuple[Channel, ...]
    wait: int
    state: str
    at: Instant | None
    turns: tuple[Turn, ...]


class Next(NamedTuple):
    """What happens unless somebody does something before."""

    at: Instant
    words: str


class Ladder(NamedTuple):
    """The escalation of an alert.

    Attributes:
        at_centre: when it reaches or reached the monitoring centre.
        left_out: how many earlier messages are not shown.
    """

    rungs: tuple[Rung, ...]
    coming: tuple[Next, ...]
    at_centre: Instant | None
    left_out: int


def ladder_of(facts: AlertFacts) -> Ladder:
    """Return how far an alert has been told, and what comes next."""
    lives = facts.visit.sight.reader.evidence_of(facts.home, facts.n)
    left_out = max(len(lives) - MAX_MESSAGES, 0)
    turns = _turns(facts, lives[left_out:])
    coming: Sequence[Coming] = ()
    at_centre = None
    if facts.alert is not None and not facts.alert.watch:
        ahead = forecast(facts.plan, facts.work.state, facts.site, facts.n)
        coming, at_centre = ahead.coming, ahead.at_centre
    return Ladder(
        rungs=tuple(_rungs(facts, turns, coming)) if lives or not facts.row.watch else (),
        coming=tuple(_each_once(Next(one.at, _words(one)) for one in coming)),
        at_centre=at_centre,
        left_out=left_out,
    )


# --- what was sent ------------------------------------------------------------------------------


def _turns(facts: AlertFacts, lives: Sequence[NotificationLife]) -> dict[int, list[Turn]]:
    """Return step -> its tellings in order, each with the messages that were owed from then on."""
    begins: list[tuple[Instant, int, str]] = []
    for line in facts.lines:
        found = _begin(line, begins[-1][1] if begins else 1)
        if found is not None:
            begins.append(found)
    begins = begins or [(facts.row.opened_at, 1, "")]
    texts = facts.ask.texts(facts.home, facts.n)
    sent: list[list[Message]] = [[] for _ in begins]
    for life in lives:
        at = max((i for i, one in enumerate(begins) if one[0] <= life.queued_at), default=0)
        sent[at].append(_message(facts, life, texts.get(life.id, "")))
    turns: dict[int, list[Turn]] = {}
    for (begun, step, why), messages in zip(begins, sent, strict=True):
        turns.setdefault(step, []).append(Turn(begun, why, tuple(messages)))
    return turns


def _begin(line: Record, running: int) -> tuple[Instant, int, str] | None:
    """Return (when, step, why) where a line of the record says that a step begins."""
    if line.event == "alert.opened":
        return line.at, 1, ""
    if line.event != "alert.escalated":
        return None
    found = _STEP.match(line.reason)
    _, _, why = line.reason.partition(": ")
    return line.at, int(found[1]) if found else running, why


def _message(facts: AlertFacts, life: NotificationLife, text: str) -> Message:
    moments = [Moment(_stage_words(one.stage, one.code), one.at) for one in life.moments]
    if not any(one.stage is Stage.QUEUED for one in life.moments):
        moments.insert(0, Moment("queued", life.queued_at))
    return Message(
        id=life.id,
        to=name_of(facts.plan, life.to),
        channel=life.channel,
        state="withdrawn" if life.withdrawn else life.state.value,
        moments=tuple(moments),
        text=text.replace(PLACEHOLDER, "…"),  # each message has a link of its own
    )


def _stage_words(stage: Stage, code: str) -> str:
    words = _STAGES.get(stage, stage.value.replace("_", " "))
    return f"{words} {code}" if code else words


# --- the steps ----------------------------------------------------------------------------------


def _rungs(
    facts: AlertFacts, turns: Mapping[int, list[Turn]], coming: Sequence[Coming]
) -> Iterator[Rung]:
    alert = facts.alert
    steps: Sequence[Step] = () if alert is None or alert.watch else alert.policy.steps
    last = max((*turns, len(steps)), default=0)
    for number in range(1, last + 1):
        step = steps[number - 1] if number <= len(steps) else None
        told = tuple(turns.get(number, ()))
        running = 0 if alert is None else alert.step + 1
        state = "next" if number > running and step is not None else "done"
        if alert is not None and number == running and alert.turn:
            state = "now"
        if step is None and not told:
            continue
        yield Rung(
            number=number,
            names=_names(facts, step, told, when=told[-1].at if told and state == "done" else None),
            by=() if step is None else step.by,
            wait=0 if step is None else step.wait,
            state=state,
            at=_begins_at(number, coming) if state == "next" else None,
            turns=told,
        )


def _begins_at(number: int, coming: Sequence[Coming]) -> Instant | None:
    begins = (What.NEXT_STEP, What.CENTRE)
    return next((one.at for one in coming if one.step == number and one.what in begins), None)


def _names(
    facts: AlertFacts, step: Step | None, told: Sequence[Turn], *, when: Instant | None
) -> tuple[str, ...]:
    """Return whom a step means now, or meant `when` it was told: a rota goes on since.

    Of a step that is known no more, who was told.
    """
    if step is None:
        sent = (message.to for turn in told for message in turn.messages)
        return tuple(dict.fromkeys(sent))
    work = facts.work
    if when is not None:
        work = Work(facts.state, facts.plan, facts.site)
        work.at = when
    return tuple(name_of(facts.plan, one) for one in meant_by(work, step.notify))


# --- what comes next ----------------------------------------------------------------------------

_COMES: Final[Mapping[What, str]] = {
    What.CANCEL_ENDS: "The resident's time to cancel is over.",
    What.TOLD_TOGETHER: "It is told together with others.",
    What.CONFIRM_DUE: "The second sensor's time is over.",
    What.LEASE_LAPSES: "The hold of {who} lapses, and the escalation goes on.",
    What.ANSWER_DUE: "{who} must have answered, or the escalation goes on.",
    What.WORD_LAPSES: "The word of {who} lapses.",
    What.ASKS_OUTCOME: "{who} is asked how it ended.",
    What.RECEIPT_DUE: "A message without a receipt counts as failed.",
    What.AGES: "It is told again because nobody has mended it: {who}{by}.",
    What.NEXT_PERSON: "{who} is told next{by}.",
    What.TOLD_AGAIN: "Step {step} is told again: {who}{by}.",
    What.NEXT_STEP: "Step {step} begins: {who}{by}.",
    What.CENTRE: "It reaches the monitoring centre{others}.",
    What.CENTRE_AGAIN: "The monitoring centre is told again{by}, and so on.",
    What.SUPERVISOR: "The supervisor is paged: {who}{by}.",
}


def _each_once(coming: Iterable[Next]) -> Iterator[Next]:
    """Yield what comes, and what comes again and again the first time only."""
    said = set()
    for one in coming:
        if one.words not in said:
            said.add(one.words)
            yield one


def _words(one: Coming) -> str:
    """Return what happens in one sentence."""
    told = zip(one.to, one.names, strict=True)
    others = ", ".join(name for to, name in told if to != MONITORING_CENTRE)
    return _COMES[one.what].format(
        who=", ".join(one.names) or "nobody",
        by=f" by {', '.join(one.channels)}" if one.channels else "",
        step=one.step,
        others=f", with {others}" if others else "",
    )

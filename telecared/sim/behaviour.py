"""How a simulated person's phone behaves: what it reports, whether and when somebody answers.

Values and pure functions only, so that a replay in virtual time and the fake provider over HTTP
tell the same story. Nothing is sent and no time passes here.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from telecared.config.durations import format_duration, parse_duration
from telecared.core.vocabulary import DAY, SECOND, Duration, NotificationState
from telecared.errors import ConfigError

LONGEST_DELAY: Final = 7 * DAY
MOST_COPIES: Final = 10

CODE_PLACE: Final = "{code}"
"""In a reply, stands for the reply code of the message that is answered."""

PRESSES_NOTHING: Final = "none"
VOICEMAIL: Final = "voicemail"
BUSY: Final = "busy"
NO_ANSWER: Final = "no_answer"
_KEYS_PRESSED: Final = re.compile(r"[0-9*#]{1,8}")

PICKED_UP_AFTER: Final = 5 * SECOND
RINGS_FOR: Final = 30 * SECOND
VOICEMAIL_AFTER: Final = 25 * SECOND
TALKS_FOR: Final = 60 * SECOND
"""How long a call lasts in which nobody presses a key: the text three times over."""

KEY_APART: Final = 10 * SECOND
HANGS_UP_AFTER: Final = 3 * SECOND

_NEWS: Final = re.compile(r"\bYou need not do anything\b|\bIt is over\b")
"""Messages that only tell: nobody answers them, whatever number an address may hold."""

_REFUSING_CODE: Final = re.compile(r"\bNO\s+\d{4}(?!\d)", re.IGNORECASE)
_ASKED_CODE: Final = re.compile(r"\breply\s+(?:with\s+)?(\d{4})(?!\d)", re.IGNORECASE)
_ANY_CODE: Final = re.compile(r"(?<![\d+])\d{4}(?!\d)")


class Fault(StrEnum):
    """What goes wrong between us and the provider when a message is handed over.

    `before` and `after` say whether the provider took the message first.
    """

    NONE = "none"
    INVALID_NUMBER = "invalid_number"
    RATE_LIMITED = "429"
    SERVER_ERROR_BEFORE = "500"
    SERVER_ERROR_AFTER = "500_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    CUT_AFTER = "cut_after"

    @property
    def taken(self) -> bool:
        """Whether the provider has the message all the same."""
        return self in _TAKEN


_TAKEN: Final = frozenset(
    {Fault.NONE, Fault.SERVER_ERROR_AFTER, Fault.TIMEOUT_AFTER, Fault.CUT_AFTER}
)


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """One phone and its owner. By default messages arrive after 5 s and nobody answers.

    Attributes:
        reply: what the owner writes back, with `{code}` for the code asked for; None is silence.
            A reply with `{code}` is not written to a message that holds no code.
        after: when the reply is written, or the key pressed, counted from the sending.
        answer: what becomes of a call: the key that is pressed (several, one after another),
            `none` (picked up, nothing pressed), `voicemail`, `busy`, or None: nobody picks up.
        state: how delivery ends: delivered, undelivered or failed.
        code: the provider's error code for an end that is not delivered.
        sent_after: when the provider reports `sent`; None when it never does.
        settled_after: when it reports the end; None when no receipt ever comes.
        copies: how often each receipt is told; 1 is once.
        reordered: `sent` is told after the end.
        opt_out: the owner answers STOP, after which the provider refuses further messages.
        fault: what goes wrong when a message is handed over.
        fault_times: how many messages it befalls; None is all.
    """

    reply: str | None = None
    after: Duration = 30 * SECOND
    answer: str | None = None
    state: NotificationState = NotificationState.DELIVERED
    code: str = ""
    sent_after: Duration | None = SECOND
    settled_after: Duration | None = 5 * SECOND
    copies: int = 1
    reordered: bool = False
    opt_out: bool = False
    fault: Fault = Fault.NONE
    fault_times: int | None = None


class ReactionKind(StrEnum):
    """What comes back."""

    RECEIPT = "receipt"
    REPLY = "reply"
    CALL = "call"
    KEY = "key"


class Reaction(NamedTuple):
    """One thing that comes back after a message was sent.

    Attributes:
        delay: microseconds after the sending.
        kind: a receipt from the provider or a reply from the owner; of a call, how it goes, or
            a key that is pressed.
        payload: the value of a NotificationState, the reply's text, Twilio's word for how a call
            goes, the key.
        code: the provider's error code with a receipt, or "".
    """

    delay: Duration
    kind: ReactionKind
    payload: str
    code: str = ""


def reactions(behaviour: Behaviour, text: str) -> list[Reaction]:
    """Return all that comes back after `text` was sent to this phone, in order of time."""
    timeline = _receipts(behaviour)
    answer = answer_to(behaviour, text)
    if answer is not None and behaviour.state is NotificationState.DELIVERED:
        timeline.append(Reaction(behaviour.after, ReactionKind.REPLY, answer))
    return sorted(timeline, key=lambda reaction: reaction.delay)


def call_reactions(behaviour: Behaviour) -> list[Reaction]:
    """Return all that becomes of a call to this phone, in order of time."""

    def goes(at: Duration, word: str) -> Reaction:
        return Reaction(at, ReactionKind.CALL, word, behaviour.code if word == "failed" else "")

    answer = behaviour.answer
    if behaviour.state is not NotificationState.DELIVERED:
        return [goes(SECOND, "failed")]
    if answer == BUSY:
        return [goes(SECOND, "busy")]
    ringing = goes(SECOND, "ringing")
    if answer is None:
        return [ringing, goes(RINGS_FOR, "no-answer")]
    if answer in (PRESSES_NOTHING, VOICEMAIL):
        up = PICKED_UP_AFTER if answer == PRESSES_NOTHING else VOICEMAIL_AFTER
        return [ringing, goes(up, "in-progress"), goes(up + TALKS_FOR, "completed")]
    up = min(PICKED_UP_AFTER, behaviour.after)
    keys = [
        Reaction(behaviour.after + number * KEY_APART, ReactionKind.KEY, key)
        for number, key in enumerate(answer)
    ]
    ended = goes(keys[-1].delay + HANGS_UP_AFTER, "completed")
    return [goes(min(SECOND, up), "ringing"), goes(up, "in-progress"), *keys, ended]


def answer_to(behaviour: Behaviour, text: str) -> str | None:
    """Return what the owner writes back to `text`, or None for silence."""
    if behaviour.opt_out:
        return "STOP"
    if behaviour.reply is None:
        return None
    if CODE_PLACE not in behaviour.reply:
        return behaviour.reply
    code = reply_code(text)
    return None if code is None else behaviour.reply.replace(CODE_PLACE, code)


def reply_code(text: str) -> str | None:
    """Return the four digits that a message asks its reader to send back, if it holds any.

    Those after the word `reply` come first, then the last number of exactly four digits. A code
    offered for declining (`reply NO 4711`) is not one that is asked for.
    """
    if _NEWS.search(text):
        return None
    text = _REFUSING_CODE.sub("", text)
    asked = _ASKED_CODE.search(text)
    if asked is not None:
        return asked.group(1)
    numbers = _ANY_CODE.findall(text)
    return numbers[-1] if numbers else None


def fault_for(behaviour: Behaviour, earlier: int) -> Fault:
    """Return what befalls the next message, when `earlier` ones were handed over before."""
    if behaviour.fault_times is not None and earlier >= behaviour.fault_times:
        return Fault.NONE
    return behaviour.fault


def _receipts(behaviour: Behaviour) -> list[Reaction]:
    sent_at, settled_at = behaviour.sent_after, behaviour.settled_after
    if sent_at is not None and settled_at is not None:
        # Reports of one message come in order unless the behaviour says otherwise.
        sent_at = settled_at + SECOND if behaviour.reordered else min(sent_at, settled_at)
    told: list[Reaction] = []
    if sent_at is not None:
        told.append(Reaction(sent_at, ReactionKind.RECEIPT, NotificationState.SENT))
    if settled_at is not None:
        end = Reaction(settled_at, ReactionKind.RECEIPT, behaviour.state, behaviour.code)
        told.append(end)
    return [receipt for receipt in told for _ in range(behaviour.copies)]


# --- the form that people write ---------------------------------------------------------------

_WORDS: Final[Mapping[str, Behaviour]] = {
    "silent": Behaviour(),
    "undelivered": Behaviour(state=NotificationState.UNDELIVERED, code="30003"),
    "failed": Behaviour(state=NotificationState.FAILED, code="30008"),
    "no_receipt": Behaviour(sent_after=None, settled_after=None),
    "opt_out": Behaviour(opt_out=True),
    BUSY: Behaviour(answer=BUSY),
    NO_ANSWER: Behaviour(),
    VOICEMAIL: Behaviour(answer=VOICEMAIL),
}
_NEVER: Final = "never"
_KEYS: Final = (
    "reply, after, answer, state, code, sent, settled, copies, reordered, opt_out, fault,"
    " fault_times"
)


def parse_behaviour(value: object) -> Behaviour:
    """Return the behaviour that a scenario writes for one person.

    A word (`silent`, `undelivered`, `failed`, `no_receipt`, `opt_out`, or a fault such as `429`)
    or a mapping such as `{reply: "{code}", after: 40s}`. Raises ConfigError with one sentence for
    each mistake; naming the place is up to the caller.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # YAML reads `429` as a number
    if isinstance(value, str):
        return _from_word(value)
    if not isinstance(value, Mapping):
        raise ConfigError([f"a phone's behaviour is a word or a mapping; write {_choices()}"])
    return _from_mapping(value)


def _from_word(word: str) -> Behaviour:
    if word in _WORDS:
        return _WORDS[word]
    if word in set(Fault):
        return Behaviour(fault=Fault(word))
    raise ConfigError([f"{word!r} is not a phone's behaviour; write {_choices()}"])


def _choices() -> str:
    words = ", ".join([*_WORDS, *(fault for fault in Fault if fault is not Fault.NONE)])
    return f'one of {words}, or a mapping such as {{reply: "{CODE_PLACE}", after: 40s}}'


def _from_mapping(value: Mapping[object, object]) -> Behaviour:
    fields: dict[str, object] = {}
    problems: list[str] = []
    for key, given in value.items():
        reader = _READERS.get(key) if isinstance(key, str) else None
        if reader is None:
            problems.append(f"{key!r} is not known of a phone; write one of {_KEYS}")
            continue
        try:
            fields[reader.field] = _READ[reader.kind](given)
        except ValueError as wrong:
            problems.append(f"{key}: {wrong}")
    if problems:
        raise ConfigError(problems)
    return msgspec.structs.replace(Behaviour(), **fields)


class _Reader(NamedTuple):
    field: str
    kind: str


_READERS: Final[Mapping[str, _Reader]] = {
    "reply": _Reader("reply", "text"),
    "after": _Reader("after", "delay"),
    "answer": _Reader("answer", "answer"),
    "state": _Reader("state", "state"),
    "code": _Reader("code", "code"),
    "sent": _Reader("sent_after", "delay_or_never"),
    "settled": _Reader("settled_after", "delay_or_never"),
    "copies": _Reader("copies", "copies"),
    "reordered": _Reader("reordered", "flag"),
    "opt_out": _Reader("opt_out", "flag"),
    "fault": _Reader("fault", "fault"),
    "fault_times": _Reader("fault_times", "copies"),
}


def _text(given: object) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("must be a text in quotes")
    return given


def _answer(given: object) -> str | None:
    word = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if word == NO_ANSWER:
        return None
    if isinstance(word, str):
        words = (PRESSES_NOTHING, VOICEMAIL, BUSY)
        if word in words or _KEYS_PRESSED.fullmatch(word):
            return word
    raise ValueError(
        f"{given!r} is not what becomes of a call; write the key that is pressed (1 accepts,"
        " 2 refuses), none, voicemail, busy or no_answer"
    )


def _code(given: object) -> str:
    code = str(given)
    if not re.fullmatch(r"[0-9]{5}", code):
        raise ValueError(f"{given!r} is not a provider's error code; write five digits")
    return code


def _delay(given: object) -> Duration:
    delay = parse_duration(given)
    if delay > LONGEST_DELAY:
        raise ValueError(f"longer than {format_duration(LONGEST_DELAY)}; write a shorter duration")
    return delay


def _delay_or_never(given: object) -> Duration | None:
    return None if given == _NEVER else _delay(given)


def _state(given: object) -> NotificationState:
    ends = (
        NotificationState.DELIVERED,
        NotificationState.UNDELIVERED,
        NotificationState.FAILED,
    )
    for end in ends:
        if given == end:
            return end
    raise ValueError(f"{given!r} is not how delivery ends; write one of {', '.join(ends)}")


def _copies(given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST_COPIES:
        raise ValueError(f"{given!r} is not a number from 1 to {MOST_COPIES}")
    return given


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"{given!r} is neither true nor false")
    return given


def _fault(given: object) -> Fault:
    word = str(given)
    if word not in set(Fault):
        raise ValueError(f"{given!r} is not a fault; write one of {', '.join(Fault)}")
    return Fault(word)


_READ: Final = {
    "text": _text,
    "code": _code,
    "answer": _answer,
    "delay": _delay,
    "delay_or_never": _delay_or_never,
    "state": _state,
    "copies": _copies,
    "flag": _flag,
    "fault": _fault,
}

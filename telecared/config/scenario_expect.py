"""The `expect` of a scenario: what must happen, when, and in which words.

One entry of YAML becomes one expectation. Whether it came true is found out by `sim.scenarios`.
"""

from collections.abc import Collection, Mapping
from typing import Final

from telecared.config.moments import Origin, Span, parse_moment, parse_span
from telecared.config.parts import Part, one_of, only_true, text
from telecared.config.positions import nearest
from telecared.config.scenario_format import Expectation, Place
from telecared.core.plan import HomeRecord
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import Channel, Instant, Priority

QUEUED: Final = "notification.queued"
ACKNOWLEDGED: Final = "alert.acknowledged"

HELD_BACK: Final = "held back"
"""With these words the record says that a finding opened nothing."""

_ABOUT_A_RULE: Final[Mapping[str, str]] = {
    "opened": "alert.opened",
    "repeated": "alert.repeated",
    "updated": "alert.updated",
    "escalated": "alert.escalated",
    "snoozed": "alert.snoozed",
    "lapsed": "alert.lapsed",
    "planned": "alert.planned",
    "aged": "alert.aged",
    "resolved": "alert.resolved",
    "held_back": "alert.updated",
}
"""Key -> the event of the record that it means; its value is the rule."""

_CHANNELS: Final = tuple(channel.value for channel in Channel)
_KINDS: Final = (*_ABOUT_A_RULE, "acknowledged_by", *_CHANNELS, "nothing")

ENDLESS: Final[Instant] = 2**62
"""The end of what is expected at any time: the scenario's own."""


class ExpectReader:
    """Reads the entries of one scenario's `expect`."""

    def __init__(
        self,
        home: HomeRecord,
        origin: Origin,
        *,
        rules: Collection[str],
        channels: Collection[Channel],
    ) -> None:
        self._home = home
        self._origin = origin
        self._rules = rules
        self._channels = channels

    def entry(self, part: Part) -> Expectation | None:
        """Read one entry; what is wrong with it is noted in its part."""
        kinds = [key for key in _KINDS if key in part.raw]
        if len(kinds) != 1:
            told = "expects nothing" if not kinds else f"expects {' and '.join(kinds)} at once"
            strange = [str(key) for key in part.raw if key not in ("at", "by", "until")]
            hint = nearest(strange[0], _KINDS) if strange and not kinds else "write one an entry"
            part.wrong(f"the entry {told}; {hint}")
            return None
        kind = kinds[0]
        span, shown = self._span(part, quiet=kind == "nothing")
        what = f"{kind}: {part.raw[kind]}" if kind != "nothing" else "nothing"
        rule = to = channel = None
        if kind in _ABOUT_A_RULE:
            rule = part.get(kind, self._rule, None)
        elif kind == "nothing":
            part.get(kind, only_true, True)
        elif kind == "acknowledged_by":
            to = part.get(kind, text, None)
        else:
            to = part.get(kind, self._recipient, None)
            channel = self._channel(part, kind)
        found = Expectation(
            place=Place(part.document.name, *part.position),
            first=span.first,
            last=span.last,
            shown=shown,
            what=what,
            event=_event(kind),
            rule=rule,
            to=to,
            channel=channel,
            says=part.get("says", text, None) if channel or kind == "opened" else None,
            because=self._because(part, kind),
            priority=part.get("priority", one_of(*Priority), None) if rule else None,
        )
        part.close()
        return found

    def _span(self, part: Part, *, quiet: bool) -> tuple[Span, str]:
        """Return when, and how that was written; without a word about it, at any time."""
        keys = ("at", "by", "until") if quiet else ("at", "by")
        given = [key for key in keys if part.has(key)]
        anywhere = Span(self._origin.start, ENDLESS)
        if not given:
            return anywhere, "at any time"
        if len(given) > 1:
            part.wrong(f"{' and '.join(given)} are one too many; write one of them", given[1])
            return anywhere, ""
        key = given[0]
        if key == "at":
            span = part.get("at", lambda value: parse_span(value, self._origin), anywhere)
            return span, str(part.raw[key])
        last = part.get(key, lambda value: parse_moment(value, self._origin), ENDLESS)
        return Span(self._origin.start, last), f"{key} {part.raw[key]}"

    def _because(self, part: Part, kind: str) -> str | None:
        if kind == "held_back":
            return HELD_BACK
        return part.get("because", text, None) if kind in _ABOUT_A_RULE else None

    def _rule(self, value: object) -> str:
        if not isinstance(value, str) or value not in self._rules:
            raise ValueError(f"there is no rule '{value}'; {nearest(str(value), self._rules)}")
        return value

    def _recipient(self, value: object) -> str:
        known = [*(contact.id for contact in self._home.contacts), MONITORING_CENTRE, "sender"]
        if not isinstance(value, str) or value not in known:
            hint = nearest(str(value), known)
            raise ValueError(f"{self._home.id} has no contact '{value}'; {hint}")
        return value

    def _channel(self, part: Part, kind: str) -> str:
        if Channel(kind) not in self._channels:
            usable = ", ".join(self._channels) or "none"
            message = (
                f"nothing sends by {kind}, so that this cannot come; remove it"
                f" (channels with a sender: {usable})"
            )
            part.wrong(message, kind, key=True)
        return kind


def _event(kind: str) -> str:
    if kind == "nothing":
        return ""
    if kind == "acknowledged_by":
        return ACKNOWLEDGED
    return _ABOUT_A_RULE.get(kind, QUEUED)

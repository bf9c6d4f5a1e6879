"""Topic patterns of device profiles: `{scheme}/{home}/zigbee2mqtt/{device+}`.

Only the matching of a topic against a pattern is here, for devices that nobody registered;
registered ones are found by their exact topic (`directory`).
"""

import re
from typing import Final

import msgspec

MAX_GUESSED_TOPIC_CHARS: Final = 1024
"""A longer topic matches no pattern: matching may take time that grows with its square."""

ANY: Final = "any"
"""A capture of this name is not kept, and may come several times."""

_CAPTURE: Final = re.compile(r"\{([a-z_]+)(\+?)\}", re.ASCII)


class Captures(msgspec.Struct, frozen=True):
    """What a pattern found in a topic; None for what it does not name."""

    scheme: str | None = None
    home: str | None = None
    device: str | None = None
    address: str | None = None


NOTHING: Final = Captures()


class TopicPattern:
    """One compiled pattern. `{name}` is one level, `{name+}` one or more, the rest is literal.

    Attributes:
        literal: how many letters of a topic it names, slashes apart; 0 fits whatever has as many
            levels, so that it says nothing about whose a topic is.
    """

    def __init__(self, text: str) -> None:
        """Compile `text`.

        Raises:
            ValueError: a brace that is no capture, a name given twice, or a wildcard of MQTT.
        """
        parts: list[str] = []
        names: list[str] = []
        end = 0
        for found in _CAPTURE.finditer(text):
            parts.append(re.escape(_literal(text[end : found.start()], text)))
            name, many = found.groups()
            level = ".+?" if many else "[^/]+"
            if name == ANY:
                parts.append(f"(?:{level})")
            else:
                names.append(name)
                parts.append(f"(?P<{name}>{level})")
            end = found.end()
        parts.append(re.escape(_literal(text[end:], text)))
        if len(names) != len(set(names)):
            raise ValueError(f'"{text}" captures one name twice; give each its own')
        self.text = text
        self.literal = len(_CAPTURE.sub("", text).replace("/", ""))
        # Nearly every topic fits no pattern: its literal texts say so at a twentieth of the cost.
        literals = _CAPTURE.sub("\0", text).split("\0")
        self._says = (max(literals, key=len), literals[-1])
        self._match = re.compile("".join(parts), re.DOTALL).fullmatch

    def match(self, topic: str) -> Captures | None:
        """Return what the pattern captures in `topic`, or None when it does not fit."""
        text, tail = self._says
        if text not in topic or not topic.endswith(tail) or len(topic) > MAX_GUESSED_TOPIC_CHARS:
            return None
        found = self._match(topic)
        if found is None:
            return None
        named = found.groupdict()
        return Captures(
            named.get("scheme"), named.get("home"), named.get("device"), named.get("address")
        )


def _literal(part: str, whole: str) -> str:
    if "{" in part or "}" in part:
        raise ValueError(f'"{whole}" has a brace that is no capture; write {{name}} or {{name+}}')
    if "#" in part or "+" in part:
        raise ValueError(f'"{whole}" has an MQTT wildcard; write {{name}} or {{name+}}')
    return part


class BelowPattern(msgspec.Struct, frozen=True):
    """What stands below a device's own topic, with levels that may be anything.

    Attributes:
        text: as the profile has it; the name of the message's shape.
        levels: literal texts; None for a level that may be anything.
        address: the place of the level that names a device, or None.
    """

    text: str
    levels: tuple[str | None, ...]
    address: int | None

    def match(self, below: str) -> tuple[bool, str | None]:
        """Whether `below` fits, and what it names."""
        levels = below.split("/")
        if len(levels) != len(self.levels):
            return False, None
        for level, wanted in zip(levels, self.levels, strict=True):
            if (wanted is not None and level != wanted) or not level:
                return False, None
        return True, None if self.address is None else levels[self.address]


def below_pattern(text: str) -> BelowPattern | None:
    """Compile a key of `below`; None for one without braces, which is only looked up.

    Raises:
        ValueError: a brace that is neither {address} nor {any}, two addresses, or a wildcard.
    """
    levels: list[str | None] = []
    address: int | None = None
    for place, level in enumerate(text.split("/")):
        if level == "{address}":
            if address is not None:
                raise ValueError(f'"{text}" has {{address}} twice; write {{any}} for one of them')
            address = place
        elif level != "{any}":
            if any(sign in level for sign in "{}#+"):
                raise ValueError(
                    f'"{text}" has a level that cannot be matched; a level is a text, {{address}}'
                    " or {any}"
                )
            levels.append(level)
            continue
        levels.append(None)
    return BelowPattern(text, tuple(levels), address) if None in levels else None

"""Topic patterns of device profiles: `{scheme}/{home}/zigbee2mqtt/{device+}`.

Only the matching of a topic against a pattern is here, for devices that nobody registered;
registered ones are found by their exact topic (`directory`).
"""

import re
from typing import Final

import msgspec

MAX_GUESSED_TOPIC_CHARS: Final = 1024
"""A longer topic matches no pattern: matching may take time that grows with its square."""

_CAPTURE: Final = re.compile(r"\{([a-z_]+)(\+?)\}", re.ASCII)


class Captures(msgspec.Struct, frozen=True):
    """What a pattern found in a topic; None for what it does not name."""

    scheme: str | None = None
    home: str | None = None
    device: str | None = None


NOTHING: Final = Captures()


class TopicPattern:
    """One compiled pattern. `{name}` is one level, `{name+}` one or more, the rest is literal."""

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
            names.append(name)
            parts.append(f"(?P<{name}>.+?)" if many else f"(?P<{name}>[^/]+)")
            end = found.end()
        parts.append(re.escape(_literal(text[end:], text)))
        if len(names) != len(set(names)):
            raise ValueError(f'"{text}" captures one name twice; give each its own')
        self.text = text
        self._match = re.compile("".join(parts), re.DOTALL).fullmatch

    def match(self, topic: str) -> Captures | None:
        """Return what the pattern captures in `topic`, or None when it does not fit."""
        if len(topic) > MAX_GUESSED_TOPIC_CHARS:
            return None
        found = self._match(topic)
        if found is None:
            return None
        named = found.groupdict()
        return Captures(named.get("scheme"), named.get("home"), named.get("device"))


def _literal(part: str, whole: str) -> str:
    if "{" in part or "}" in part:
        raise ValueError(f'"{whole}" has a brace that is no capture; write {{name}} or {{name+}}')
    if "#" in part or "+" in part:
        raise ValueError(f'"{whole}" has an MQTT wildcard; write {{name}} or {{name+}}')
    return part

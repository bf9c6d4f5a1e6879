"""Which topics a shard listens to: whole subtrees that never overlap (design 3.1, decision 8)."""

from collections.abc import Iterable, Mapping

from telecared.core.plan import HomeRecord


def topic_filters(
    records: Iterable[HomeRecord], schemes: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return subtrees that hold every registered topic and every scheme's own.

    A scheme without stated topics is heard under `telecare/{scheme}/#`. A device's topic adds its
    first level, or `telecare/{scheme}` for the native profile, so that unknown neighbours are
    heard too. Covered filters are left out: an MQTT 5 broker sends a message once for each filter
    that matches.

    Args:
        records: of all homes.
        schemes: scheme -> the topics that the deployment states for it.
    """
    wanted = {topic for topics in schemes.values() for topic in topics}
    wanted |= {f"telecare/{scheme}/#" for scheme, topics in schemes.items() if not topics}
    for record in records:
        if record.scheme not in schemes:
            wanted.add(f"telecare/{record.scheme}/#")
        for device in record.devices:
            if not any(_holds(each, device.topic) for each in wanted):
                levels = device.topic.split("/")
                depth = 2 if levels[0] == "telecare" and len(levels) > 2 else 1
                wanted.add("/".join([*levels[:depth], "#"]))
    return sorted(one for one in wanted if not any(_covers(other, one) for other in wanted))


def _holds(subtree: str, topic: str) -> bool:
    return topic == subtree or (subtree.endswith("/#") and topic.startswith(subtree[:-1]))


def _covers(wide: str, narrow: str) -> bool:
    return wide != narrow and wide.endswith("#") and narrow.startswith(wide[:-1])

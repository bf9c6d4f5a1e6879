"""What homes may refer to, from the deployment's own files: read again when the plan has changed.

Reading thousands of rules takes seconds, in the worker thread of whoever asks first.
"""

import threading

import structlog

from telecared.config.check import surroundings
from telecared.config.deployment import Deployment
from telecared.config.load import load_plan
from telecared.errors import ConfigError
from telecared.shard import directory_of
from telecared.web.home_texts import Around, around_plan
from telecared.web.registry import Registry

log = structlog.get_logger(__name__)


class DeploymentAround:
    """Asked by pages on which homes are written. Call it.

    Args:
        deployment: whose rules and profiles.
        registry: says when the plan in force has changed: a reload has read other files.
    """

    def __init__(self, deployment: Deployment, registry: Registry) -> None:
        self._deployment = deployment
        self._registry = registry
        self._lock = threading.Lock()
        self._of: object = None
        self._known: Around | None = None

    def __call__(self) -> Around:
        """Return what homes may refer to; files that are broken now leave what the plan tells."""
        plan = self._registry.plan()
        with self._lock:
            if self._known is None or self._of is not plan:
                try:
                    loaded = load_plan(self._deployment)
                except ConfigError as error:
                    log.error("console.rules", problems=len(error.problems))
                    return around_plan(plan)
                build = directory_of(loaded.profiles)
                self._known = Around(
                    surroundings(self._deployment, loaded),
                    lambda homes: list(build(homes).conflicts),
                    build,
                )
                self._of = plan
            return self._known

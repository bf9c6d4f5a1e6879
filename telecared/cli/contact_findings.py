"""Contacts who may not be reached, as findings: shown where somebody is about to rely on them.

How a number stands is the core's. Ids are told, never names or numbers.
"""

from pathlib import Path

from telecared.cli.reaching import STALE_DAYS, reaches
from telecared.config.deployment import load_deployment
from telecared.config.findings import Finding
from telecared.core.vocabulary import DAY
from telecared.errors import ConfigError


def contact_findings(config: Path | None) -> list[Finding]:
    """Return what a deployment's store knows against its contacts; nothing without a store.

    Raises:
        StoreError: the store is there and cannot be read.
    """
    try:
        path = load_deployment(config).store_path if config is not None else None
    except ConfigError:
        return []  # told by `check`
    return [] if path is None or not path.exists() else doubts_about(path)


def doubts_about(path: Path, *, home: str | None = None) -> list[Finding]:
    """Return one warning for each contact whose number failed last, takes nothing, or is stale."""
    return [
        Finding(
            file=path.name,
            line=1,
            col=1,
            level="warning",
            code=f"contact-{one.standing.value}",
            message=f"{name}, contact {one.contact}: {one.why}; `telecared contacts` tells more",
            home=name,
        )
        for name, (_, several) in reaches(path, home=home, stale_after=STALE_DAYS * DAY).items()
        for one in several
        if not one.is_well
    ]

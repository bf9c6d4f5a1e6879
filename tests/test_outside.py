"""What a daemon tells the outside: lamps never keep it from starting."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import structlog

from telecared.config.deployment import Deployment, load_deployment
from telecared.outside import _alert_topics
from telecared.shard import Shard


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A file with alert topics."""
    (tmp_path / "t.yaml").write_text("alert_topics: {}\n", encoding="utf-8")
    return load_deployment(tmp_path / "t.yaml")


@pytest.mark.parametrize(("heard", "off"), [("telecared/#", True), ("care/#", False)])
def test_a_home_that_speaks_where_alerts_are_told_turns_the_lamps_off_and_not_the_daemon(
    deployment: Deployment, heard: str, *, off: bool
) -> None:
    """P2: alarms matter more than lamps; a restart at night must not fail for an imported home."""
    homes = SimpleNamespace(records=list, states={})
    engine = SimpleNamespace(filters=lambda: [heard], homes=homes)
    shard = cast(Shard, SimpleNamespace(engine=engine))
    with structlog.testing.capture_logs() as logs:
        made = _alert_topics(deployment, shard)
    assert (made is None) is off
    assert [line["event"] for line in logs] == (["alert_topics.off"] if off else [])

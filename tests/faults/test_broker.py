"""The broker dies, comes back, or comes back without memory: it is noticed, said and survived."""

from pathlib import Path

from telecared.core.vocabulary import AlertState
from tests.faults.story import BEN, PENDANT, Site


async def test_the_daemon_resumes_when_the_broker_is_killed(tmp_path: Path) -> None:
    """P1, P8: it says that the link is gone, resumes the session, and hears the next pendant."""
    async with Site(tmp_path) as site:
        site.start()
        await site.linked()
        site.broker.kill()
        await site.until(lambda: site.count("disconnected") == 1, "the loss to be noticed")

        site.broker.restart()
        await site.linked(times=2)
        await site.press(seq=1)
        await site.until(lambda: bool(site.sent_to(BEN)), "the message")

        assert await site.stop() == 0
        assert len(site.alerts("pendant-pressed")) == 1
        site.assert_sound()


async def test_a_pendant_pressed_while_the_daemon_is_down_is_heard_at_its_start(
    tmp_path: Path,
) -> None:
    """P1: the broker keeps it for the persistent session, and nothing of it is lost."""
    async with Site(tmp_path) as site:
        site.start()
        await site.linked()
        assert await site.stop() == 0
        await site.press(seq=1)

        site.start()
        await site.until(lambda: bool(site.sent_to(BEN)), "the message")

        assert await site.stop() == 0
        assert [row.state for row in site.alerts("pendant-pressed")] == [AlertState.OPEN]
        site.assert_sound()


async def test_a_session_that_the_broker_forgot_is_an_alert(tmp_path: Path) -> None:
    """Decision 7: messages may be lost in the gap, so people are told, with the span."""
    async with Site(tmp_path, rules=PENDANT) as site:
        site.start()
        await site.linked()
        site.broker.kill()
        await site.until(lambda: site.count("disconnected") == 1, "the loss to be noticed")
        for kept in (tmp_path / "broker").glob("*.db*"):
            kept.unlink()

        site.broker.restart()
        await site.linked(times=2)
        await site.until(lambda: bool(site.alerts("session-lost")), "the finding")

        assert await site.stop() == 0
        opened = [row.record for row in site.records("@site")]
        assert any("may be lost" in one.reason for one in opened)
        site.assert_sound()

"""Daily work that may be late without harm: retention, verified backups, digests.

Wraps APScheduler, which carries no types and follows the wall clock; never an alarm's timer. What
a job does, and that it may run twice on the day the clocks go back, is the job's own business.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from telecared.errors import ConfigError

Job = Callable[[], Awaitable[None]]

_AT_ONCE_MAX: Final = 1
"""A job that still runs when its next turn comes is not started a second time."""


class Housekeeping:
    """Runs coroutine functions once a day at a local time.

    Args:
        timezone: IANA name, `Europe/London`. A time that the spring change leaves out runs when
            the clock has jumped; one that comes twice in autumn may run twice.
    """

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._scheduler = AsyncIOScheduler(
            timezone=self._zone,
            job_defaults={
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": _AT_ONCE_MAX,
            },
        )

    def daily(self, at: str, name: str, job: Job) -> None:
        """Run `job` every day at local time `at` (`HH:MM`).

        A job of the same name is replaced. Raises ConfigError when `at` is no time of day. An
        exception of the job goes to the log of `apscheduler`; the next day is not affected.
        """
        hour, minute = _time_of_day(at)
        self._scheduler.add_job(
            job,
            CronTrigger(hour=hour, minute=minute, timezone=self._zone),
            id=name,
            name=name,
            replace_existing=True,
        )

    def next_run(self, name: str) -> datetime | None:
        """Return when the job runs next, or None when there is no such job or it is not started."""
        job = self._scheduler.get_job(name)
        found: datetime | None = getattr(job, "next_run_time", None)
        return found

    def run_now(self, name: str) -> None:
        """Let a job's next turn be at once; its daily time stays."""
        self._scheduler.modify_job(name, next_run_time=datetime.now(self._zone))  # noqa: TID251

    def start(self) -> None:
        """Begin; call it on the event loop that shall run the jobs."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; a job that is running is cancelled with the loop, not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _time_of_day(at: str) -> tuple[int, int]:
    hour, _, minute = at.partition(":")
    if hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60:
        return int(hour), int(minute)
    raise ConfigError([f"'{at}' is no time of day; write HH:MM, for example 02:30"])

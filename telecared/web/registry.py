"""The plan and the records of all homes, as the store has them now, kept in memory.

Asked from any thread; it looks whether the store has newer ones before it answers. Who may see a
home is `sight`.
"""

import threading
from pathlib import Path
from typing import Final

from telecared.adapters.sqlite import SqliteReader
from telecared.adapters.sqlite.console_store import ConsoleStore
from telecared.core.compile import HomePlan
from telecared.core.plan import HomeRecord, Plan, decode_home, decode_plan
from telecared.core.site import SiteFacts, decode_site

MAX_COMPILED: Final = 200
"""Homes whose compiled rules are kept; each takes about 0.2 MB."""


class Registry:
    """What is registered.

    Args:
        path: the store.
    """

    def __init__(self, path: Path) -> None:
        self.reader = SqliteReader(path)
        self.store = ConsoleStore(path)
        self._lock = threading.Lock()
        self._version = (-1, -1, "")
        self._plan = Plan()
        self._records: dict[str, HomeRecord] = {}
        self._ids: dict[str, int] = {}
        self._compiled: dict[str, HomePlan] = {}

    def plan(self) -> Plan:
        """Return the plan in force."""
        self._refresh()
        return self._plan

    def records(self) -> dict[str, HomeRecord]:
        """Return home -> record of every registered home, in the order of their ids."""
        self._refresh()
        return self._records

    def site(self) -> SiteFacts:
        """Return the facts of the site as they are stored."""
        stored = self.reader.site()
        return SiteFacts() if stored is None else decode_site(stored)

    def compiled(self, home: str) -> HomePlan | None:
        """Return a registered home's compiled plan; None for what is not registered."""
        self._refresh()
        with self._lock:
            found = self._compiled.get(home)
            record = self._records.get(home)
            if found is None and record is not None:
                found = HomePlan(self._plan, home, record)
                while len(self._compiled) >= MAX_COMPILED:
                    del self._compiled[next(iter(self._compiled))]
                self._compiled[home] = found
            return found

    def _refresh(self) -> None:
        """Read again what has changed; asked before every answer, so it looks cheaply.

        What has not changed stays the same object: others know by that what they have worked out.
        """
        version = self.store.registered_version()
        with self._lock:
            if version == self._version:
                return
            if version[-1] != self._version[-1]:
                plan = self.store.plan_content()
                self._plan = Plan() if plan is None else decode_plan(plan)
                self._compiled = {}
            self._follow_records()
            self._version = version

    def _follow_records(self) -> None:
        ids = self.store.record_ids()
        known = {home: self._records[home] for home in ids if self._ids.get(home) == ids[home]}
        contents = self.store.record_contents([ids[home] for home in ids if home not in known])
        read = {
            home: decode_home(contents[ids[home]])
            for home in ids
            if home not in known and ids[home] in contents
        }
        self._records = {
            home: known.get(home) or read[home] for home in ids if home in known or home in read
        }
        self._ids = ids
        self._compiled = {home: one for home, one in self._compiled.items() if home in known}

"""What one operator may see: everything that a page reads of homes and alerts goes through here.

A home of another scheme does not exist in it. What a page makes of what is read is the views'.
"""

from collections.abc import Iterable
from functools import cached_property

from telecared.adapters.sqlite import SqliteReader
from telecared.adapters.sqlite.console_store import ConsoleStore
from telecared.core.compile import HomePlan
from telecared.core.operators import Operator
from telecared.core.plan import HomeRecord, Plan
from telecared.core.site import SiteFacts
from telecared.core.state import HomeState, decode_state
from telecared.store_port import AlertRow
from telecared.web.errors import NotThere
from telecared.web.registry import Registry


class Sight:
    """The site as one operator sees it, for one request: what is registered is looked up once.

    Attributes:
        reader, store: what reads the file, unscoped: whoever uses them asks `may_see` of every
            home in the answer.
    """

    def __init__(self, registry: Registry, operator: Operator) -> None:
        self._registry = registry
        self._operator = operator

    @property
    def reader(self) -> SqliteReader:
        """What commands ask; it knows no operators."""
        return self._registry.reader

    @property
    def store(self) -> ConsoleStore:
        """What only the console asks; it knows no operators."""
        return self._registry.store

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._registry.plan()

    @property
    def site(self) -> SiteFacts:
        """The facts of the site."""
        return self._registry.site()

    @cached_property
    def _records(self) -> dict[str, HomeRecord]:
        return self._registry.records()

    @property
    def every_record(self) -> dict[str, HomeRecord]:
        """Home -> record of every registered home, unscoped: to tell ids and devices apart."""
        return self._records

    def may_see(self, home: str) -> bool:
        """Whether they may see a home, `@scheme/ID` or `@site`."""
        record = self._records.get(home)
        return self._operator.sees(home, None if record is None else record.scheme)

    def schemes(self) -> list[str]:
        """Return the schemes that have homes and that they may see, in order."""
        found = {record.scheme for record in self._records.values()}
        return sorted(scheme for scheme in found if self._operator.sees_scheme(scheme))

    def homes(self) -> dict[str, HomeRecord]:
        """Return home -> record of every registered home that they may see."""
        operator = self._operator
        return {
            home: record
            for home, record in self._records.items()
            if operator.sees_scheme(record.scheme)
        }

    def record(self, home: str) -> HomeRecord:
        """Return a home's record. Raises NotThere, also for what is not for their eyes."""
        record = self._records.get(home)
        if record is None or not self._operator.sees_scheme(record.scheme):
            raise NotThere(f"There is no home {home}.")
        return record

    def known(self, home: str) -> HomeRecord | None:
        """Return a home's record; None for `@site`, `@scheme/ID` and what is registered no more.

        Raises:
            NotThere: it is not for their eyes.
        """
        if not self.may_see(home):
            raise NotThere(f"There is no home {home}.")
        return self._records.get(home)

    def home_plan(self, home: str) -> HomePlan:
        """Return a registered home's compiled plan. Raises NotThere."""
        self.record(home)
        compiled = self._registry.compiled(home)
        if compiled is None:
            raise NotThere(f"There is no home {home}.")
        return compiled

    def states(self, homes: Iterable[str]) -> dict[str, HomeState]:
        """Return home -> state of those of some homes that they may see and that have one."""
        names = [home for home in homes if self.may_see(home)]
        return {home: decode_state(blob) for home, blob in self.store.states(names).items()}

    def state(self, home: str) -> HomeState | None:
        """Return a home's state; None before the engine has seen it. Raises NotThere."""
        if not self.may_see(home):
            raise NotThere(f"There is no home {home}.")
        return self.states([home]).get(home)

    def alert(self, home: str, n: int) -> AlertRow:
        """Return one alert, resolved or not. Raises NotThere."""
        row = self.store.alert(home, n) if self.may_see(home) else None
        if row is None:
            raise NotThere(f"There is no alert {home}/{n}.")
        return row

    def unresolved(self) -> list[AlertRow]:
        """Return every unresolved alert that they may see, oldest first."""
        return [row for row in self.store.unresolved() if self.may_see(row.home)]

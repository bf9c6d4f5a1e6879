"""From commands to rows: what a person's command means for each home that it touches.

A command on many homes (an import) becomes one row per home here, in one transaction; each home's
core checks again. Nothing is decided about alerts.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final

import msgspec

from telecared.bodies import ContentChange
from telecared.core.plan import HomeRecord, content_hash, encode_home
from telecared.core.state import Answer
from telecared.core.vocabulary import Instant
from telecared.stepping import Homes
from telecared.store_port import CommandResult, CommandRow, HomeRecordWrite, InputRow

HOMES_IN_ONE_GO: Final = 50
"""Homes of an import that are worked on before the rest of the daemon gets its turn."""

Breathe = Callable[[], Awaitable[None]]
"""Lets the rest of the daemon have its turn amid long work."""


class ImportOrder(msgspec.Struct, frozen=True):
    """Body of an `import` command.

    Attributes:
        homes: whole records; each replaces what was known of its home.
        delete: homes to delete (`--replace`: those that the file does not name).
    """

    homes: tuple[HomeRecord, ...]
    delete: tuple[str, ...] = ()


class Orders:
    """Carries out commands on the homes, as rows of the batch that is being built."""

    def __init__(
        self, homes: Homes, contents: dict[str, bytes], next_input: Callable[[], int]
    ) -> None:
        self._homes = homes
        self._contents = contents
        self._next_input = next_input

    async def carry_out(self, command: CommandRow, at: Instant, breathe: Breathe) -> bool:
        """Carry out one command; return whether the registered devices may have changed.

        Nothing else may change the homes meanwhile: thousands of homes take many seconds.
        """
        if command.kind == "import":
            return await self._import(command, at, breathe)
        row = InputRow(
            id=self._next_input(), kind="command", at=at, home=command.home, body=command.body
        )
        answer = self._homes.apply(row) or Answer(False, "it names no home")
        self._answer(command, answer, row.id)
        return False

    async def _import(self, command: CommandRow, at: Instant, breathe: Breathe) -> bool:
        try:
            order = msgspec.json.decode(command.body, type=ImportOrder)
        except msgspec.DecodeError:
            return self._refuse(command, "it could not be read and was set aside", at)
        problem = await self._problem(order, breathe)
        if problem is not None:
            return self._refuse(command, problem, at)
        last = 0
        for homes in _in_parts(order.homes):
            last = self.change_homes(homes, (), at)
            await breathe()
        last = self.change_homes((), order.delete, at) or last
        self._answer(command, Answer(True), last)
        return True

    async def _problem(self, order: ImportOrder, breathe: Breathe) -> str | None:
        """Return why an import cannot be carried out, or None: all of it is done or nothing."""
        if not order.homes and not order.delete:
            return "it names no home"
        for homes in _in_parts(order.homes):
            for record in homes:
                if not record.id or record.id.startswith("@"):
                    return f"{record.id or 'an empty name'} cannot be a home's: choose another id"
                problem = self._homes.problem_of(record)
                if problem is not None:
                    return f"the record of {record.id} cannot be used ({problem}): correct it"
            await breathe()
        for home in order.delete:
            if home not in self._homes.plans or home.startswith("@"):
                return f"there is no home {home} to delete"
        return None

    def _refuse(self, command: CommandRow, reason: str, at: Instant) -> bool:
        row = InputRow(id=self._next_input(), kind="command", at=at, error=reason)
        self._homes.apply(row)
        self._answer(command, Answer(False, reason), row.id)
        return False

    def change_homes(
        self, records: Iterable[HomeRecord], delete: Iterable[str], at: Instant
    ) -> int:
        """Give homes new records and delete others; return the last row's id, 0 for none."""
        last = 0
        for record in records:
            content = encode_home(record)
            last = self._change_home(record.id, content_hash(content), content, at)
        for home in delete:
            last = self._change_home(home, None, None, at)
        return last

    def _change_home(self, home: str, name: str | None, content: bytes | None, at: Instant) -> int:
        if name is not None and content is not None:
            self._contents[name] = content
        write = HomeRecordWrite(home, name or "", content)
        self._homes.batch.home_records.append(write)
        body = msgspec.json.encode(ContentChange(name))
        row = InputRow(id=self._next_input(), kind="home", at=at, home=home, body=body)
        self._homes.apply(row)
        if name is not None:
            self._contents.pop(name, None)
        return row.id

    def _answer(self, command: CommandRow, answer: Answer, row: int) -> None:
        state = "done" if answer.done else "refused"
        result = CommandResult(command.id, state, answer.reason, row)
        self._homes.batch.command_results.append(result)


def _in_parts(records: tuple[HomeRecord, ...]) -> Iterator[tuple[HomeRecord, ...]]:
    for first in range(0, len(records), HOMES_IN_ONE_GO):
        yield records[first : first + HOMES_IN_ONE_GO]

"""From commands to rows: what a person's command means for each home that it touches.

A command on many homes (an import, a silence for a scheme) becomes one row per home here, in one
transaction; each home's core checks again. Nothing is decided about alerts.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from telecared.bodies import ContentChange, decode_site_event, encode_site_event
from telecared.collecting import settle
from telecared.core.alert_commands import InterimPlanned
from telecared.core.events import (
    Promised,
    Silenced,
    SilenceEnded,
    Suspended,
    SuspensionEnded,
    encode_event,
)
from telecared.core.legal_holds import ErasureWrite, HoldRow, HoldWrite
from telecared.core.plan import HomeRecord, content_hash, encode_home
from telecared.core.rota_gaps import problem_of as problem_of_rota
from telecared.core.site import RotaOverridden, RotaOverrideEnded
from telecared.core.state import Answer
from telecared.core.vocabulary import Duration, Instant
from telecared.core.windows import to_instant
from telecared.forgetting import Erased, HoldOrder, why_held, why_not_erased
from telecared.stepping import Homes
from telecared.store_port import CommandResult, CommandRow, HomeRecordWrite, InputRow, Loaded

HOMES_IN_ONE_GO: Final = 50
"""Homes of one command that are worked on before the rest of the daemon gets its turn."""

STATED: Final = ("suspend", "silence", "plan-for", "promise")
"""The kinds of commands whose body is a `StatedOrder`."""

ROTA: Final = "rota"
"""The kind of a command whose body is a `RotaOverridden` or a `RotaOverrideEnded`."""

_UNREADABLE: Final = "it could not be read and was set aside"

_Each = TypeVar("_Each")

Stated = Suspended | SuspensionEnded | Silenced | SilenceEnded | InterimPlanned | Promised
"""What a person states with an end, or by a time."""

Breathe = Callable[[], Awaitable[None]]
"""Lets the rest of the daemon have its turn amid long work."""


NOT_THERE: Final = ""
"""Stands for the record of a home that is not registered."""


class ImportOrder(msgspec.Struct, frozen=True):
    """Body of an `import` command.

    Attributes:
        homes: whole records; each replaces what was known of its home.
        delete: homes to delete (`--replace`: those that the file does not name).
        was: home -> hash of the record that the new one was made of; refused when it is another
            by now. `NOT_THERE` for a home that must be new. Homes that are not here are replaced
            whatever they were.
    """

    homes: tuple[HomeRecord, ...]
    delete: tuple[str, ...] = ()
    was: Mapping[str, str] = {}


class StatedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a command of `STATED`: what is stated about one home or a scheme.

    Attributes:
        event: what each home is told; when it ends is worked out for each home from the rest.
        scheme: every home of it; "" for the home that the command names.
        lasts: how long, from when it is carried out; 0 where an end is named.
        until: the end by the wall clock; 0 where there is none.
        local_until: the end as the clocks of each home show it, like `2026-12-03T12:00`.
    """

    event: Stated
    scheme: str = ""
    lasts: Duration = 0
    until: Instant = 0
    local_until: str = ""


class Orders:
    """Carries out commands on the homes, as rows of the batch that is being built."""

    def __init__(
        self,
        homes: Homes,
        contents: dict[str, bytes],
        next_input: Callable[[], int],
        loaded: Loaded | None = None,
    ) -> None:
        self._homes = homes
        self._contents = contents
        self._next_input = next_input
        self.holds: list[HoldRow] = [] if loaded is None else list(loaded.holds)
        self._erased_by = {} if loaded is None else dict(loaded.erased)

    async def carry_out(self, command: CommandRow, at: Instant, breathe: Breathe) -> bool:
        """Carry out one command; return whether the registered devices may have changed.

        Nothing else may change the homes meanwhile: thousands of homes take many seconds.
        """
        if command.kind == "import":
            return await self._import(command, at, breathe)
        if command.kind in STATED:
            await self._state(command, at, breathe)
            return False
        if command.kind == ROTA:
            self._rota(command, at)
            return False
        if command.kind == "hold":
            self._hold(command, at)
            return False
        if command.kind == "erase":
            return self._erase(command, at)
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
            return self._refuse(command, _UNREADABLE, at)
        problem = await self._problem(order, breathe)
        if problem is not None:
            return self._refuse(command, problem, at)
        last = 0
        for homes in in_parts(order.homes):
            last = self.change_homes(homes, (), at)
            await breathe()
        last = self.change_homes((), order.delete, at) or last
        settle()
        self._answer(command, Answer(True), last)
        return True

    async def _state(self, command: CommandRow, at: Instant, breathe: Breathe) -> None:
        """Tell each home that is meant, one row a home, and gather their answers."""
        try:
            order = msgspec.json.decode(command.body, type=StatedOrder)
            if order.local_until:
                datetime.fromisoformat(order.local_until)
        except (msgspec.DecodeError, ValueError):
            self._refuse(command, _UNREADABLE, at)
            return
        homes = [command.home] if command.home is not None else self._of_scheme(order.scheme)
        if not homes:
            scheme = (
                f"there is no home in a scheme {order.scheme}: `telecared import` registers one"
            )
            self._refuse(command, scheme if order.scheme else "it names no home", at)
            return
        answers = []
        last = 0
        for some in in_parts(homes):
            for home in some:
                body = encode_event(self._timed(order, home, at))
                row = InputRow(id=self._next_input(), kind="command", at=at, home=home, body=body)
                answers.append((home, self._homes.apply(row) or Answer(False, _UNREADABLE)))
                last = row.id
            await breathe()
        self._answer(command, _summary(answers), last)

    def _rota(self, command: CommandRow, at: Instant) -> None:
        """Change who is on duty on a rota, for every home at once."""
        try:
            event = decode_site_event(command.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            event = None
        if not isinstance(event, RotaOverridden | RotaOverrideEnded):
            self._refuse(command, _UNREADABLE, at)
            return
        event = msgspec.structs.replace(event, at=at, by=command.by)
        problem = problem_of_rota(self._homes.plan, self._homes.site, event)
        if problem is not None:
            self._refuse(command, problem, at)
            return
        given = self._homes.site.next_rota_override
        body = encode_site_event(event)
        row = InputRow(id=self._next_input(), kind="rota", at=at, body=body)
        self._homes.apply(row)
        told = f"override {given}" if isinstance(event, RotaOverridden) else ""
        self._answer(command, Answer(True, told), row.id)

    def _hold(self, command: CommandRow, at: Instant) -> None:
        """Keep a home from being erased or dropped, or let it go again."""
        order, home = _read(command, HoldOrder), command.home or ""
        problem = _UNREADABLE if order is None else None
        if order is not None and home not in self._homes.states:
            problem = f"there is no home {home}: `telecared import` registers one"
        standing = why_held(home, self.holds, at)
        if order is not None and order.release and standing is None:
            problem = problem or f"nobody holds {home}"
        if problem is not None or order is None:
            self._refuse(command, problem or _UNREADABLE, at)
            return
        if order.release:
            self.holds = [one for one in self.holds if one.home != home]
        else:
            self.holds.append(HoldRow(home, command.id, at, order.until))
        write = HoldWrite(home=home, command=command.id, until=order.until, released=order.release)
        self._homes.batch.holds.append(write)
        row = InputRow(id=self._next_input(), kind="held", at=at, home=home)
        self._homes.apply(row)
        self._answer(command, Answer(True), row.id)

    def _erase(self, command: CommandRow, at: Instant) -> bool:
        """Let nothing personal of a home be left, here and on disk; True when it is gone."""
        home = command.home or ""
        compiled = self._homes.plans.get(home)
        record = None if compiled is None else compiled.record
        problem = why_not_erased(home, self._homes.states, record, self.holds, at)
        if problem is not None:
            return self._refuse(command, problem, at)
        body = msgspec.json.encode(Erased(home))
        row = InputRow(id=self._next_input(), kind="erased", at=at, body=body)
        self._homes.apply(row)
        self._homes.batch.erasures.append(ErasureWrite(home, command.id))
        self._erased_by[home] = command.id
        self._answer(command, Answer(True), row.id)
        return True

    def _of_scheme(self, scheme: str) -> list[str]:
        found = (record.id for record in self._homes.records() if record.scheme == scheme)
        return sorted(found) if scheme else []

    def _timed(self, order: StatedOrder, home: str, at: Instant) -> Stated:
        """Return what one home is told, with its end in engine time."""
        event = order.event
        if isinstance(event, SuspensionEnded | SilenceEnded):
            return event
        until = at + order.lasts
        if order.until:
            until = order.until - self._homes.site.offset(at)
        elif isinstance(event, Promised) and not (order.lasts or order.local_until):
            return event  # it names the time itself
        elif order.local_until and home in self._homes.plans:
            shown = datetime.fromisoformat(order.local_until)
            there = shown.replace(tzinfo=self._homes.plans[home].zone)
            until = to_instant(there) - self._homes.site.offset(at)
        if isinstance(event, Promised):
            return msgspec.structs.replace(event, due_at=until)
        return msgspec.structs.replace(event, until=until)

    async def _problem(self, order: ImportOrder, breathe: Breathe) -> str | None:
        """Return why an import cannot be carried out, or None: all of it is done or nothing."""
        if not order.homes and not order.delete:
            return "it names no home"
        for homes in in_parts(order.homes):
            for record in homes:
                if not record.id or record.id.startswith("@"):
                    return f"{record.id or 'an empty name'} cannot be a home's: choose another id"
                erased_by = self._erased_by.get(record.id)
                if erased_by is not None:
                    # Its alerts and messages would bear the ids of those that are in the chain.
                    return (
                        f"{record.id} was removed by command {erased_by},"
                        " and its id is not used again: choose another id"
                    )
                problem = self._homes.problem_of(record)
                if problem is not None:
                    return f"the record of {record.id} cannot be used ({problem}): correct it"
            await breathe()
        for home, was in order.was.items():
            compiled = self._homes.plans.get(home)
            known = None if compiled is None else compiled.record
            if (NOT_THERE if known is None else content_hash(encode_home(known))) != was:
                return f"the record of {home} has changed meanwhile: give the command again"
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


def in_parts(several: Sequence[_Each]) -> Iterator[Sequence[_Each]]:
    """Yield `several` in parts, between which the rest of the daemon gets its turn."""
    for first in range(0, len(several), HOMES_IN_ONE_GO):
        yield several[first : first + HOMES_IN_ONE_GO]


_Order = TypeVar("_Order")


def _read(command: CommandRow, order: type[_Order]) -> _Order | None:
    """Return what a command's body says, or None when it cannot be read."""
    try:
        return msgspec.json.decode(command.body, type=order)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _summary(answers: Sequence[tuple[str, Answer]]) -> Answer:
    """Return one answer for many homes: done where it is in any of them, and where it is not."""
    if len(answers) == 1:
        return answers[0][1]
    refused = [(home, answer.reason) for home, answer in answers if not answer.done]
    done = len(answers) - len(refused)
    if not refused:
        return Answer(True, f"in {done} homes")
    told = f"refused in {len(refused)} homes, the first is {refused[0][0]}: {refused[0][1]}"
    return Answer(True, f"in {done} homes; {told}") if done else Answer(False, told)

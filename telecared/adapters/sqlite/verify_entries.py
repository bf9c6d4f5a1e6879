"""What one chain entry stands for, held against the rows that it names.

A row may be gone or empty only when an entry of the chain says why: dropped by retention, or
removed by a command. The order of entries is checked in `verify`.
"""

import re
import sqlite3
from collections.abc import Callable
from typing import Final

from telecared.adapters.sqlite import rows
from telecared.adapters.sqlite.chain import canonical, commit_to, digest_of, plain_digest
from telecared.adapters.sqlite.evidence import TABLE as EVIDENCE
from telecared.adapters.sqlite.evidence import evidence_content
from telecared.adapters.sqlite.schema import SITE_SALT

_RANGE: Final = re.compile(r"(\d{1,19})-(\d{1,19})")
_NUMBER: Final = re.compile(r"\d{1,19}")

_RECORD: Final = """
    SELECT r.id, r.home_id, r.at, r.event, r.rule, r.alert, r.priority, r.recipient, r.channel,
        r.late, r.input_id, r.content_id FROM records r WHERE r.id = ?"""
_NOTIFICATION: Final = """
    SELECT seq, id, home_id, queued_at, alert, k, priority, recipient, channel, content_id
    FROM notifications WHERE seq = ?"""

_ERASED_ROW: Final = "SELECT id, command_id, kind, ref FROM erased_rows WHERE id = ?"
_HOLD: Final = "SELECT id, at, home_id, command_id, until FROM holds WHERE id = ?"
_HOLD_END: Final = "SELECT id, released_by, released_at FROM holds WHERE id = ?"


class Entries:
    """Checks entries one by one.

    Args:
        connection: a reader inside a transaction.
        problems: sentences are appended here.
        explained: reasons why rows are rightly gone are counted here.
    """

    def __init__(
        self, connection: sqlite3.Connection, problems: list[str], explained: dict[str, int]
    ) -> None:
        self._connection = connection
        self._problems = problems
        self._explained = explained
        self._next_input = 1
        self._salts = dict(connection.execute("SELECT home_id, salt FROM home_salts").fetchall())
        self._homes = dict(connection.execute("SELECT name, id FROM homes").fetchall())
        self._erased = set(
            connection.execute("SELECT command_id, home_id FROM erasures").fetchall()
        )
        self._erased_rows = set(
            connection.execute("SELECT command_id, kind, ref FROM erased_rows").fetchall()
        )
        self._results: dict[str, bytes] = {}
        self._checks: dict[str, Callable[[str, bytes], None]] = {
            "inputs": self._inputs,
            "record": self._record,
            "notification": self._notification,
            "evidence": self._evidence,
            "command": self._command,
            "result": self._result,
            "read": self._read,
            "plan": self._plan,
            "home_record": self._home_record,
            "dropped": self._dropped,
            "erasure": self._erasure,
            "erased_row": self._erased_row,
            "hold": self._hold,
            "hold_end": self._hold_end,
        }

    def check(self, number: int, kind: str, ref: str, commitment: bytes) -> None:
        """Check what an entry stands for."""
        check = self._checks.get(kind)
        form = _RANGE if kind == "inputs" else _NUMBER
        if check is None or (kind != "plan" and not form.fullmatch(ref)):
            self._problems.append(f"chain: entry {number} is of no known kind")
            return
        check(ref, commitment)

    def finish(self) -> None:
        """Check what only the last of several entries tells: how commands ended."""
        for ref, commitment in self._results.items():
            self._ended(ref, commitment)

    def _explain(self, reason: str, count: int = 1) -> None:
        self._explained[reason] = self._explained.get(reason, 0) + count

    def _one(self, statement: str, key: str | int) -> tuple | None:  # type: ignore[type-arg]
        row: tuple | None = self._connection.execute(  # type: ignore[type-arg]
            statement, (key,)
        ).fetchone()
        return row

    # --- inputs --------------------------------------------------------------------------------

    def _inputs(self, ref: str, commitment: bytes) -> None:
        first, last = (int(part) for part in ref.split("-"))
        if first != self._next_input:
            self._problems.append(
                f"inputs: the sequence has a gap before {first}: {self._next_input} was expected"
            )
        self._next_input = last + 1
        found: dict[int, bytes] = {}
        for parts in self._connection.execute(
            rows.SELECT_INPUTS + "WHERE i.id BETWEEN ? AND ?", (first, last)
        ):
            salt = self._salts.get(SITE_SALT if parts[3] is None else self._homes[parts[3]])
            if salt is None:
                self._problems.append(f"home_salts: the salt for inputs {parts[0]} is missing")
                return
            found[parts[0]] = commit_to(salt, canonical(parts))
        alive = len(found)
        for number, kept, home_id, command in self._connection.execute(
            "SELECT input_id, commitment, home_id, command_id FROM buried_inputs"
            " WHERE input_id BETWEEN ? AND ?",
            (first, last),
        ).fetchall():
            if number in found:
                self._problems.append(f"buried_inputs: {number} is in inputs too")
            found[number] = kept
            self._buried(number, home_id, command)
        if not found and self._was_dropped("inputs", first, last):
            self._explain("inputs dropped by retention", last - first + 1)
        elif len(found) != last - first + 1:
            missing = next(each for each in range(first, last + 1) if each not in found)
            self._problems.append(f"inputs: {missing} is missing and nothing says why")
        elif digest_of(found[number] for number in sorted(found)) != commitment:
            table = "inputs" if alive else "buried_inputs"
            self._problems.append(f"{table}: {ref} are not what was committed to")

    def _buried(self, number: int, home_id: int | None, command: int | None) -> None:
        if command is None:
            self._explain("inputs dropped by retention")
        elif self._says_why(command, home_id, "inputs", number):
            self._explain(f"inputs removed by command {command}")
        else:
            self._problems.append(
                f"buried_inputs: {number} names command {command}, which erased nothing of its home"
            )

    def _says_why(self, command: int | None, home_id: object, table: str, ref: str | int) -> bool:
        """Whether an erasure of the row's home, or one that names the row, removed it."""
        if (command, home_id) in self._erased:
            return True
        return (command, table, int(ref)) in self._erased_rows

    def _was_dropped(self, kind: str, first: int, last: int) -> bool:
        return (
            self._connection.execute(
                "SELECT 1 FROM dropped WHERE kind = ? AND first <= ? AND last >= ?",
                (kind, first, last),
            ).fetchone()
            is not None
        )

    # --- records and notifications -------------------------------------------------------------

    def _record(self, ref: str, commitment: bytes) -> None:
        self._with_content("records", "record", _RECORD, ref, commitment)

    def _notification(self, ref: str, commitment: bytes) -> None:
        self._with_content("notifications", "notification", _NOTIFICATION, ref, commitment)

    def _evidence(self, ref: str, commitment: bytes) -> None:
        row = self._one(
            "SELECT e.salt, e.removed_by, n.home_id, e.id, e.notification, e.at, e.stage,"
            " e.provider, e.provider_id, e.code FROM notification_evidence e"
            " JOIN notifications n ON n.seq = e.notification WHERE e.id = ?",
            int(ref),
        )
        if row is None:
            self._missing(EVIDENCE, ref)
        elif row[0] is None:
            self._removed(EVIDENCE, ref, row[1], row[2])
        elif commit_to(row[0], evidence_content(*row[3:])) != commitment:
            self._problems.append(f"{EVIDENCE}: {ref} is not what was committed to")

    def _with_content(
        self, table: str, kind: str, statement: str, ref: str, commitment: bytes
    ) -> None:
        row = self._one(statement, int(ref))
        if row is None:
            self._missing(table, ref)
            return
        *columns, content_id = row
        digest = self._content(content_id)
        if digest is not None and plain_digest((kind, *columns, digest)) != commitment:
            self._problems.append(f"{table}: {ref} is not what was committed to")

    def _content(self, content_id: int) -> bytes | None:
        """Return the digest of some content that is as it was written, or rightly removed."""
        row = self._one(
            "SELECT salt, body, digest, removed_by, home_id FROM contents WHERE id = ?", content_id
        )
        if row is None:
            self._problems.append(f"contents: {content_id} is missing and nothing says why")
            return None
        salt, body, digest, removed_by, home_id = row
        if salt is None or body is None:
            self._removed("contents", content_id, removed_by, home_id)
        elif commit_to(salt, body.encode()) != digest:
            self._problems.append(f"contents: {content_id} is not what was committed to")
            return None
        kept: bytes = digest
        return kept

    def _missing(self, table: str, ref: str) -> None:
        if self._was_dropped(table, int(ref), int(ref)):
            self._explain(f"{table} dropped by retention")
        else:
            self._problems.append(f"{table}: {ref} is missing and nothing says why")

    def _removed(self, table: str, ref: str | int, command: int | None, home_id: object) -> None:
        if self._says_why(command, home_id, table, ref):
            self._explain(f"{table} removed by command {command}")
        else:
            self._problems.append(f"{table}: {ref} has been emptied and nothing says why")

    # --- commands, reads, plans, homes ---------------------------------------------------------

    def _command(self, ref: str, commitment: bytes) -> None:
        row = self._one(
            "SELECT salt, removed_by, id, kind, by, via, given_at, home, body FROM commands"
            " WHERE id = ?",
            int(ref),
        )
        if row is None:
            self._missing("commands", ref)
        elif row[0] is None:
            homes = {home_id for command, home_id in self._erased if command == row[1]}
            # One on many homes goes with the first of them that is erased.
            home_id = self._homes.get(row[7]) if row[7] is not None else min(homes, default=None)
            self._removed("commands", ref, row[1], home_id)
        elif commit_to(row[0], rows.command_content(*row[2:])) != commitment:
            self._problems.append(f"commands: {ref} is not what was committed to")

    def _result(self, ref: str, commitment: bytes) -> None:
        self._results[ref] = commitment

    def _ended(self, ref: str, commitment: bytes) -> None:
        row = self._one(
            "SELECT salt, id, state, reason, input_id FROM commands WHERE id = ?", int(ref)
        )
        if row is None or row[0] is None:
            return  # told where the command itself was checked
        if commit_to(row[0], rows.result_content(*row[1:])) != commitment:
            self._problems.append(f"commands: the end of {ref} is not what was committed to")

    def _read(self, ref: str, commitment: bytes) -> None:
        row = self._one("SELECT salt, id, at, by, what, home FROM reads WHERE id = ?", int(ref))
        if row is None or row[0] is None:
            self._problems.append(f"reads: {ref} is missing and nothing says why")
        elif commit_to(row[0], canonical(("read", *row[1:]))) != commitment:
            self._problems.append(f"reads: {ref} is not what was committed to")

    def _plan(self, ref: str, commitment: bytes) -> None:
        row = self._one("SELECT salt, content FROM plans WHERE hash = ?", ref)
        if row is None:
            self._problems.append(f"plans: {ref} is missing and nothing says why")
        elif commit_to(row[0], canonical(("plan", ref, row[1]))) != commitment:
            self._problems.append(f"plans: {ref} is not what was committed to")

    def _home_record(self, ref: str, commitment: bytes) -> None:
        row = self._one(
            "SELECT r.salt, r.removed_by, r.home_id, r.id, h.name, r.hash, r.content"
            " FROM home_records r JOIN homes h ON h.id = r.home_id WHERE r.id = ?",
            int(ref),
        )
        if row is None:
            self._missing("home_records", ref)
        elif row[0] is None:
            self._removed("home_records", ref, row[1], row[2])
        elif commit_to(row[0], canonical(("home_record", *row[3:]))) != commitment:
            self._problems.append(f"home_records: {ref} is not what was committed to")

    # --- what explains -------------------------------------------------------------------------

    def _dropped(self, ref: str, commitment: bytes) -> None:
        row = self._one("SELECT id, at, kind, first, last FROM dropped WHERE id = ?", int(ref))
        if row is None or plain_digest(("dropped", *row)) != commitment:
            self._problems.append(f"dropped: {ref} is not what was committed to")

    def _erasure(self, ref: str, commitment: bytes) -> None:
        row = self._one("SELECT id, at, command_id, home_id FROM erasures WHERE id = ?", int(ref))
        if row is None or plain_digest(("erasure", *row)) != commitment:
            self._problems.append(f"erasures: {ref} is not what was committed to")

    def _erased_row(self, ref: str, commitment: bytes) -> None:
        self._plain("erased_rows", "erased_row", _ERASED_ROW, ref, commitment)

    def _hold(self, ref: str, commitment: bytes) -> None:
        self._plain("holds", "hold", _HOLD, ref, commitment)

    def _hold_end(self, ref: str, commitment: bytes) -> None:
        self._plain("holds", "hold_end", _HOLD_END, ref, commitment)

    def _plain(self, table: str, kind: str, statement: str, ref: str, commitment: bytes) -> None:
        row = self._one(statement, int(ref))
        if row is None or plain_digest((kind, *row)) != commitment:
            self._problems.append(f"{table}: {ref} is not what was committed to")

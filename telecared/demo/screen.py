"""The demo on a terminal, or in a pipe: lines with the street's time, and the ledger at the end.

Rich prints; what is said comes from elsewhere.
"""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from telecared.demo.ledger import Ending
from telecared.demo.narrator import Line, Tone

_STYLES: Final = {
    Tone.DANGER: "bold red",
    Tone.CARE: "yellow",
    Tone.FAULT: "cyan",
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.MESSAGE: "",
    Tone.QUIET: "dim",
}
_INDENTED: Final = frozenset({Tone.MESSAGE, Tone.BAD})
"""What belongs to the line above it stands a little to the right."""


class Screen:
    """Prints to stdout; without a terminal plain lines, one each."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def heading(self, text: str) -> None:
        """Print a sentence that everybody should read."""
        self._print(Text(text, style="bold"))

    def plain(self, text: str = "") -> None:
        """Print a sentence."""
        self._print(Text(text))

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Print what is where."""
        width = max(len(name) for name, _ in facts)
        for name, text in facts:
            self._hanging(f"  {name:<{width}}  ", Text(text))

    def copyable(self, command: str) -> None:
        """Print a command for another terminal, never broken into lines."""
        self._console.print(Text(f"  {command}", style="bold"), soft_wrap=True)

    def line(self, line: Line) -> None:
        """Print one line of the story."""
        lead = f"{line.clock}    " if line.tone in _INDENTED else f"{line.clock}  "
        self._hanging(lead, Text(line.text, style=_STYLES[line.tone]))

    def ledger(self, ending: Ending) -> None:
        """Print how it ended."""
        self.plain()
        self.heading("The ledger")
        self.plain(f"{ending.alerts.opened:>6,} alerts opened, of which")
        for name, count in (
            ("closed by a person", ending.alerts.closed_by_person),
            ("over by themselves", ending.alerts.closed_by_recovery),
            ("in somebody's hands", ending.alerts.acknowledged),
            ("still looking for somebody", ending.alerts.escalating),
        ):
            self.plain(f"{count:>6,} {name}")
        sms = ", ".join(f"{count} {state}" for state, count in ending.notifications.items())
        self.plain(f"{ending.events:,} messages from {ending.homes} homes; SMS: {sms or 'none'}.")
        if ending.balances:
            self._print(Text("It balances: no alert was lost.", style="bold green"))
        else:
            self._print(Text("It does not balance:", style="bold red"))
            for problem in ending.problems:
                self.plain(f"  {problem}")

    def _hanging(self, lead: str, text: Text) -> None:
        """Print text behind a lead, and further lines of it below its beginning."""
        if not self._console.is_terminal:
            self._print(Text(lead) + text)
            return
        grid = Table.grid()
        grid.add_column(no_wrap=True)
        grid.add_column()
        grid.add_row(Text(lead, style="dim"), text)
        self._console.print(grid)

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=not self._console.is_terminal)

"""Bars as SVG, drawn by hand: no script, nothing fetched, readable in print, dark and by ear.

Text in, text out; everything that comes from outside is escaped. What is drawn is the caller's.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

import msgspec

WIDTH: Final = 720
LABEL: Final = 280
BAR: Final = 18
GAP: Final = 8
TAIL: Final = 120
"""Room for the figure behind the longest bar."""

LONGEST_LABEL: Final = 34
BARS_MAX: Final = 40
"""Bars of one plot; the table beside it has every row."""


class Bar(msgspec.Struct, frozen=True):
    """One bar: what it is about, how long it is, and the figure as people read it."""

    label: str
    value: float
    told: str


def bars(
    identity: str, title: str, description: str, told: Sequence[Bar], *, whole: float | None = None
) -> str:
    """Return an SVG of horizontal bars.

    Args:
        identity: an id that no other element of the page has.
        title: what is shown; read aloud first.
        description: what it says, in a sentence.
        told: from the top; beyond `BARS_MAX` none is drawn.
        whole: what the longest possible bar stands for; None for the longest that is told.
    """
    shown = told[:BARS_MAX]
    height = GAP + len(shown) * (BAR + GAP)
    most = max((one.value for one in shown), default=0.0) if whole is None else whole
    room = WIDTH - LABEL - TAIL
    parts = [
        (
            f'<svg viewBox="0 0 {WIDTH} {height}" role="img"'
            f' aria-labelledby="{identity}-t {identity}-d">'
        ),
        f'<title id="{identity}-t">{escape(title)}</title>',
        f'<desc id="{identity}-d">{escape(description)}</desc>',
    ]
    for number, one in enumerate(shown):
        top = GAP + number * (BAR + GAP)
        middle = top + BAR * 3 // 4
        length = 0.0 if most <= 0 else max(0.0, one.value) / most * room
        label = escape(_cut(one.label))
        parts += [
            f'<text x="{LABEL - GAP}" y="{middle}" text-anchor="end">{label}</text>',
            f'<rect x="{LABEL}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>',
            f'<text x="{LABEL + length + GAP:.1f}" y="{middle}">{escape(one.told)}</text>',
        ]
    return "".join((*parts, "</svg>"))


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"

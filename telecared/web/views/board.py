"""The wall board: figures that are legible from five metres, and nobody's name.

What they are is `board_figures`; they renew themselves by the page's stream.
"""

from starlette.responses import Response

from telecared.web.board_figures import TARGETS, board_of
from telecared.web.routes import Entry
from telecared.web.visit import Visit


def board(visit: Visit) -> Response:
    """Show the board of what they may see."""
    console = visit.console
    mark = console.open_alerts.refresh()
    console.today.refresh(visit.now, visit.wall)
    return visit.render(
        "board.html",
        board=board_of(console, visit.operator.schemes),
        targets=TARGETS,
        mark=mark,
    )


ENTRIES: tuple[Entry, ...] = (Entry(path="/board", name="board", endpoint=board),)

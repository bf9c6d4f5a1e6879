"""How the daemon logs: one JSON object a line on stderr, for people on a terminal in plain words.

What could hold a person's data never gets there: its keys are struck out whatever is passed.
"""

import sys
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

PERSONAL: Final = frozenset(
    {"name", "number", "phone", "address", "text", "payload", "topic", "by", "code_of_key_safe"}
)
"""Keys whose values never reach a log line (promise P11)."""


def strike_out(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of personal keys."""
    for key in PERSONAL & event.keys():
        event[key] = "(struck out)"
    return event


def set_up_logs(*, quiet: bool = False, to: TextIO | None = None) -> None:
    """Log to stderr, or to `to`: stdout belongs to the commands. Quiet leaves errors only."""
    file = sys.stderr if to is None else to
    plain = file.isatty()
    renderer = structlog.dev.ConsoleRenderer() if plain else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            strike_out,
            structlog.processors.dict_tracebacks,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(40 if quiet else 20),
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=False,
    )

"""The whole of it: one database behind the ports of `accounts_port`.

Its parts are modules of their own; nothing is decided here.
"""

from telecared.adapters.console_db.managing import Manages
from telecared.adapters.console_db.own_codes import OwnCodes
from telecared.adapters.console_db.signing_in import SignsIn
from telecared.adapters.console_db.tokens import Tokens


class ConsoleDb(SignsIn, OwnCodes, Manages, Tokens):
    """The console's accounts (accounts_port.People). May be asked from any thread."""

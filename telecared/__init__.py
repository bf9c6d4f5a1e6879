"""telecared: a telecare alert daemon that can prove that no alarm was dropped.

Nothing is exported here: each group of modules says in its own head what it offers.
"""

__version__ = "0.1.0"

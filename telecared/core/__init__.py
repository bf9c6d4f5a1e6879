"""The functional core: decisions as pure functions over values.

No clock, socket, file or chance.
"""

"""Adapters: each wraps one library behind a port and decides nothing. None knows another."""

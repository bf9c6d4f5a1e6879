"""Simulated worlds, tried before anything is tried in them."""

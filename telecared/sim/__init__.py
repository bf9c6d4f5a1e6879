"""Simulated worlds: clocks, residents, phones, faults, replay. Never imported by the daemon."""

"""Whole nights in virtual time: the real engine, outbox and store among simulated everything else.

One seed is one story. `night` plays it, `checkers` hold the promises of the design after every
step, and `python -m telecared.sim.nights --seed N` repeats it.
"""

"""Simulated nights as tests use them: played in another process, or until one breaks a promise."""

import os
import subprocess
import sys
from collections import Counter

from telecared.sim.nights.night import play
from telecared.sim.nights.world import Broken


def played_elsewhere(seed: int, hashes: str) -> list[str]:
    """Play a night in another process and return what happened in it."""
    found = subprocess.run(
        [sys.executable, "-m", "telecared.sim.nights", "--seed", str(seed), "--trace"],
        env={**os.environ, "PYTHONHASHSEED": hashes},
        capture_output=True,
        check=True,
        text=True,
    )
    return found.stdout.splitlines()[:-1]


def play_many(seeds: range) -> None:
    """Play nights and say what they were; fails with every promise that was broken in them."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    for seed in seeds:
        try:
            counts.update(play(seed).counts)
        except Broken as failure:
            broken.append(str(failure))
    told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    # Past what captures output: a run of hours shows how far it is.
    os.write(2, f"\nnights {seeds.start} to {seeds.stop - 1}: {told}\n".encode())
    assert broken == [], "\n".join(broken)


def first_broken(seeds: range) -> Broken:
    """Play nights until one breaks a promise, and return that; fails where none does."""
    for seed in seeds:
        try:
            play(seed)
        except Broken as broken:
            return broken
    raise AssertionError(
        f"the checkers noticed nothing in the nights {seeds.start} to {seeds.stop}"
    )

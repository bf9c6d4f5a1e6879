"""`python -m telecared.sim.nights --seed N`: plays a night again, or many, and tells what broke."""

import argparse
import sys
import time
from typing import Final

from telecared.sim.nights.night import play_traced

FAILED: Final = 1


def main() -> int:
    """Play the nights that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m telecared.sim.nights", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the night, or the first of several")
    parser.add_argument("--nights", type=int, default=1, help="how many, one seed after another")
    parser.add_argument("--trace", action="store_true", help="tell everything that happens")
    asked = parser.parse_args()
    begun = time.perf_counter()
    broken = 0
    for seed in range(asked.seed, asked.seed + asked.nights):
        world, failure = play_traced(seed)
        if asked.trace:
            sys.stdout.write("\n".join(world.lines) + "\n")
        if failure is not None:
            broken += 1
            sys.stdout.write(f"{failure}\n")
            sys.stdout.flush()
    took = time.perf_counter() - begun
    sys.stdout.write(f"{asked.nights} nights in {took:.1f} s, {broken} broken\n")
    return FAILED if broken else 0


if __name__ == "__main__":
    sys.exit(main())

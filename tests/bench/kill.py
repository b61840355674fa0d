"""kill -9 at fifty random moments, of an ingestion and of a server, as tables.

python -m tests.bench.kill [ROUNDS] [SEED]
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from tests.kills import change, kill_round, took
from tests.server_kills import kill_server_round

ROUNDS = 50
SEED = 4
_LONGEST_S = 8.0  # that a server lives


def main() -> int:
    """Print a line per kill; return 1 when anything was wrong."""
    rounds, seed = (int(given) for given in (sys.argv[1:] + [str(ROUNDS), str(SEED)][len(sys.argv) - 1 :])[:2])
    wrong = _ingestions(rounds, seed) + _servers(rounds, seed)
    return 1 if wrong else 0


def _ingestions(rounds: int, seed: int) -> int:
    """Kill the command line in an ingestion with changes and removals; return the number of bad ends."""
    moments, wrong, number = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        change(folder / "course", moments, 0)
        longest = took(folder / "course", folder / "home")
        _say(f"the whole work takes {longest:.1f} s from the moment the home is open\n")
        _say("| kill | after | queued | parsed | ready | wrong |\n|--:|--:|--:|--:|--:|---|")
        while number < rounds:
            found = kill_round(folder, moments, number, longest)
            number += not found.ended  # what had ended by then was not killed
            wrong += bool(found.wrong)
            after = "ended" if found.ended else f"{found.after:.2f} s"
            counts = f"{found.queued} | {found.parsed} | {found.ready}"
            _say(f"| {number} | {after} | {counts} | {'; '.join(found.wrong)} |")
    _say(
        f"\n{rounds - wrong} of {rounds} kills of an ingestion left everything in order, and the next run completed.\n"
    )
    return wrong


def _servers(rounds: int, seed: int) -> int:
    """Kill a server while files are dropped, read, removed and embedded anew, and a model writes."""
    moments, wrong = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        _say("| kill | after | accepted | still queued | cut uploads | wrong |\n|--:|--:|--:|--:|--:|---|")
        for number in range(rounds):
            found = kill_server_round(Path(scratch), moments, number, _LONGEST_S)
            wrong += bool(found.wrong)
            counts = f"{found.accepted} | {found.queued} | {found.strays}"
            _say(f"| {number + 1} | {found.after:.2f} s | {counts} | {'; '.join(found.wrong)} |")
    _say(f"\n{rounds - wrong} of {rounds} kills of a server lost nothing that was accepted.")
    return wrong


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

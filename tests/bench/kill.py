"""kill -9 at fifty random moments of an ingestion with changes and removals in it, as a table.

python -m tests.bench.kill [ROUNDS] [SEED]
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from rag.library.home import cache_folder
from rag.models.embedder import SentenceEmbedder
from tests.kills import change, kill_round, took

ROUNDS = 50
SEED = 4


def main() -> int:
    """Print a line per kill; return 1 when anything was wrong."""
    rounds, seed = (int(given) for given in (sys.argv[1:] + [str(ROUNDS), str(SEED)][len(sys.argv) - 1 :])[:2])
    moments = random.Random(seed)
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        SentenceEmbedder(cache_folder()).prepare()  # its export is no part of the work
        change(folder / "course", moments, 0)
        longest = took(folder / "course", folder / "home")
        print(f"the whole work takes {longest:.1f} s from the moment the home is open\n")  # noqa: T201
        print("| kill | after | queued | parsed | ready | wrong |\n|--:|--:|--:|--:|--:|---|")  # noqa: T201
        number = 0
        while number < rounds:
            found = kill_round(folder, moments, number, longest)
            number += not found.ended  # what had ended by then was not killed
            wrong += bool(found.wrong)
            after = "ended" if found.ended else f"{found.after:.2f} s"
            print(  # noqa: T201
                f"| {number} | {after} | {found.queued} | {found.parsed} | {found.ready} | {'; '.join(found.wrong)} |",
                flush=True,
            )
    print(f"\n{rounds - wrong} of {rounds} kills left everything in order, and the next run completed.")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

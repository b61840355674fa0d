"""kill -9 in the middle of an ingestion, or of a server with drops: nothing lost, and the next run completes.

`python -m tests.bench.kill` does it fifty times.
"""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.kills import kill_round
from tests.server_kills import kill_server_round

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no SIGKILL"),
    pytest.mark.timeout(900),
]


def test_a_kill_at_any_moment_leaves_everything_in_order(tmp_path: Path) -> None:
    moments = random.Random(11)
    for number in range(4):
        assert kill_round(tmp_path, moments, number, longest=5.0).wrong == []


def test_a_kill_of_the_server_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    moments = random.Random(12)
    for number in range(4):
        assert kill_server_round(tmp_path, moments, number, longest=5.0).wrong == []

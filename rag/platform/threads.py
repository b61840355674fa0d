"""Threads that wait asleep: OpenMP's spin by default, which starves them where another process is busy.

Measured with a 135 M model on two cores that other processes wanted as well: 1.5 to 3.6 tokens a second with threads
that spin, 29 to 36 with threads that sleep.
"""

from __future__ import annotations

import os


def wait_passively() -> None:
    """Let the threads of OpenMP sleep while they wait; a choice of the user's stands.

    It must be called before the first library that uses OpenMP is loaded.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

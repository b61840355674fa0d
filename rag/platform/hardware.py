"""The computer: what this process may use of its processor and memory, and how fast they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from rag.platform.threads import CGROUP, cores, limit

_READ = 64 << 20  # bytes that each thread reads again and again: more than a processor caches
_MATRIX = 320  # rows of the matrices that are multiplied: a product takes half a millisecond


@dataclass(frozen=True, slots=True)
class Hardware:
    """The processor and memory that this process may use; bytes."""

    cores: int
    memory: int
    free_memory: int


@dataclass(frozen=True, slots=True)
class Speed:
    """The measured speed of processor and memory, with all cores."""

    bytes_per_s: float  # read from memory
    operations_per_s: float  # multiplications and additions of 32-bit numbers


def hardware(limits: Path = CGROUP) -> Hardware:
    """Return the cores and the memory that this process may use; in a container fewer than the machine has."""
    memory = psutil.virtual_memory()
    most, used = limit(limits / "memory.max"), limit(limits / "memory.current")
    if most is None or used is None or most >= memory.total:
        return Hardware(cores(limits), memory.total, memory.available)
    return Hardware(cores(limits), most, min(memory.available, max(most - used, 0)))


def free_disk(folder: Path) -> int:
    """Return the free bytes of the disk that a folder, or the nearest one above that exists, lies on."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return psutil.disk_usage(str(there)).free


def measure_speed(seconds: float = 2.0) -> Speed:
    """Return the speed of memory and processor with all cores: the best of what some seconds show.

    The best, for other programs only slow down.
    """
    return Speed(_read_speed(seconds / 2), _multiply_speed(seconds / 2))


def _read_speed(seconds: float) -> float:
    numbers = [np.ones(_READ // 4, dtype=np.float32) for _ in range(cores())]
    best: list[float] = []

    def read(mine: NDArray[np.float32]) -> None:
        best.append(_quickest(mine.max, seconds))

    threads = [threading.Thread(target=read, args=(mine,)) for mine in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(_READ / each for each in best)


def _multiply_speed(seconds: float) -> float:
    matrix = np.ones((_MATRIX, _MATRIX), dtype=np.float32)
    return 2 * _MATRIX**3 / _quickest(lambda: matrix @ matrix, seconds)


def _quickest(step: Callable[[], object], seconds: float) -> float:
    """Return the seconds of the quickest of the steps that some seconds allow, one at least."""
    until, quickest = time.perf_counter() + seconds, float("inf")
    while True:
        began = time.perf_counter()
        step()
        quickest = min(quickest, time.perf_counter() - began)
        if time.perf_counter() >= until:
            return quickest

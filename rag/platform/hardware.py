"""The computer: what this process may use of its processor and memory, and how fast they are."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from rag.platform.threads import CGROUP, cores, limit

_READ = 64 << 20  # bytes that each thread reads again and again: more than a processor caches
_MATRIX = 768  # rows of the matrices that are multiplied


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
    """Return the speed of memory and processor, measured for some seconds with all cores."""
    return Speed(_read_speed(seconds / 2), _multiply_speed(seconds / 2))


def _read_speed(seconds: float) -> float:
    counts = [0] * cores()
    numbers = [np.ones(_READ // 4, dtype=np.float32) for _ in counts]
    began = time.perf_counter()

    def read(at: int) -> None:
        while not counts[at] or time.perf_counter() < began + seconds:
            numbers[at].max()
            counts[at] += 1

    threads = [threading.Thread(target=read, args=(at,)) for at in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) * _READ / (time.perf_counter() - began)


def _multiply_speed(seconds: float) -> float:
    matrix = np.ones((_MATRIX, _MATRIX), dtype=np.float32)
    count, began = 0, time.perf_counter()
    while not count or time.perf_counter() - began < seconds:
        _ = matrix @ matrix
        count += 1
    return count * 2 * _MATRIX**3 / (time.perf_counter() - began)

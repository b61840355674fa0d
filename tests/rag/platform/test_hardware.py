"""What the computer has."""

from __future__ import annotations

from pathlib import Path

from rag.platform.hardware import free_disk, hardware, measure_speed
from rag.platform.threads import cores


def test_a_computer_has_cores_and_memory() -> None:
    found = hardware()
    assert found.cores >= 1
    assert 0 < found.free_memory <= found.memory


def test_the_disk_of_a_folder_that_is_yet_to_be_made_is_that_of_the_one_above(tmp_path: Path) -> None:
    assert free_disk(tmp_path / "not" / "there") > 0


def test_speed_is_measured() -> None:
    speed = measure_speed(seconds=0.02)
    assert speed.bytes_per_s > 0
    assert speed.operations_per_s > 0


def test_a_container_limits_cores_and_memory(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    assert hardware(tmp_path).memory == hardware(tmp_path / "not there").memory
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    assert (hardware(tmp_path).memory, hardware(tmp_path).free_memory) == (1_000_000, 600_000)
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert cores(tmp_path) == cores(tmp_path / "not there")
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert cores(tmp_path) == 1

"""The benchmarks can be started: what they import is still there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from tests import bench

NAMES = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.ispkg]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"tests.bench.{name}").__doc__  # what --help and the table say of it


def test_there_are_benchmarks() -> None:
    assert {"speed", "quality", "fixtures"} <= set(NAMES)

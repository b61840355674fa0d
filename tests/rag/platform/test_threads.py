"""Threads of OpenMP sleep while they wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.platform.threads import wait_passively

REPOSITORY = Path(__file__).parents[3]


def test_threads_sleep_where_nobody_chose_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    wait_passively()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"


def test_a_choice_of_the_users_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    wait_passively()
    assert os.environ["OMP_WAIT_POLICY"] == "active"


@pytest.mark.slow
def test_they_sleep_before_llama_cpp_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os; from rag.models.llama import _library; _library(); print(os.environ['OMP_WAIT_POLICY'])"
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout.split() == ["passive"]

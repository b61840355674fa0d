"""Threads of OpenMP sleep where they wait long."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.platform.threads import wait_asleep

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")  # so that what is set here is undone behind the test
        monkeypatch.delenv(name)


def test_threads_sleep_where_nobody_chose_otherwise() -> None:
    wait_asleep()
    assert int(os.environ["GOMP_SPINCOUNT"]) < 100_000


@pytest.mark.parametrize(("name", "value"), [("OMP_WAIT_POLICY", "active"), ("GOMP_SPINCOUNT", "7")])
def test_a_choice_of_the_users_stands(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    before = dict(os.environ)
    wait_asleep()
    assert dict(os.environ) == before


@pytest.mark.slow
def test_they_are_told_before_llama_cpp_is_loaded() -> None:
    code = "import os; from rag.models.llama import _library; _library(); print(os.environ['GOMP_SPINCOUNT'])"
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout.strip().isdecimal()

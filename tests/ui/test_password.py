"""`studyhall ingest --password`: asked without echo, taken from a variable or a line, never an argument."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from rag.errors import InputError
from tests import pdf_samples
from ui.cli import main
from ui.commands.secret import VARIABLE, ask_password


def test_the_variable_is_taken_and_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "open sesame")
    assert ask_password() == "open sesame"
    assert VARIABLE not in os.environ


def test_without_a_terminal_one_line_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" open sesame \nnext\n"))
    assert ask_password() == " open sesame "
    assert sys.stdin.read() == "next\n"


def test_no_password_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(InputError, match="No password was given"):
        ask_password()


def test_a_password_is_no_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ingest", "a.pdf", "--password=secret"]) == 2
    assert "secret" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a terminal of its own is a POSIX matter")
def test_at_a_terminal_it_is_asked_for_and_not_echoed(tmp_path: Path) -> None:
    path = tmp_path / "exam.pdf"
    path.write_bytes(pdf_samples.encrypted())
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", "from ui.cli import run; run()", "ingest", str(path), "--password"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        seen = b""
        while b"Password" not in seen:
            seen += os.read(ours, 1000)
        os.write(ours, f"{pdf_samples.PASSWORD}\n".encode())
        with suppress(OSError):  # Linux ends a terminal with an error
            while more := os.read(ours, 1000):
                seen += more
    os.close(ours)
    assert process.returncode == 0
    assert b"1 added" in seen
    assert pdf_samples.PASSWORD.encode() not in seen

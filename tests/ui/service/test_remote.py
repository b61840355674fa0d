"""Commands while the page is open: they hand their work to the server that owns the home."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rag.errors import HomeInUse
from rag.library.home import Owner, read_owner
from tests import pdf_samples
from ui.cli import main
from ui.commands.secret import VARIABLE
from ui.service.remote import RemoteHall

pytestmark = pytest.mark.slow

NOTE = "# Heaps\n\nA binary heap is a tree. Its smallest element is at the root. Taking it costs logarithmic time.\n"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    """A running `studyhall ui` that owns the home, which every command here uses."""
    home = tmp_path / "served"
    monkeypatch.setenv("STUDYHALL_HOME", str(home))
    command = [sys.executable, "-u", "-c", "from ui.cli import run; run()", "ui", "--no-open", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        if not process.stdout.readline().startswith("Studyhall is at"):
            pytest.fail(process.stderr.read())
        owner = read_owner(home)
        assert owner
        yield owner
        process.send_signal(signal.SIGINT)
        process.communicate()


def test_commands_work_while_the_page_is_open(
    server: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "heaps.md").write_text(NOTE, encoding="utf-8")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    monkeypatch.chdir(tmp_path)  # a relative path means this folder, not the server's
    assert main(["ingest", "heaps.md", "bad.pdf", "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert [document["status"] for document in report["documents"]] == ["added", "failed"]

    assert main(["ask", "Where does a heap keep its smallest element?", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["citations"][0]["quote"] in NOTE

    assert main(["search", "logarithmic", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passages"]
    questions = tmp_path / "questions.jsonl"
    assert main(["eval", "--make", "-n", "1"]) == 0
    questions.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["eval", "questions.jsonl", "--against", "dense_weight=1", "--json"]) == 0
    evaluation = json.loads(capsys.readouterr().out)
    assert evaluation["questions"] == {"en": 1, "all": 1}
    assert evaluation["measures"]["all"]["recall@1"] == 1
    assert evaluation["against"]["differences"]["MRR"]["value"] == 0

    assert main(["docs", "show", "heaps.md", "--text"]) == 0
    assert "smallest element" in capsys.readouterr().out
    assert main(["docs", "remove", "heaps.md", "--yes"]) == 0
    assert main(["collections", "list"]) == 0


def test_a_password_is_handed_over_and_written_down_nowhere(
    server: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "exam.pdf").write_bytes(pdf_samples.encrypted())
    monkeypatch.setenv(VARIABLE, pdf_samples.PASSWORD)
    assert main(["ingest", str(tmp_path / "exam.pdf"), "--password", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == 1
    home = Path(os.environ["STUDYHALL_HOME"])
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert pdf_samples.PASSWORD.encode() not in written


def test_an_error_there_is_the_same_error_here(server: Owner, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "x", "--model", "missing.gguf"]) == 1
    assert "no model 'missing.gguf'" in capsys.readouterr().err


def test_the_local_call_needs_the_token_also_on_loopback(server: Owner) -> None:
    url = f"http://127.0.0.1:{server.port}/api/v1/run"
    call = {"call": "documents", "arguments": {}}
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        assert httpx.post(url, json=call, headers=headers, trust_env=False).status_code == 401
    with pytest.raises(HomeInUse, match="refused"):
        RemoteHall(Owner(server.pid, server.version, server.port, "guessed")).documents()


@pytest.mark.skipif(os.name != "posix", reason="modes of files are a POSIX matter")
def test_only_its_owner_can_read_the_token(server: Owner) -> None:
    home = Path(os.environ["STUDYHALL_HOME"])
    assert (home / "owner.json").stat().st_mode & 0o077 == 0


def test_a_server_that_was_killed_does_not_keep_its_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "left"
    main(["docs", "list", "--home", str(home)])
    (home / "owner.json").write_text(json.dumps({"pid": 1, "version": "0", "port": 9, "token": "x"}))
    capsys.readouterr()
    assert main(["docs", "list", "--home", str(home), "--json"]) == 0

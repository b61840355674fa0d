"""STUDYHALL_OFFLINE: a whole day's work opens no socket that leaves this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_gguf import write_tiny_gguf

# Runs a command and ends the process at the first look-up of a name or connection to elsewhere.
WATCHED = """
import ipaddress, os, sys
def watch(event, arguments):
    if event == "socket.getaddrinfo":
        places = [arguments[0]]
    elif event in {"socket.connect", "socket.sendto"}:
        places = [arguments[1][0]] if isinstance(arguments[1], tuple) else []
    else:
        return
    for place in places:
        try:
            inside = ipaddress.ip_address(place).is_loopback
        except ValueError:
            inside = place in {None, "localhost"}
        if not inside:
            sys.stderr.write(f"left this machine: {event} {place}\\n")
            os._exit(99)
sys.addaudithook(watch)
from ui.cli import main
sys.exit(main(sys.argv[1:]))
"""


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"STUDYHALL_OFFLINE": "1", "STUDYHALL_HOME": str(home), "OPENAI_API_KEY": "sk-1"}
    command = [sys.executable, "-c", WATCHED, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_nothing_leaves_the_machine(tmp_path: Path) -> None:
    home, notes = tmp_path / "home", tmp_path / "notes"
    notes.mkdir()
    (notes / "tries.md").write_text("# Tries\n\nA trie is a tree of letters. It finds words by their prefixes.\n")
    model = write_tiny_gguf(tmp_path / "tiny.gguf", context=4096)
    for arguments, code in (
        (["ingest", str(notes)], 0),
        (["ask", "What is a trie?"], 0),
        (["ask", "What is a trie?", "-m", str(model)], 0),
        (["ask", "What is a trie?", "-m", "openai:gpt-5"], 0),
        (["models", "add", "campus", "--url", "https://llm.example.edu/v1", "--yes"], 1),
        (["models", "add", "campus", "--url", "https://llm.example.edu/v1", "--model", "m", "--yes"], 0),
        (["models", "use", "campus", "--yes"], 1),
        (["ask", "What is a trie?", "-m", "campus"], 0),
        (["search", "prefixes"], 0),
        (["models", "recommend"], 0),
        (["doctor"], 0),
        (["models", "pull", "qwen3-4b"], 1),
        (["ingest", "https://example.org/page.html"], 3),
    ):
        done = run(home, *arguments)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        assert "left this machine" not in done.stderr
    assert "STUDYHALL_OFFLINE is set" in done.stdout + done.stderr


@pytest.mark.slow
def test_the_watch_sees_what_leaves(tmp_path: Path) -> None:
    environment = os.environ | {"STUDYHALL_HOME": str(tmp_path)}
    command = [sys.executable, "-c", WATCHED, "ingest", "https://example.org/page.html"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 99
    assert "left this machine: socket.getaddrinfo example.org" in done.stderr

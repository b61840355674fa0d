"""Memory that held a secret reaches no file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SECRET = "swordfish-and-chips"
# Chroma works in threads, whose memory comes from where other threads' went back to: there the secret is left. Freeing
# a large block first makes glibc take blocks of Chroma's size from there too, and not fresh from the system.
RUN = f"""
import sys, threading
from ui.hall import Studyhall

def leave(gate):
    gate.wait()
    blocks = [bytearray(b"{SECRET} " * count) for count in (4_000, 9_000, 20_000) for _ in range(6)]
    gate.wait()
    del blocks
    gate.wait()

with Studyhall.open(sys.argv[1]) as hall:
    large = bytearray(30_000_000)
    del large
    gate = threading.Barrier(24)
    threads = [threading.Thread(target=leave, args=[gate]) for _ in range(24)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    hall.ingest([sys.argv[2]])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told to overwrite")
def test_what_chroma_has_not_filled_holds_nothing_of_what_was_in_memory(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Tries\n\nA trie is a tree of letters.\n", encoding="utf-8")
    home = tmp_path / "home"
    subprocess.run([sys.executable, "-c", RUN, str(home), str(tmp_path / "notes.md")], check=True)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "data_level0.bin" for path in files)
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []

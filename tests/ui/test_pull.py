"""`studyhall models pull` from a hub on loopback: what it shows, what it leaves, and how it ends."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from rag.models.catalogue import catalogue, find
from rag.models.download import Downloaded, DownloadProgress
from tests.loopback_hub import LoopbackHub, Manner, Refusal, serving
from tests.tiny_gguf import write_tiny_gguf
from ui.cli import main
from ui.render.downloading import watch_download

TINY = "me/tiny-GGUF:tiny.gguf"
HALF = 65_000  # bytes
# Who is started in the background ignores Ctrl-C; this one is in the foreground, whoever starts the tests.
FOREGROUND = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
RUN = "import sys; from ui.cli import main; sys.exit(main(sys.argv[1:]))"
# The same, and in the end what it did that reaches out of its process.
OBSERVED = """
import sys
seen = []
watched = {"socket.__new__", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn", "os.fork"}
sys.addaudithook(lambda event, _: seen.append(event) if event in watched else None)
from ui.cli import main
code = main(sys.argv[1:])
print("seen:", seen)
sys.exit(code)
"""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """A hub that the settings name."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving(LoopbackHub(write_tiny_gguf(tmp_path / "tiny.gguf", context=4096).read_bytes())) as hub:
        monkeypatch.setenv("STUDYHALL_HUB", hub.endpoint)
        yield hub


@pytest.mark.slow
def test_a_pulled_model_is_listed_and_can_be_used(
    hub: LoopbackHub, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", TINY]) == 0
    first, *progress, there, use = capsys.readouterr().out.splitlines()
    assert first == f"{TINY} from {hub.endpoint}"
    assert progress[0] == "1 kB of 130 kB"
    assert there.startswith(f"{own_home / 'models' / 'tiny.gguf'} is there now")
    assert "its sha256 is right" in there
    command = use.partition("studyhall ")[2].split()
    assert main(command) == 0
    assert main(["models", "list"]) == 0
    assert "→ tiny.gguf" in capsys.readouterr().out


@pytest.mark.slow
def test_a_pull_speaks_json(hub: LoopbackHub, own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", TINY, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "path": str(own_home / "models" / "tiny.gguf"),
        "bytes": len(hub.content),
        "sha256": told["sha256"],
        "verified": True,
        "was_there": False,
    }
    assert main(["models", "pull", TINY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["was_there"]


@pytest.mark.slow
def test_the_first_of_a_pull_is_asked_for_as_the_catalogue_has_it(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", "gemma3-270m"]) == 1
    entry = find("gemma3-270m")
    assert hub.asked[0].path == f"/{entry.repository}/resolve/{entry.revision}/{entry.file}"
    shown = capsys.readouterr()
    assert f"has no file {entry.file}" in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.slow
def test_a_refused_pull_is_code_1_and_one_object_less(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.refusals += [Refusal(401, "GatedRepo")]
    assert main(["models", "pull", TINY, "--json"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "HF_TOKEN" in shown.err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to no single process")
def test_ctrl_c_keeps_what_came_and_the_next_pull_goes_on(
    hub: LoopbackHub, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.manners += [Manner(holds_after=HALF)]
    command = [sys.executable, "-c", FOREGROUND + RUN, "models", "pull", TINY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        while not any(part.stat().st_size == HALF for part in own_home.glob("models/.incoming/*/tiny.gguf")):
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        _, complaint = program.communicate()
    assert program.returncode == 130
    assert complaint.splitlines()[-1] == "Stopped. What has come is kept, and the next pull goes on from there."
    assert "Traceback" not in complaint
    assert hub.hung_up.wait(60)
    assert main(["models", "list"]) == 0
    assert "tiny.gguf" not in capsys.readouterr().out, "what is unfinished is no model"
    assert main(["models", "pull", TINY]) == 0
    assert hub.gets[-1].range == f"bytes={HALF}-"


@pytest.mark.slow
def test_offline_no_socket_is_opened_and_no_process_started(hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", "1")
    command = [sys.executable, "-c", OBSERVED, "models", "pull", "qwen3.5-2b"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "seen: []"
    assert "STUDYHALL_OFFLINE is set" in done.stderr
    assert hub.asked == []


@pytest.mark.slow
def test_what_offline_is_watched_for_is_seen_online(hub: LoopbackHub) -> None:
    command = [sys.executable, "-c", OBSERVED, "models", "pull", TINY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "subprocess.Popen" in done.stdout.splitlines()[-1]


def test_without_a_name_the_catalogue_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull"]) == 0
    shown = capsys.readouterr().out
    assert all(entry.name in shown for entry in catalogue())
    assert main(["models", "pull", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["catalogue"]
    assert [entry["name"] for entry in listed] == [entry.name for entry in catalogue()]


@pytest.mark.parametrize(
    ("named", "says"),
    [("qwen3-4", "Did you mean qwen3-4b"), ("unsloth/Qwen3.5-2B-GGUF", "REPOSITORY:FILE")],
    ids=["unknown name", "repository without a file"],
)
def test_a_name_that_cannot_be_pulled_is_told_in_a_line(
    named: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pull", named]) == 1
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.err.count("\n") == 1


def test_an_empty_list_leads_to_pull(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "studyhall models pull" in capsys.readouterr().out


# ---- how it is shown


def shown_on(console: Console, events: list[DownloadProgress | Downloaded]) -> str:
    assert list(watch_download(events, console)) == events
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_where_nobody_watches_a_line_is_printed_for_each_tenth() -> None:
    events: list[DownloadProgress | Downloaded] = [DownloadProgress(done * 10**7, 10**9) for done in range(101)]
    lines = shown_on(Console(file=io.StringIO(), width=200), events).splitlines()
    assert len(lines) == 11
    assert lines[5].startswith("500 MB of 1.0 GB")
    assert lines[-1] == "1.0 GB of 1.0 GB"


def test_a_resumed_download_begins_with_what_is_there() -> None:
    events: list[DownloadProgress | Downloaded] = [
        DownloadProgress(0, 10**9, checking=True),
        DownloadProgress(64 * 10**7, 10**9),
        DownloadProgress(10**9, 10**9),
    ]
    lines = shown_on(Console(file=io.StringIO(), width=200), events).splitlines()
    assert [line.partition(" of")[0] for line in lines] == ["640 MB", "1.0 GB"]


def test_a_size_that_nobody_knows_is_shown_as_it_grows() -> None:
    events: list[DownloadProgress | Downloaded] = [DownloadProgress(0, None), DownloadProgress(10**7, None)]
    assert shown_on(Console(file=io.StringIO(), width=200), events) == "1 kB\n"


def test_in_a_terminal_there_is_a_bar() -> None:
    terminal = Console(file=io.StringIO(), width=120, force_terminal=True)
    shown = shown_on(terminal, [DownloadProgress(0, 10**9, checking=True), DownloadProgress(5 * 10**8, 10**9)])
    assert "Downloading" in shown
    assert "0.5/1.0 GB" in shown

"""Downloads from a hub on loopback, which behaves as the real one or badly: resumed, checked, and never half done."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import (
    Cancelled,
    DownloadError,
    HubUnavailable,
    NoAccess,
    NoSpace,
    NotOnHub,
    Offline,
    WrongFile,
)
from rag.models.catalogue import HubFile
from rag.models.download import Downloaded, DownloadProgress, Event, download
from tests.loopback_hub import COMMIT, LoopbackHub, Manner, Refusal, serving
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.slow  # each download is a process

TINY = HubFile("me/tiny-GGUF", "tiny.gguf")
HALF = 65_000  # bytes
PULL = """
import sys
from pathlib import Path
from rag.models.catalogue import HubFile
from rag.models.download import download
for event in download(HubFile("me/tiny-GGUF", "tiny.gguf"), Path(sys.argv[1]), endpoint=sys.argv[2], wait_s=0):
    pass
"""


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a real model."""
    return write_tiny_gguf(tmp_path_factory.mktemp("hub") / "tiny.gguf").read_bytes()


@pytest.fixture
def hub(model: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    for name in ("HF_TOKEN", "HF_HOME", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving(LoopbackHub(model)) as hub:
        yield hub


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "models"


def events_of(hub: LoopbackHub, folder: Path, wanted: HubFile = TINY) -> Iterator[Event]:
    return download(wanted, folder, endpoint=hub.endpoint, wait_s=0)


def pulled(hub: LoopbackHub, folder: Path, wanted: HubFile = TINY) -> Downloaded:
    done = list(events_of(hub, folder, wanted))[-1]
    assert isinstance(done, Downloaded)
    return done


def of_catalogue(content: bytes) -> HubFile:
    return HubFile("me/tiny-GGUF", "tiny.gguf", COMMIT, len(content), hashlib.sha256(content).hexdigest())


def parts(folder: Path) -> list[Path]:
    """Return what has been received of unfinished files."""
    return [path for path in folder.glob(".incoming/*/*") if path.suffix == ".gguf"]


def wait_for_bytes(folder: Path, count: int) -> None:
    while sum(part.stat().st_size for part in parts(folder)) < count:
        time.sleep(0.01)


def in_models(folder: Path) -> list[str]:
    """Return the names of all files that are left in the models folder and below."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# ---- as it should be


def test_a_model_comes_whole_and_under_its_own_name(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    *progress, done = events_of(hub, folder)
    sha256 = hashlib.sha256(model).hexdigest()
    assert done == Downloaded(folder / "tiny.gguf", len(model), sha256, verified=True)
    assert done.path.read_bytes() == model
    assert progress[0] == DownloadProgress(0, len(model))
    assert progress[-1] == DownloadProgress(len(model), len(model))
    assert in_models(folder) == ["tiny.gguf"]


def test_nothing_is_asked_but_what_is_needed(hub: LoopbackHub, folder: Path) -> None:
    pulled(hub, folder)
    assert [(asked.method, asked.path) for asked in hub.asked] == [
        ("HEAD", "/me/tiny-GGUF/resolve/main/tiny.gguf"),
        ("GET", f"/me/tiny-GGUF/resolve/{COMMIT}/tiny.gguf"),
        ("GET", "/bytes/tiny.gguf?signed=1"),
    ]
    assert {asked.headers["user-agent"] for asked in hub.asked} == {"studyhall"}
    assert not [asked for asked in hub.asked if "authorization" in asked.headers]


def test_a_token_goes_to_the_hub_and_no_further(
    hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    pulled(hub, folder)
    *to_hub, elsewhere = hub.asked
    assert {asked.headers["authorization"] for asked in to_hub} == {"Bearer hf_mine"}
    assert "authorization" not in elsewhere.headers


def test_the_token_of_a_login_is_not_for_mirrors(
    hub: LoopbackHub, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("hf_of_the_login")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    pulled(hub, folder)
    assert not [asked for asked in hub.asked if "authorization" in asked.headers]


def test_libraries_that_are_offline_do_not_matter(
    hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    assert pulled(hub, folder).verified


def test_a_mirror_that_sends_the_bytes_itself_is_fine(hub: LoopbackHub, folder: Path) -> None:
    hub.redirects = False
    assert pulled(hub, folder).verified


def test_a_file_whose_hash_nobody_knows_is_kept_and_it_is_said(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.redirects, hub.etag = False, ""
    done = pulled(hub, folder)
    assert not done.verified
    assert done.sha256 == hashlib.sha256(model).hexdigest()


# ---- what is there already


def test_a_model_of_the_catalogue_that_is_there_is_not_asked_for(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    pulled(hub, folder)
    hub.asked.clear()
    assert pulled(hub, folder, of_catalogue(model)).was_there
    assert hub.asked == []


def test_another_model_that_is_there_is_looked_up_and_not_sent_again(hub: LoopbackHub, folder: Path) -> None:
    first = pulled(hub, folder)
    hub.asked.clear()
    again = pulled(hub, folder)
    assert (again.was_there, again.sha256) == (True, first.sha256)
    assert [asked.method for asked in hub.asked] == ["HEAD"]


@pytest.mark.parametrize("pinned", [True, False], ids=["of the catalogue", "by its address"])
@pytest.mark.parametrize("same_size", [True, False], ids=["of the same size", "of another size"])
def test_another_file_of_that_name_is_left_alone(
    hub: LoopbackHub, folder: Path, model: bytes, same_size: bool, pinned: bool
) -> None:
    folder.mkdir(parents=True)
    mine = b"x" * len(model) if same_size else b"mine"
    (folder / "tiny.gguf").write_bytes(mine)
    with pytest.raises(WrongFile, match=r"studyhall models remove tiny\.gguf"):
        pulled(hub, folder, of_catalogue(model) if pinned else TINY)
    assert (folder / "tiny.gguf").read_bytes() == mine
    assert hub.gets == []
    assert in_models(folder) == ["tiny.gguf"]


# ---- broken off, and gone on with


def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.manners += [Manner(breaks_after=10_000), Manner(breaks_after=0), Manner(breaks_after=20_000)]
    assert pulled(hub, folder).verified
    assert [asked.range for asked in hub.gets] == ["", "bytes=10000-", "bytes=10000-", "bytes=30000-"]


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.manners += [Manner(breaks_after=HALF), Manner(ranges=False)]
    assert pulled(hub, folder).path.read_bytes() == model


def test_a_server_that_brings_nothing_new_is_given_up(hub: LoopbackHub, folder: Path) -> None:
    hub.manners += [Manner(breaks_after=HALF, ranges=False)] * 99
    with pytest.raises(HubUnavailable, match="pull again: what has come is kept"):
        pulled(hub, folder)
    assert len(hub.gets) < 10


def test_what_came_before_a_failure_is_not_asked_for_again(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.manners += [Manner(breaks_after=HALF), *[Manner(breaks_after=0)] * 9]
    with pytest.raises(HubUnavailable):
        pulled(hub, folder)
    assert [part.stat().st_size for part in parts(folder)] == [HALF]
    hub.manners.clear()
    *progress, done = events_of(hub, folder)
    assert progress[0] == DownloadProgress(0, len(model), checking=True)
    assert progress[1] == DownloadProgress(HALF, len(model))
    assert isinstance(done, Downloaded)
    assert done.verified
    assert hub.gets[-1].range == f"bytes={HALF}-"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failure_that_passes_is_waited_for(hub: LoopbackHub, folder: Path, status: int) -> None:
    hub.refusals += [Refusal(status)]
    hub.manners += [Manner(status=status)]
    assert pulled(hub, folder).verified


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no SIGKILL")
def test_a_killed_program_is_gone_on_with_by_the_next(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.manners += [Manner(holds_after=HALF)]
    with subprocess.Popen([sys.executable, "-c", PULL, str(folder), hub.endpoint], cwd=Path.cwd()) as program:
        wait_for_bytes(folder, HALF)
        program.kill()
    assert hub.hung_up.wait(60), "the process that downloads ends with the program"
    assert [path.name for path in folder.iterdir()] == [".incoming"]
    assert pulled(hub, folder).path.read_bytes() == model
    assert [asked.range for asked in hub.gets] == ["", f"bytes={HALF}-"]


def test_a_stopped_download_ends_at_once_and_is_gone_on_with(hub: LoopbackHub, folder: Path) -> None:
    hub.manners += [Manner(holds_after=HALF)]
    cancelled = threading.Event()
    downloading = download(TINY, folder, endpoint=hub.endpoint, cancelled=cancelled)
    next(downloading)
    wait_for_bytes(folder, HALF)
    cancelled.set()
    with pytest.raises(Cancelled, match="goes on from there"):
        list(downloading)
    assert hub.hung_up.wait(60)
    assert pulled(hub, folder).verified
    assert hub.gets[-1].range == f"bytes={HALF}-"


@pytest.mark.parametrize("how", ["is stopped", "comes to its end"])
def test_who_wants_the_same_model_waits_until_the_other(hub: LoopbackHub, folder: Path, how: str) -> None:
    hub.manners += [Manner(holds_after=HALF)]
    first = events_of(hub, folder)
    next(first)
    wait_for_bytes(folder, HALF)
    second: list[Downloaded] = []
    waiting = threading.Thread(target=lambda: second.append(pulled(hub, folder)))
    waiting.start()
    while len(hub.heads) < 2:
        time.sleep(0.01)
    if how == "is stopped":
        first.close()  # type: ignore[attr-defined]  # it is a generator
    else:
        hub.go.set()
        list(first)
    waiting.join()
    assert [done.verified for done in second] == [True]
    assert [asked.range for asked in hub.gets] == ["", f"bytes={HALF}-"][: 2 if how == "is stopped" else 1]
    assert in_models(folder) == ["tiny.gguf"]


# ---- another file than it should be


def test_bytes_with_another_hash_are_deleted(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.etag = hashlib.sha256(model).hexdigest()
    hub.content = model[:-1] + bytes([model[-1] ^ 1])
    with pytest.raises(WrongFile, match=r"was deleted: its sha256 is .*Pull it again"):
        pulled(hub, folder)
    assert in_models(folder) == []


@pytest.mark.parametrize("change", ["size", "hash"])
def test_a_hub_with_another_file_than_the_catalogue_is_not_asked_for_it(
    hub: LoopbackHub, folder: Path, model: bytes, change: str
) -> None:
    wanted = of_catalogue(model)
    hub.content = model + b"\0" if change == "size" else model[:-1] + b"!"
    with pytest.raises(WrongFile, match=r"another file under me/tiny-GGUF:tiny\.gguf than the catalogue"):
        pulled(hub, folder, wanted)
    assert hub.gets == []
    assert in_models(folder) == []


@pytest.mark.parametrize("lie", [-1000, 1000], ids=["less", "more"])
def test_a_hub_that_says_another_length_than_it_sends_is_not_listened_to(
    hub: LoopbackHub, folder: Path, model: bytes, lie: int
) -> None:
    hub.size = len(model) + lie
    with pytest.raises(HubUnavailable, match=f"sends {len(model):,} bytes, and .* has {len(model) + lie:,}"):
        pulled(hub, folder)
    assert in_models(folder) == []


def test_more_bytes_than_were_said_are_not_taken(hub: LoopbackHub, folder: Path) -> None:
    hub.size = HALF
    hub.manners += [Manner(tells_length=False)]
    with pytest.raises(WrongFile, match="sends more than 65,000 bytes"):
        pulled(hub, folder)
    assert in_models(folder) == []


def test_fewer_bytes_than_were_said_are_asked_for_again(hub: LoopbackHub, folder: Path) -> None:
    hub.manners += [Manner(breaks_after=HALF, tells_length=False)]
    assert pulled(hub, folder).verified
    assert [asked.range for asked in hub.gets] == ["", f"bytes={HALF}-"]


def test_a_file_of_unknown_length_is_taken_as_it_comes(hub: LoopbackHub, folder: Path, model: bytes) -> None:
    hub.redirects, hub.size = False, -1
    hub.manners += [Manner(tells_length=False)]
    *progress, done = events_of(hub, folder)
    assert progress[-1] == DownloadProgress(len(model), None)
    assert isinstance(done, Downloaded)
    assert done.verified


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"<!DOCTYPE html><title>Log in to the network</title>", "a web page", id="web page"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "a Git LFS pointer", id="pointer"),
        pytest.param(b"PK\x03\x04" + bytes(100), "a zip archive", id="archive"),
    ],
)
def test_what_is_no_model_is_deleted(hub: LoopbackHub, folder: Path, content: bytes, says: str) -> None:
    hub.content, hub.etag, hub.redirects = content, "", False
    with pytest.raises(WrongFile, match=rf"was deleted: tiny\.gguf is {says}"):
        pulled(hub, folder)
    assert in_models(folder) == []


def test_a_model_without_weights_is_deleted(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    hub.content = write_tiny_gguf(tmp_path / "vocabulary.gguf", weights=False).read_bytes()
    with pytest.raises(WrongFile, match="vocabulary without weights"):
        pulled(hub, folder)
    assert in_models(folder) == []


# ---- what can't be had


@pytest.mark.parametrize(
    ("refusal", "error", "says"),
    [
        pytest.param(Refusal(401, "GatedRepo"), NoAccess, "accepted its terms", id="gated"),
        pytest.param(Refusal(403, "GatedRepo"), NoAccess, "accepted its terms", id="gated, with a token"),
        pytest.param(Refusal(401, "RepoNotFound"), NotOnHub, "no repository me/tiny-GGUF", id="no repository"),
        pytest.param(Refusal(404, "RepoNotFound"), NotOnHub, "no repository me/tiny-GGUF", id="none, with a token"),
        pytest.param(Refusal(404, "EntryNotFound"), NotOnHub, "no file tiny.gguf", id="no file"),
        pytest.param(Refusal(404, "RevisionNotFound"), NotOnHub, "no revision main", id="no revision"),
        pytest.param(Refusal(404), NotOnHub, "no file tiny.gguf", id="not found on a plain server"),
        pytest.param(Refusal(401), NoAccess, "HF_TOKEN", id="not authorised"),
        pytest.param(Refusal(403), NoAccess, "HF_TOKEN", id="forbidden"),
        pytest.param(Refusal(429), HubUnavailable, "asked too often", id="too many requests"),
        pytest.param(Refusal(500), HubUnavailable, "failure of its own (status 500)", id="server error"),
        pytest.param(Refusal(418), DownloadError, "status 418", id="odd"),
    ],
)
def test_a_refusal_is_told_in_a_line_that_says_what_to_do(
    hub: LoopbackHub, folder: Path, refusal: Refusal, error: type[DownloadError], says: str
) -> None:
    hub.refusals += [refusal] * 9
    with pytest.raises(DownloadError) as told:
        pulled(hub, folder)
    assert type(told.value) is error
    assert says in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.remedy
    assert in_models(folder) == []


def test_a_refusal_of_the_bytes_leaves_nothing_behind(hub: LoopbackHub, folder: Path) -> None:
    hub.manners += [Manner(status=403)]
    with pytest.raises(NoAccess):
        pulled(hub, folder)
    assert in_models(folder) == []


def test_a_hub_that_is_not_there_is_named(hub: LoopbackHub, folder: Path) -> None:
    with serving(LoopbackHub(b"")) as gone:
        pass
    with pytest.raises(HubUnavailable, match=f"connection to {gone.endpoint.removeprefix('http://')} fails"):
        pulled(gone, folder)


def test_a_server_that_is_no_hub_is_told(hub: LoopbackHub, folder: Path) -> None:
    hub.endpoint += ":80:80"
    with pytest.raises(DownloadError, match="Check the setting hub"):
        pulled(hub, folder)


def test_a_model_that_does_not_fit_is_not_begun(hub: LoopbackHub, folder: Path) -> None:
    hub.size = 10**18
    with pytest.raises(NoSpace, match=r"needs 1050000000\.0 GB more on the disk"):
        pulled(hub, folder)
    assert hub.gets == []
    assert in_models(folder) == []


@pytest.mark.skipif(os.name != "posix", reason="ulimit is a shell's")
def test_a_disk_that_is_full_in_the_middle_keeps_what_came(hub: LoopbackHub, folder: Path) -> None:
    limited = 'ulimit -f 64; exec "$@"'  # blocks of a file: of 512 or 1024 bytes, by shell
    command = ["sh", "-c", limited, "sh", sys.executable, "-c", PULL, str(folder), hub.endpoint]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "NoSpace: tiny.gguf doesn't fit on the disk" in done.stderr
    (kept,) = (part.stat().st_size for part in parts(folder))
    assert kept > 0
    assert pulled(hub, folder).verified
    assert hub.gets[-1].range == f"bytes={kept}-"


def test_a_folder_that_cannot_be_made_is_told(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(DownloadError, match=r"can't be written into .*choose another home"):
        pulled(hub, tmp_path / "models")


# ---- offline


@pytest.mark.parametrize("value", ["1", "yes"])
def test_a_person_who_is_offline_stays_so(
    hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", value)
    with pytest.raises(Offline, match=r"STUDYHALL_OFFLINE is set.*Unset it"):
        pulled(hub, folder)
    assert hub.asked == []


@pytest.mark.parametrize("value", ["", "0"])
def test_offline_can_be_unset(hub: LoopbackHub, folder: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("STUDYHALL_OFFLINE", value)
    assert pulled(hub, folder).verified

"""The home folder: one process owns it, and whoever comes second learns who."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.errors import HomeError, HomeInUse
from rag.library.home import Home, Owner, cache_folder, default_home, read_owner

REPOSITORY = Path(__file__).parents[3]
HOLD = """
import sys
from pathlib import Path
from rag.library.home import Home
home = Home(Path(sys.argv[1]), version="1.2")
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process own the home meanwhile."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, cwd=REPOSITORY) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def test_a_home_is_made_with_its_folders(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "home", version="1.2")
    assert home.files.is_dir()
    assert home.models.is_dir()
    assert read_owner(home.folder) == Owner(os.getpid(), "1.2")
    home.release()
    assert read_owner(home.folder) is None


def test_a_second_process_learns_who_owns_the_home(tmp_path: Path) -> None:
    with held(tmp_path) as owner:
        with pytest.raises(HomeInUse, match=f"in use by process {owner.pid}"):
            Home(tmp_path, patience_s=0)
        assert read_owner(tmp_path) == Owner(owner.pid, "1.2")


def test_a_killed_owner_leaves_nothing_that_blocks(tmp_path: Path) -> None:
    with held(tmp_path) as owner:
        owner.kill()
        owner.wait()
    assert (tmp_path / "owner.json").is_file()
    home = Home(tmp_path)
    assert read_owner(tmp_path) == Owner(os.getpid(), "")
    home.release()


def test_the_same_process_cannot_open_a_home_twice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(HomeInUse, match=str(os.getpid())):
        Home(tmp_path, patience_s=0)
    home.release()
    Home(tmp_path).release()


def test_a_home_released_by_another_thread_is_free(tmp_path: Path) -> None:
    """A server is often closed by another thread than the one that opened it."""
    home = Home(tmp_path)
    closing = threading.Thread(target=home.release)
    closing.start()
    closing.join()
    assert not (tmp_path / "owner.json").exists()
    Home(tmp_path).release()


def test_releasing_twice_is_fine_and_takes_nothing_from_the_next_owner(tmp_path: Path) -> None:
    first = Home(tmp_path)
    first.release()
    second = Home(tmp_path)
    first.release()
    assert read_owner(tmp_path) == Owner(os.getpid(), "")
    second.release()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_only_the_owner_may_read_the_token(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = tmp_path / "owner.json"
    path.chmod(0o644)
    home.announce(port=7861, token="secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_owner(tmp_path) == Owner(os.getpid(), "", 7861, "secret")
    home.release()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": 1}', '{"pid": 1, "version": "", "more": 2}', "\x00"])
def test_an_unreadable_owner_is_nobody(content: str, tmp_path: Path) -> None:
    (tmp_path / "owner.json").write_text(content, encoding="utf-8")
    assert read_owner(tmp_path) is None


def test_a_file_in_the_way_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(HomeError, match="can't be used"):
        Home(tmp_path / "home")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission_is_told_in_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HomeError, match="can't be"):
            Home(tmp_path / "home")
    finally:
        tmp_path.chmod(0o700)


def test_the_environment_names_home_and_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_home() == tmp_path / "home"
    monkeypatch.setenv("STUDYHALL_HOME", "~/courses")
    monkeypatch.setenv("STUDYHALL_CACHE", "~/cache")
    assert (default_home(), cache_folder()) == (Path.home() / "courses", Path.home() / "cache")
    monkeypatch.delenv("STUDYHALL_HOME")
    monkeypatch.delenv("STUDYHALL_CACHE")
    assert default_home() != cache_folder()
    assert {default_home().name, cache_folder().name} <= {"studyhall", "Cache"}


def test_what_owner_json_holds_is_json_that_others_read(tmp_path: Path) -> None:
    home = Home(tmp_path, version="1.2")
    told = json.loads((tmp_path / "owner.json").read_text(encoding="utf-8"))
    assert told == {"pid": os.getpid(), "version": "1.2", "port": None, "token": None}
    home.release()


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")
def test_others_may_not_look_into_a_new_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.release()
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    (tmp_path / "mine").mkdir(mode=0o755)
    shared = Home(tmp_path / "mine")  # the person's own decision
    shared.release()
    assert stat.S_IMODE(shared.folder.stat().st_mode) == 0o755

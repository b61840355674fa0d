"""README and CHANGELOG tell the truth: every command and option they name exists, and none is forgotten."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.ui.test_cli import commands
from ui.cli import app, main
from ui.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command() -> None:
    block = README[README.index("studyhall demo  ") :].partition("```")[0]
    named = set()
    for line in block.splitlines():
        if match := re.match(r"studyhall (\w+)(?: ([a-z|]+)(?!\w))?", line):
            group, inner = match[1], (match[2] or "").split("|")
            named |= {f"{group} {name}" if "|" in (match[2] or "") else group for name in inner}
    assert named == {" ".join(command) for command in commands(app)}


def test_every_option_in_the_readme_exists(capsys: pytest.CaptureFixture[str]) -> None:
    known = commands(app)
    for command, inner, options in re.findall(r"^studyhall (\w+) (\S+)([^\n]*--[^\n]*)$", README, flags=re.MULTILINE):
        words = [command, inner] if (command, inner) in known else [command]
        main([*words, "--help"])
        shown = capsys.readouterr().out
        for option in re.findall(r"--[a-z-]+[a-z]", inner + options):
            assert option in shown, f"{words} {option}"


@pytest.mark.slow
def test_the_python_example_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lectures").mkdir()
    (tmp_path / "lectures" / "1.md").write_text("An inverted index maps each term to the documents that hold it.")
    example = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert example
    seen: list[tuple[object, ...]] = []
    exec(example[1], {"print": lambda *parts: seen.append(parts)})
    assert seen[0][2] == "An inverted index maps each term to the documents that hold it."


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["version"] == VERSION
    assert f"## {VERSION}" in changelog


def test_files_that_the_readme_shows_are_there() -> None:
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / path).is_file(), path

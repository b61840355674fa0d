"""What a large run will take: from the sizes of its files, and from what was measured before."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

import ingest.estimate
import ui.render.words
from ingest.estimate import Rate, Rates
from ingest.report import Estimate, IngestReport
from tests.ingest.test_pipeline import TRIES
from ui.cli import main
from ui.hall import Studyhall
from ui.render.words import describe_estimate

PDF, TEXT = "application/pdf", "text/plain"


def test_each_format_takes_what_it_took_before_and_a_new_one_what_is_usual() -> None:
    rates = Rates()
    rates.add(PDF, 1000, 10, 5)
    rates.add(TEXT, 1000, 2, 95)
    assert rates.expected([(PDF, 3000)]) == (30, 15)
    assert rates.expected([(TEXT, 500), (PDF, 1000)]) == (11, 52.5)
    assert rates.expected([("text/x-new", 7000)]) == (pytest.approx(10 * 12 / 100), 10)
    assert Rates().expected([(PDF, 12_000), (TEXT, 700)]) == (0, 3)


def test_what_lies_long_back_counts_less() -> None:
    rate = Rate(size=1e9, seconds=1e6, chunks=1e6)
    for _ in range(20):
        rate.add(1000, 1000, 1)
    assert rate.size / rate.seconds < 5


def test_it_is_said_in_round_numbers_and_what_does_not_fit_is_said() -> None:
    assert doctest.testmod(ui.render.words).failed == 0
    assert "no time known yet" in describe_estimate(Estimate(60, 10**6, 10**7, 10**9, None))
    assert "it will not fit" in describe_estimate(Estimate(60, 10**9, 10**10, 10**9, 60.0))


def course(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.md").write_text(f"{TRIES}\nThis is file {number}.\n", encoding="utf-8")
    return folder


def estimates(hall: Studyhall, folder: Path) -> list[Estimate]:
    events = list(hall.ingest_events([folder]))
    report = events[-1]
    assert isinstance(report, IngestReport)
    told = [event for event in events if isinstance(event, Estimate)]
    assert told == [report.estimate] * len(told)
    return told


@pytest.mark.slow
def test_a_large_run_is_announced_and_its_speed_kept_for_the_next(
    hall: Studyhall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.estimate, "MANY_FILES", 4)
    monkeypatch.setattr(ingest.estimate, "LEAST_MEASURED", 0.001)
    assert estimates(hall, course(tmp_path / "small", 3)) == []
    (first,) = estimates(hall, course(tmp_path / "large", 4))
    assert first.files == 4
    assert first.size == sum(path.stat().st_size for path in (tmp_path / "large").iterdir())
    assert first.disk > first.size
    assert first.seconds is not None
    assert 0 < first.seconds < 60
    assert estimates(hall, tmp_path / "large") == [], "nothing of it is new"


@pytest.mark.slow
def test_the_first_large_run_does_not_guess_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ingest.estimate, "MANY_FILES", 2)
    folder = course(tmp_path / "course", 2)
    assert main(["ingest", str(folder), "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)["estimate"]
    assert (expected["files"], expected["seconds"]) == (2, None)
    assert main(["ingest", str(folder), "--force"]) == 0
    assert "2 files, " in capsys.readouterr().out

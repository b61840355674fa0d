"""The manner in which a language model writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.forms import FORMS, PromptForm
from rag.answer.presets import PRESETS_FILE, Presets
from rag.answer.prompt import evidence_messages
from rag.errors import SettingsError
from tests.fakes import a_passage


@pytest.mark.parametrize("name", ["tutor", "examiner", "simple"])
def test_our_presets_speak_the_language_of_the_answer(name: str, tmp_path: Path) -> None:
    presets = Presets(tmp_path)
    assert presets.text(name, "en") != presets.text(name, "de")
    assert presets.text("", "en") == ""


def test_a_persons_own_preset_stands_before_ours(tmp_path: Path) -> None:
    (tmp_path / PRESETS_FILE).write_text('pirate = "Speak like a pirate."\ntutor = "Ask me back."\n', encoding="utf-8")
    presets = Presets(tmp_path)
    assert presets.text("pirate", "de") == "Speak like a pirate."
    assert presets.text("tutor", "en") == "Ask me back."


def test_an_unknown_preset_names_those_there_are(tmp_path: Path) -> None:
    (tmp_path / PRESETS_FILE).write_text('pirate = "Speak like a pirate."\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"no preset 'verse'.* tutor, examiner, simple, pirate"):
        Presets(tmp_path).text("verse", "en")


@pytest.mark.parametrize("damaged", ["pirate = ", "pirate = 3"])
def test_a_file_that_cannot_be_read_is_told_with_what_a_line_is(damaged: str, tmp_path: Path) -> None:
    (tmp_path / PRESETS_FILE).write_text(damaged, encoding="utf-8")
    with pytest.raises(SettingsError, match="Each line is"):
        Presets(tmp_path).text("pirate", "en")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_manner_is_told_in_every_form(form: PromptForm) -> None:
    messages = evidence_messages("Why?", [a_passage("Because.")], language="en", form=form, manner="Be brief.")
    assert messages[0].type == "system"
    assert str(messages[0].content).endswith("Be brief.")

"""The form that a model was found to answer best from."""

from __future__ import annotations

from pathlib import Path

from rag.models.kept_forms import KeptForms, fingerprint


def test_a_form_is_kept_for_a_file_under_any_name(tmp_path: Path) -> None:
    model = tmp_path / "a.gguf"
    model.write_bytes(b"one" * 100_000)
    forms = KeptForms(tmp_path / "models")
    assert forms.get(model) == ""
    forms.keep(model, "example")
    moved = model.rename(tmp_path / "b.gguf")
    assert KeptForms(tmp_path / "models").get(moved) == "example"
    forms.keep(moved, "plain")
    assert forms.get(moved) == "plain"


def test_other_files_have_other_fingerprints(tmp_path: Path) -> None:
    files = [tmp_path / str(at) for at in range(4)]
    for path, data in zip(files, (b"", b"a", b"a" * 3_000_000, b"a" * 2_999_999 + b"b"), strict=True):
        path.write_bytes(data)
    assert len({fingerprint(path) for path in files}) == 4


def test_a_damaged_file_of_forms_is_as_none(tmp_path: Path) -> None:
    model = tmp_path / "a.gguf"
    model.write_bytes(b"one")
    for damaged in ("{", "[]", '{"a": 1}'):
        (tmp_path / "forms.json").write_text(damaged)
        assert KeptForms(tmp_path).get(model) == ""
    KeptForms(tmp_path).keep(model, "plain")
    assert KeptForms(tmp_path).get(model) == "plain"

"""What a model file says of itself, and the reasons for which a file is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from rag.errors import NotAModel
from rag.models.gguf import _BLOCKS, read_header
from tests.tiny_gguf import CHATML, CONTROL_TOKENS, write_tiny_gguf

MODELS = Path(__file__).parents[3] / "../shared/data/fixtures/models"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf", context=1024)


def _fixture(name: str) -> Path:
    path = MODELS / name
    if not path.is_file():
        pytest.skip(f"{name} isn't there: these files aren't part of the repository")
    return path


def test_header_tells_what_the_file_holds(tiny: Path) -> None:
    header = read_header(tiny)
    assert (header.architecture, header.name, header.context_length) == ("llama", "tiny", 1024)
    assert (header.tokenizer_model, header.bos, header.eos) == ("gpt2", "<|endoftext|>", "<|im_end|>")
    assert header.chat_template == CHATML
    assert header.special_tokens == set(CONTROL_TOKENS)
    assert header.size_bytes == tiny.stat().st_size
    assert header.metadata["llama.block_count"] == 2


def test_header_counts_what_the_reference_reader_counts(tiny: Path) -> None:
    assert read_header(tiny).tensor_count == len(gguf.GGUFReader(tiny).tensors)


def test_block_sizes_are_those_of_the_reference() -> None:
    assert {int(kind): size for kind, size in gguf.constants.GGML_QUANT_SIZES.items()} == _BLOCKS


def test_a_file_without_a_name_is_called_after_itself(tmp_path: Path) -> None:
    assert read_header(write_tiny_gguf(tmp_path / "my model.gguf", name="")).name == "my model"


def test_short_arrays_are_kept_and_vocabularies_are_not(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "llama")
    writer.add_array("llama.attention.head_count_kv", [1, 2, 3])
    writer.add_array("general.tags", ["text", "chat"])
    writer.add_token_list(["a"] * 3)
    _finish(writer)
    metadata = read_header(tmp_path / "a.gguf").metadata
    assert metadata["llama.attention.head_count_kv"] == (1, 2, 3)
    assert metadata["general.tags"] == ("text", "chat")
    assert "tokenizer.ggml.tokens" not in metadata


def test_of_a_large_vocabulary_nothing_is_kept_and_hardly_anything_read(tmp_path: Path) -> None:
    """As objects of Python its words would take seconds: they are skipped."""
    writer = gguf.GGUFWriter(tmp_path / "large.gguf", "llama")
    writer.add_token_list([f"word {i}" for i in range(150_000)])
    writer.add_token_merges([f"a{i} b{i}" for i in range(150_000)])
    _finish(writer)
    header = read_header(tmp_path / "large.gguf")
    assert "tokenizer.ggml.tokens" not in header.metadata
    assert "tokenizer.ggml.merges" not in header.metadata


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"<!DOCTYPE html><html><body>Not found" + b" " * 50, "web page", id="web page"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS", id="LFS pointer"),
        pytest.param(struct.pack("<Q", 60) + b'{"weight":{"dtype":"F32","shape":[1]}}', "safetensors", id="st"),
        pytest.param(b"PK\x03\x04" + bytes(40), "PyTorch", id="zip"),
        pytest.param(b"tjgg" + bytes(40), "before GGUF", id="GGML"),
        pytest.param(b"%PDF-1.7 and so on and so on", "isn't a GGUF", id="another format"),
        pytest.param(b"GGUF", "only 4 bytes", id="four bytes"),
        pytest.param(b"", "only 0 bytes", id="empty"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1", id="too old"),
        pytest.param(b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian", id="big-endian"),
    ],
)
def test_what_is_no_gguf_is_named_with_a_remedy(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(NotAModel, match=said) as caught:
        read_header(path)
    assert "model.gguf" in caught.value.what
    assert caught.value.remedy


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotAModel, match="No such file"):
        read_header(tmp_path / "missing.gguf")


def test_a_folder_is_said_to_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotAModel, match="is a folder"):
        read_header(tmp_path)


def test_a_file_cut_off_anywhere_is_refused(tiny: Path, tmp_path: Path) -> None:
    whole, cut = tiny.read_bytes(), tmp_path / "cut.gguf"
    for length in (*range(0, 3000, 37), len(whole) // 2, len(whole) - 32, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(NotAModel):
            read_header(cut)


def test_a_cut_off_file_is_told_by_its_name_and_the_tensor(tiny: Path, tmp_path: Path) -> None:
    cut = tmp_path / "half.gguf"
    cut.write_bytes(tiny.read_bytes()[: tiny.stat().st_size // 2])
    with pytest.raises(NotAModel, match=r"half\.gguf is cut off .*tensor output.*Download it again"):
        read_header(cut)


@pytest.mark.timeout(60)  # who counts to 2**40 takes days
@pytest.mark.parametrize("count", [2**63, 2**40, 2**24 + 1])
@pytest.mark.parametrize("position", [8, 16])
def test_absurd_counts_in_a_damaged_header_end_at_once(tiny: Path, position: int, count: int) -> None:
    data = bytearray(tiny.read_bytes())
    struct.pack_into("<Q", data, position, count)
    tiny.write_bytes(data)
    with pytest.raises(NotAModel):
        read_header(tiny)


def test_a_damaged_header_never_ends_in_another_error(tiny: Path) -> None:
    whole, random = tiny.read_bytes(), np.random.default_rng(1)
    for _ in range(300):
        data = bytearray(whole)
        for position in random.integers(4, 4000, size=8):
            data[position] = random.integers(256)
        tiny.write_bytes(data)
        try:
            read_header(tiny)
        except NotAModel as exc:
            assert exc.remedy


def test_a_vocabulary_without_weights_cannot_generate(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "vocabulary.gguf", weights=False)
    with pytest.raises(NotAModel, match="vocabulary without weights"):
        read_header(path)


@pytest.mark.parametrize(("kind", "said"), [("adapter", "LoRA adapter"), ("mmproj", "image projector")])
def test_parts_of_models_are_named_as_such(tmp_path: Path, kind: str, said: str) -> None:
    writer = gguf.GGUFWriter(tmp_path / "part.gguf", "llama")
    writer.add_type(kind)
    _finish(writer)
    with pytest.raises(NotAModel, match=said):
        read_header(tmp_path / "part.gguf")


def test_an_embedding_model_is_not_a_chat_model(tmp_path: Path) -> None:
    _finish(gguf.GGUFWriter(tmp_path / "embedder.gguf", "nomic-bert"))
    with pytest.raises(NotAModel, match="nomic-bert"):
        read_header(tmp_path / "embedder.gguf")


def test_a_split_model_is_opened_by_its_first_part_and_needs_all(tmp_path: Path) -> None:
    first, second = (write_tiny_gguf(tmp_path / f"m-0000{i}-of-00002.gguf") for i in (1, 2))
    assert read_header(first).size_bytes == 2 * first.stat().st_size
    with pytest.raises(NotAModel, match=r"part 2.*Choose m-00001-of-00002\.gguf"):
        read_header(second)
    second.unlink()
    with pytest.raises(NotAModel, match="needs m-00002-of-00002"):
        read_header(first)


def test_the_real_model_is_read() -> None:
    header = read_header(_fixture("stories260K.gguf"))
    assert (header.architecture, header.context_length, header.tensor_count) == ("llama", 512, 48)
    assert (header.bos, header.eos, header.chat_template) == ("<s>", "</s>", None)


def test_the_real_vocabulary_is_refused() -> None:
    with pytest.raises(NotAModel, match="vocabulary without weights"):
        read_header(_fixture("ggml-vocab-llama.gguf"))


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.add_tensor("some.weight", np.zeros((4, 4), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

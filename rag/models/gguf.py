"""Reads a GGUF file's header without loading the model, and explains why a file can't be used.

llama.cpp reports `Failed to load model from file` for a web page, an incomplete download and a vocabulary without
weights alike, so the header is read here first. The format is described at
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: a magic word, counts, key-value pairs, one entry
per tensor, padding, tensor data; all little-endian.
"""

from __future__ import annotations

import mmap
import re
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from rag.errors import NotAModel
from rag.models.gguf_values import ARRAY, I32, STRING, U32, U64, Cursor, DamagedError, EndsEarlyError, Value, value

# The reader is our own because `gguf.GGUFReader` takes 5.5 s for the header of a model with a vocabulary of
# 151,936 tokens and as many merges, where this one takes 0.05 s (two cores, Python 3.11, gguf 0.19).

_AGAIN = "Download it again."

_CONTROL, _USER_DEFINED = 3, 4  # token types of markers rather than text

# Tensor type: (elements in a block, bytes of a block), from ggml's `type_traits`. A type that is missing here
# is newer than this table and only its offset is checked. Kept as a table: it is compared with ggml's.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip

# The types that llama.cpp reorders for the vectors of a processor, as its log says of each (0.3.36, x86-64).
_REPACKED = frozenset({2, 10, 12, 20, 39})

# Files saved by mistake: (first bytes, description, remedy)
_MISTAKES = (
    (
        rb"\s*<(!doctype|html|head|\?xml)",
        "a web page",
        "Use the download link of the file, not the page about it.",
    ),
    (
        rb"version https://git-lfs",
        "a Git LFS pointer",
        "Fetch the file itself, for example with `git lfs pull`.",
    ),
    (rb".{8}\{", "a safetensors file", "Choose the GGUF version of this model."),
    (rb"PK\x03\x04", "a zip archive or PyTorch file", "Choose the GGUF version of this model."),
    (rb"(lmgg|fmgg|tjgg|algg)", "a GGML file from before GGUF", "Choose a GGUF version of this model."),
)

# Architectures that embed, rank or process pictures; the key `general.type` names the other parts.
_CANNOT_GENERATE = re.compile(r"clip|mmproj|.*bert.*|t5encoder|.*-embedding|wavtokenizer.*|pangu-embed-only")
_PART_TYPES = {"adapter": "a LoRA adapter", "imatrix": "an importance matrix", "mmproj": "an image projector"}
_PART_NAME = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)


LEAST_CONTEXT = 1024  # tokens, for instructions, a passage or two, and an answer


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """A model file's properties; `metadata` holds every scalar and short array under its own key."""

    path: Path
    architecture: str  # "llama", "qwen3", …
    name: str  # general.name, else the file's name without suffix
    context_length: int  # the model's maximum number of tokens; 0 if the file has none
    chat_template: str | None  # Jinja source
    tensor_count: int
    tokenizer_model: str  # "llama" (SentencePiece), "gpt2" (BPE), …
    bos: str  # text of the token that begins a prompt; empty if there is none
    eos: str  # text of the token that ends an answer
    special_tokens: frozenset[str]  # texts of all control tokens
    vocabulary: int  # tokens
    repacked: int  # bytes of its layers that llama.cpp copies in another order on a processor
    size_bytes: int  # of the file, or of all parts of a split model
    metadata: Mapping[str, Value] = field(repr=False)


def read_header(path: str | Path) -> GgufHeader:
    """Return the header of the GGUF file at `path`.

    Raises NotAModel, with the file's name, the reason and a remedy, for a file that can't generate text: a
    missing file, another format, an incomplete download, a vocabulary without weights, a LoRA adapter.
    """
    path = Path(path)
    size = _size(path)
    with _mapped(path) as data:
        _check_magic(path, data)
        cursor = Cursor(data, size)
        try:
            return _read(path, cursor)
        except EndsEarlyError as exc:
            what = f"{path.name} is cut off or damaged: its {exc} reaches past the end of its {size:,} bytes."
            raise NotAModel(what, remedy=_AGAIN) from exc
        except DamagedError as exc:
            message = f"{path.name} is damaged: {exc}."
            raise NotAModel(message, remedy=_AGAIN) from exc


def check_context(header: GgufHeader) -> None:
    """Raise NotAModel for a model whose context is too small for passages."""
    if 0 < header.context_length < LEAST_CONTEXT:
        message = f"{header.path.name} reads {header.context_length} tokens at once; passages and answer need more."
        raise NotAModel(message, remedy=f"Choose a model with a context of at least {LEAST_CONTEXT:,} tokens.")


def _size(path: Path) -> int:
    if path.is_dir():
        message = f"{path} is a folder, not a GGUF file."
        raise NotAModel(message, remedy="Name the .gguf file in it.")
    try:
        size = path.stat().st_size
    except OSError as exc:
        message = f"{path} can't be read: {exc.strerror or exc}."
        raise NotAModel(message, remedy="Check the path to the model.") from exc
    if size < 24:
        message = f"{path.name} has only {size} bytes; it isn't a GGUF file."
        raise NotAModel(message, remedy=_AGAIN)
    return size


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
    except OSError as exc:
        message = f"{path} can't be read: {exc.strerror or exc}."
        raise NotAModel(message, remedy="Check the path and its permissions.") from exc


def _check_magic(path: Path, data: mmap.mmap) -> None:
    if data[:4] == b"GGUF":
        version = int(U32.unpack_from(data, 4)[0])
        if version in {2, 3}:
            return
        if version & 0xFFFF == 0:
            kind = "is a big-endian GGUF file"
        else:
            kind = f"is GGUF version {version}, and only 2 and 3 can be read"
        message = f"{path.name} {kind}."
        raise NotAModel(message, remedy="Choose another version of this model.")
    start = data[:64]
    for pattern, kind, remedy in _MISTAKES:
        if re.match(pattern, start, re.IGNORECASE | re.DOTALL):
            message = f"{path.name} is {kind}, not a GGUF file."
            raise NotAModel(message, remedy=remedy)
    message = f"{path.name} isn't a GGUF file, whatever its name: it doesn't begin with the letters GGUF."
    raise NotAModel(message, remedy=_AGAIN)


def _read(path: Path, cursor: Cursor) -> GgufHeader:
    # The magic word and the version.
    cursor.skip(8, "header")
    tensors, pairs = cursor.number(U64, "header"), cursor.number(U64, "header")
    metadata: dict[str, Value] = {}
    tokens: list[int] = []
    types: array[int] = array("i")
    for _ in range(pairs):
        key = cursor.text("header")
        kind = cursor.number(U32, f"value of {key}")
        if key == "tokenizer.ggml.tokens" and kind == ARRAY:
            tokens = _token_starts(cursor)
        elif key == "tokenizer.ggml.token_type" and kind == ARRAY:
            types = _token_types(cursor)
        else:
            said = value(cursor, kind, key)
            if said is not None:
                metadata[key] = said
    _check_kind(path, metadata)
    repacked = _check_tensors(cursor, tensors, int(_number(metadata, "general.alignment") or 32))
    _check_weights(path, metadata, tensors)
    # Only the special tokens are read as text: a vocabulary has 150,000 tokens.
    special = (i for i, kind in enumerate(types) if kind in {_CONTROL, _USER_DEFINED} and i < len(tokens))
    architecture = _string(metadata, "general.architecture")
    return GgufHeader(
        path=path,
        architecture=architecture,
        name=_string(metadata, "general.name") or path.stem,
        context_length=_number(metadata, f"{architecture}.context_length"),
        chat_template=_string(metadata, "tokenizer.chat_template") or None,
        tensor_count=tensors,
        tokenizer_model=_string(metadata, "tokenizer.ggml.model"),
        bos=_token(cursor, tokens, metadata, "bos"),
        eos=_token(cursor, tokens, metadata, "eos"),
        special_tokens=frozenset(cursor.text_at(tokens[i]) for i in special),
        vocabulary=len(tokens),
        repacked=repacked,
        size_bytes=sum(part.stat().st_size for part in _parts(path)),
        metadata=MappingProxyType(metadata),
    )


def _token_starts(cursor: Cursor) -> list[int]:
    if cursor.number(U32, "vocabulary") != STRING:
        message = "its vocabulary isn't a list of words"
        raise DamagedError(message)
    return cursor.strings(cursor.number(U64, "vocabulary"), "vocabulary")


def _token_types(cursor: Cursor) -> array[int]:
    if cursor.number(U32, "token types") not in {4, 5}:
        message = "its token types aren't whole numbers"
        raise DamagedError(message)
    count = cursor.number(U64, "token types")
    start = cursor.skip(count * I32.size, "token types")
    return array("i", [kind for (kind,) in I32.iter_unpack(cursor.data[start : cursor.at])])


def _check_kind(path: Path, metadata: Mapping[str, Value]) -> None:
    """Refuse files that llama.cpp loads or crashes on, but that can't generate text."""
    part = _PART_NAME.search(path.name)
    if part and part[1] != "00001":
        message = f"{path.name} is part {int(part[1])} of a model in {int(part[2])} files."
        raise NotAModel(message, remedy=f"Choose {_parts(path)[0].name}.")
    missing = [other.name for other in _parts(path) if not other.is_file()]
    if missing:
        message = f"{path.name} needs {missing[0]} beside it, which is missing."
        raise NotAModel(message, remedy="Download all parts into one folder.")
    kind = _PART_TYPES.get(_string(metadata, "general.type"))
    architecture = _string(metadata, "general.architecture")
    if not architecture:
        message = "it doesn't name its architecture"
        raise DamagedError(message)
    if kind is None and _number(metadata, f"{architecture}.pooling_type"):  # such as Qwen3-Embedding
        kind = "a model that embeds"
    if kind is None and _CANNOT_GENERATE.fullmatch(architecture):
        kind = f"a model of the architecture {architecture}, which can't write text"
    if kind:
        message = f"{path.name} is {kind}, not a chat model."
        raise NotAModel(message, remedy="Choose a chat model in GGUF.")


def _check_weights(path: Path, metadata: Mapping[str, Value], tensors: int) -> None:
    # The first part of a split model may hold only the header.
    if tensors == 0 and _number(metadata, "split.count") < 2:
        message = f"{path.name} is a vocabulary without weights: it can't write answers."
        raise NotAModel(message, remedy="Choose a GGUF file with the whole model.")


def _check_tensors(cursor: Cursor, count: int, alignment: int) -> int:
    """Check that each tensor's data lies within the file; return the bytes of those in `_REPACKED`."""
    ends: list[tuple[int, str]] = []
    repacked = 0
    for _ in range(count):
        name = cursor.text("list of tensors")
        dimensions = cursor.number(U32, "list of tensors")
        if dimensions > 4:
            message = f"the tensor {name[:64]} has {dimensions} dimensions"
            raise DamagedError(message)
        elements = 1
        for _ in range(dimensions):
            elements *= cursor.number(U64, "list of tensors")
        kind = cursor.number(U32, "list of tensors")
        offset = cursor.number(U64, "list of tensors")
        block, width = _BLOCKS.get(kind, (1, 0))
        ends.append((offset + elements // block * width, name))
        if dimensions == 2 and kind in _REPACKED and name.startswith("blk."):
            repacked += elements // block * width
    start = -(-cursor.at // alignment) * alignment
    for end, name in ends:
        if start + end > cursor.size:
            message = f"tensor {name[:64]}"
            raise EndsEarlyError(message)
    return repacked


def _parts(path: Path) -> list[Path]:
    """Return the files of a split model, in order; of any other, the file itself."""
    part = _PART_NAME.search(path.name)
    if not part:
        return [path]
    stem = path.name[: part.start()]
    return [path.with_name(f"{stem}-{i:05d}-of-{part[2]}.gguf") for i in range(1, int(part[2]) + 1)]


def _token(cursor: Cursor, tokens: list[int], metadata: Mapping[str, Value], which: str) -> str:
    # Old SentencePiece files omit the ids; llama.cpp uses these.
    default = {"bos": 1, "eos": 2}[which] if metadata.get("tokenizer.ggml.model") == "llama" else -1
    token = metadata.get(f"tokenizer.ggml.{which}_token_id", default)
    if isinstance(token, int) and 0 <= token < len(tokens):
        return cursor.text_at(tokens[token])
    return ""


def _string(metadata: Mapping[str, Value], key: str) -> str:
    value = metadata.get(key)
    return value if isinstance(value, str) else ""


def _number(metadata: Mapping[str, Value], key: str) -> int:
    value = metadata.get(key)
    return int(value) if isinstance(value, int | float) else 0

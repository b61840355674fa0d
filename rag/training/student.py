"""Makes a student of some of the teacher's layers, and writes it: ``python -m rag.training.student TEACHER DATA OUT``.

OUT is the folder of a run of `rag.training.distil`, finished or not. The student becomes a sentence-transformers folder
in it, with a linear map that makes its vectors neutral to language.

The table of word embeddings stays the teacher's: a word that the student never met keeps its place among the others, so
nothing is lost by pruning the vocabulary at the end, to the pieces of English and German texts.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from rag.models.tokenizer import load_tokenizer
from rag.platform.offline import stay_local
from rag.training.distil_texts import Taught
from rag.training.neutral import neutralise
from rag.training.vocabulary import all_texts, kept_pieces, pieces_of, pruned

LAYERS = (0, 2, 4, 7, 9, 11)  # of twelve: every other, with the first and the last
_TABLE = "embeddings.word_embeddings.weight"
_COPIED = ("modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "1_Pooling/config.json")
_SPECIAL = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>"}


def build(teacher: Path, layers: Iterable[int] = LAYERS) -> Any:
    """Return a torch module with the given layers of the teacher; all but the word embeddings can be trained."""
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    kept = list(layers)
    config = _config(teacher, layers=len(kept)) | {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}
    network = BertModel(BertConfig(**config, attn_implementation="sdpa"), add_pooling_layer=False)
    weights = load_file(teacher / "model.safetensors")
    chosen = {name: weight for name, weight in weights.items() if name.startswith("embeddings.")}
    for new, old in enumerate(kept):
        before, after = f"encoder.layer.{old}.", f"encoder.layer.{new}."
        chosen |= {name.replace(before, after, 1): weights[name] for name in weights if name.startswith(before)}
    network.load_state_dict(chosen, strict=False)
    network.embeddings.word_embeddings.weight.requires_grad_(False)
    return network


def write(weights: Mapping[str, Any], teacher: Path, kept: Sequence[int], folder: Path) -> None:
    """Write a sentence-transformers folder of trained weights and of the teacher's rows for the kept pieces."""
    from safetensors.torch import load_file, save_file

    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    table = load_file(teacher / "model.safetensors")[_TABLE][list(kept)]
    all_weights = {_TABLE: table, **weights}
    save_file({name: weight.contiguous() for name, weight in all_weights.items()}, folder / "model.safetensors")
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    config = _config(teacher, layers=layers) | {"vocab_size": len(kept), "model_type": "bert"}
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["BertModel"]}, indent=1))
    for name in _COPIED:
        shutil.copyfile(teacher / name, folder / name)
    tokenizer = pruned(load_tokenizer(teacher / "tokenizer.json"), list(kept))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    special = {
        f"{use}_token": token for use, token in _SPECIAL.items() if token in json.dumps(tokenizer["added_tokens"])
    }
    # Without this file transformers takes the tokenizer of a BERT for a WordPiece one.
    told = special | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": _longest(teacher)}
    (folder / "tokenizer_config.json").write_text(json.dumps(told, indent=1))


def _longest(teacher: Path) -> int:
    return int(json.loads((teacher / "sentence_bert_config.json").read_text(encoding="utf-8"))["max_seq_length"])


def _config(teacher: Path, *, layers: int) -> dict[str, Any]:
    read = json.loads((teacher / "config.json").read_text(encoding="utf-8"))
    config = {key: value for key, value in read.items() if key not in ("architectures", "model_type")}
    return config | {"num_hidden_layers": layers}


def main() -> None:
    """Run from the command line."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    stay_local()
    weights = torch.load(asked.out / "checkpoint.pt", weights_only=True)["weights"]
    tokenizer = load_tokenizer(asked.teacher / "tokenizer.json")
    known = asked.out / "pieces.json"
    taught = json.loads((asked.out / "texts.json").read_text(encoding="utf-8"))
    if not known.is_file():
        found = pieces_of(tokenizer, chain(all_texts(asked.data), (one["text"] for one in taught)))
        known.write_text(json.dumps(sorted(found)))
    kept = kept_pieces(tokenizer, json.loads(known.read_text()))
    write(weights, asked.teacher, kept, asked.out / "student")
    neutralise(asked.out / "student", [Taught(**one) for one in taught])


if __name__ == "__main__":
    main()

"""A teacher to distil: a BERT of four layers with a Unigram tokenizer, tiny and untrained, made on the spot."""

from __future__ import annotations

import json
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß:.?"
WORDS = ("▁query:", "▁passage:", "▁trie", "▁baum", "▁the", "▁der", "▁tree", "▁wurzel", "s", "▁zug")
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", *WORDS, *(letter for letter in LETTERS if letter != "s"))
WIDTH = 16


def write_teacher(folder: Path) -> Path:
    """Write the teacher as a sentence-transformers folder and return it."""
    import torch
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    torch.manual_seed(1)
    size = {"hidden_size": WIDTH, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 32}
    config = size | {"vocab_size": len(PIECES), "max_position_embeddings": 64, "initializer_range": 0.3}
    config["layer_norm_eps"] = 1e-12
    (folder / "1_Pooling").mkdir(parents=True)
    save_file(BertModel(BertConfig(**config), add_pooling_layer=False).state_dict(), folder / "model.safetensors")
    kinds = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    modules = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for at, (kind, path) in enumerate(kinds.items())
    ]
    written = {
        "config.json": {"model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu", **config},
        "modules.json": modules,
        "1_Pooling/config.json": {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 64, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
    }
    for name, content in written.items():
        (folder / name).write_text(json.dumps(content))
    scores = [(piece, -1.0 * len(WORDS) if piece not in WORDS else -1.0) for piece in PIECES]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder

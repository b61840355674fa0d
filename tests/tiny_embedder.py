"""A real sentence-transformers model, tiny and untrained, made on the spot."""

from __future__ import annotations

from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS), ".", ","]


def write_model(
    folder: Path, *, pooling: str = "mean", window: int = 48, prompts: dict[str, str] | None = None
) -> Path:
    """Write a two-layer BERT that spells words letter by letter; return its folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(1)
    numbers = {token: number for number, token in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "pad", "cls", "sep", "mask")}
    bert = folder.with_name(f"{folder.name}-bert")
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=max(window, 64),
    )
    BertModel(config).save_pretrained(bert)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(bert)
    parts = [
        modules.Transformer(str(bert), max_seq_length=window),
        modules.Pooling(32, pooling_mode=pooling),  # type: ignore[arg-type]
        modules.Normalize(),
    ]
    SentenceTransformer(modules=parts, prompts=prompts, device="cpu").save(str(folder))
    return folder

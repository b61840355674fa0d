"""How much the meaning counts beside the words, by the languages of question and document."""

from __future__ import annotations

from rag.retrieve.fuse import FusionWeights, fuse


def test_words_lead_where_the_embedder_knows_no_language() -> None:
    weights = FusionWeights(dense=0.4, foreign=0.2, across=0.8)
    shares = [weights.share(*pair) for pair in (("en", "en"), ("de", "de"), ("de", "en"), ("en", "de"))]
    assert shares == [0.4, 0.2, 0.8, 0.8]


def test_a_language_that_can_not_be_told_is_taken_for_the_others() -> None:
    weights = FusionWeights(dense=0.4, foreign=0.2)
    assert [weights.share(*pair) for pair in (("", "de"), ("", "en"), ("de", ""), ("", ""))] == [0.2, 0.4, 0.2, 0.4]


def test_without_dense_search_there_is_no_dense_share() -> None:
    assert FusionWeights(dense=0.0).share("de", "en") == 0.0


def test_an_embedder_of_all_languages_leads_nowhere_less() -> None:
    weights = FusionWeights(dense=0.5, known=frozenset({"*"}))
    assert {weights.share(*pair) for pair in (("de", "de"), ("fr", "fr"), ("en", "en"), ("", ""))} == {0.5}
    assert weights.share("fr", "de") == 0.8


def test_the_best_of_poor_matches_by_words_is_poor() -> None:
    dense, lexical = {"across": 0.6, "same": 0.5}, {"same": 1.0}
    shares = {"across": 0.8, "same": 0.5}
    best = fuse(dense, lexical, weight=shares)
    poor = fuse(dense, lexical, weight=shares, least=4.0)
    assert best["same"] > best["across"] == poor["across"] > poor["same"]
    assert fuse(dense, {"same": 5.0}, weight=shares, least=4.0) == best


def test_without_a_match_by_words_there_is_nothing_to_scale() -> None:
    assert fuse({"a": 0.4}, {}, weight=0.5, least=4.0) == {"a": 0.5}

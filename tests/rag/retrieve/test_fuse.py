"""How much the meaning counts beside the words, by the languages of question and document."""

from __future__ import annotations

from rag.retrieve.fuse import FusionWeights


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

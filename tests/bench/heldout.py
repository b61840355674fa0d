"""The SQuAD articles that benchmarks ask about: those that training holds out.

A model that has seen one question about a paragraph knows the paragraph, and SQuAD 1.1, SQuAD 2.0 and both XQuAD files
share their paragraphs: so training leaves out every question of every file about these articles, and benchmarks ask
about nothing else.
"""

from __future__ import annotations

from rag.training.heldout import HELD_OUT

__all__ = ["HELD_OUT"]

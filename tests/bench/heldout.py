"""The SQuAD articles that nobody trains on: held out by article, the same for SQuAD 1.1, SQuAD 2.0 and both XQuAD.

A model that has seen one question about a paragraph knows the paragraph, and the four files share their paragraphs:
so training leaves out every question of every file about these articles, and benchmarks ask about nothing else.
"""

from __future__ import annotations

HELD_OUT = (
    "Amazon_rainforest",
    "Oxygen",
    "Normans",
    "Computational_complexity_theory",
    "Harvard_University",
    "Kenya",
)

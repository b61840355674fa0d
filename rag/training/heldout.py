"""The articles that no training sees, in any of the sets that are made of them.

SQuAD 1.1, SQuAD 2.0 and XQuAD in both languages share their articles: a question held out of one would be
learnt from another, so that whole articles are held out of all.
"""

HELD_OUT = frozenset(
    {
        "Amazon_rainforest",
        "Computational_complexity_theory",
        "Harvard_University",
        "Kenya",
        "Normans",
        "Oxygen",
    }
)

"""The articles held out of training, in all sets that are made of them.

SQuAD 1.1, SQuAD 2.0 and XQuAD in both languages share their articles. A question held out of one set would be
learnt from another, so whole articles are held out of all sets.
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

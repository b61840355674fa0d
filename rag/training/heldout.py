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

# The articles whose questions the embedder is measured with; the six above are for choices made on the way.
MEASURED = frozenset(
    {
        "American_Broadcasting_Company",
        "Chloroplast",
        "Ctenophora",
        "French_and_Indian_War",
        "Fresno,_California",
        "Huguenot",
        "Prime_number",
        "Private_school",
        "Rhine",
        "Victoria_(Australia)",
        "Victoria_and_Albert_Museum",
        "Warsaw",
    }
)

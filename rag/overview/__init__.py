"""Overviews of whole documents or sections: the subject of a course, the summary of a chapter, all definitions.

No passage answers these questions. `salience` selects representative sentences, `collect` finds definitions and other
items, `survey` makes the quoted answer from both, and `compose` lets a model write it.
"""

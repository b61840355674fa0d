"""Questions about the whole: what a course is about, a chapter in short, every definition.

Passages can't answer these, for the answer stands everywhere. `request_of` says what is asked, `place` which
documents and sections are meant, `outline` what a document consists of, `gather` what is quoted of it, `survey` makes
the answer of that, and `compose` lets a model write it.
"""

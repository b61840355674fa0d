"""What a file's reader doesn't see isn't read, in any text format; what only looks hidden is."""

from __future__ import annotations

import pytest

from ingest.loaders import load
from tests.ingest.loaders import samples
from tests.ingest.loaders.covering import assert_sound

FENCED = """Shown one.

```html
<!-- shown two -->
[//]: # (shown three)
# shown {.four}
```

<!-- HIDDEN -->

More.
"""
REST = """One
===

.. HIDDEN
   HIDDEN

   HIDDEN

Shown one::

   .. shown two

..
   HIDDEN

.. note::
   Shown three.

   .. HIDDEN

.. [1] Shown four.

..

   Shown five.

.. meta::
   :x: HIDDEN
"""
ASCIIDOC = """= Shown
// HIDDEN
Shown one.

////
HIDDEN

HIDDEN
////

----
// shown two
----
http://shown.three
"""
ORG = """* Shown
# HIDDEN
Shown one #2.
#+BEGIN_COMMENT
HIDDEN
#+END_COMMENT
#+begin_src sh
# shown two
#+end_src
"""
TEX = r"""\documentclass{article}
\begin{document}
Shown one. % HIDDEN
\iffalse HIDDEN \fi
\begin{comment} HIDDEN \end{comment}
\begin{verbatim}
% shown two
\end{verbatim}
\end{document}
"""
HTML = """<html><body><p>Shown one.</p><!-- HIDDEN --><p hidden>HIDDEN</p><script>HIDDEN</script>
<p style="display:none">HIDDEN</p><pre>&lt;!-- shown two --&gt;</pre></body></html>
"""
RTF = r"{\rtf1\ansi Shown one.{\v HIDDEN}{\deleted HIDDEN}{\*\annotation HIDDEN}}"
MAIL = """From: a@b.org
To: b@b.org
Subject: Shown one
Content-Type: text/html

<p>Shown two.</p><!-- HIDDEN -->
"""
NOTEBOOK = samples.notebook(samples.text_cell("Shown one.<!-- HIDDEN -->\n"), samples.code_cell("# shown two"))

# Of each format what is written, and the words that are shown; the word HIDDEN isn't.
TABLE = [
    ("a.md", FENCED, ("shown two", "shown three", "{.four}", "More.")),
    ("a.md", "Shown one.<!-- HIDDEN\n\nHIDDEN -->\n", ("Shown one.",)),
    ("a.md", 'Shown one.\n\n[//]: # (HIDDEN)\n[//]: # "HIDDEN"\n', ("Shown one.",)),
    ("a.md", "# Shown {#HIDDEN .HIDDEN}\n\n[one](b.html){target=HIDDEN}\n", ("Shown", "one")),
    ("a.md", "- Shown\n  <!-- HIDDEN -->\n- one `<!-- two -->`\n", ("Shown", "<!-- two -->")),
    ("a.qmd", "[Shown]{.HIDDEN} one\n{.HIDDEN}\n", ("Shown one",)),
    ("a.rst", REST, ("One", "Shown one", ".. shown two", "Shown three.", "Shown four.", "Shown five.")),
    ("a.adoc", ASCIIDOC, ("Shown one.", "// shown two", "http://shown.three")),
    ("a.org", ORG, ("Shown one #2.", "# shown two")),
    ("a.txt", "// shown one\n# shown two\n<!-- shown three -->\n", ("one", "two", "three")),
    ("a.py", "# shown one\nx = 1  # shown two\n", ("one", "two")),
    ("a.csv", "a,b\n# shown,<!-- one -->\n", ("# shown", "<!-- one -->")),
    ("a.tex", TEX, ("Shown one.", "% shown two")),
    ("a.html", HTML, ("Shown one.", "<!-- shown two -->")),
    ("a.rtf", RTF, ("Shown one.",)),
    ("a.eml", MAIL, ("Shown one", "Shown two.")),
    ("a.ipynb", NOTEBOOK, ("Shown one.", "# shown two")),
    ("a.epub", samples.epub({"a.xhtml": "<p>Shown one.</p><!-- HIDDEN -->"}), ("Shown one.",)),
]


@pytest.mark.parametrize(("name", "written", "shown"), TABLE)
def test_what_is_hidden_is_not_read_and_what_is_shown_is(
    name: str, written: str | bytes, shown: tuple[str, ...]
) -> None:
    document = load(written.encode() if isinstance(written, str) else written, name=name)
    assert_sound(document)
    assert "HIDDEN" not in document.text
    assert [words for words in shown if words not in document.text] == []

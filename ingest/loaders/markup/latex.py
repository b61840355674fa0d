r"""LaTeX: the text between \begin{document} and \end{document}, in blocks.

Accent commands (\"a) become letters, so that words are found; `latex_plain` handles comments, commands and
environments. Formulas and tables stay as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePath

from ingest.language import detect_language
from ingest.loaders.markup.headings import latex_heading
from ingest.loaders.markup.latex_plain import ALGORITHMS, BODY, CODE, FORMULAS, TABLES, plain, uncommented
from ingest.loaders.markup.markdown import trimmed
from ingest.loaders.plain.text import decoded
from rag.errors import NoText
from rag.types import Block, BlockKind, Document

_LEVELS = {
    "part": 1,
    "chapter": 2,
    "section": 3,
    "subsection": 4,
    "subsubsection": 5,
    "paragraph": 6,
    "subparagraph": 6,
    "frametitle": 6,
}
_KINDS = {
    name: kind
    for kind, names in (
        (BlockKind.FORMULA, FORMULAS),
        (BlockKind.CODE, (*CODE, *ALGORITHMS)),
        (BlockKind.TABLE, TABLES),
        (BlockKind.LIST, ("itemize", "enumerate", "description")),
    )
    for name in names
}
_STEP = re.compile(
    rf"(?P<heading>\\(?P<level>{'|'.join(_LEVELS)})\*?(?:\[[^\]]*\])?\s?{BODY})"
    rf"|(?P<frame>\\begin\{{frame\}}(?:<[^>]*>)?(?:\[[^\]]*\])*{BODY})"
    rf"|\\begin\{{(?P<name>{'|'.join(_KINDS)})(?P<star>\*?)\}}"
    r"|(?P<display>(?<!\\)\\\[|\$\$)"
)
_POINTS = re.compile(r"[ \t]*(?:-|1\.) ")
_EDGE = re.compile(rf"\\(begin|end)\{{((?:{'|'.join(_KINDS)})\*?)\}}")
_PARAGRAPH = re.compile(r"\S.*(?:\n[^\S\n]*\S.*)*")
_MARKS = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "c": "\u0327", "v": "\u030c"}
_ACCENT = re.compile(r"\\([`'^~\"])[ ]?(?:\{\\?([a-zA-Z])\}|([a-zA-Z]|\\[ij]\b))|\\([cv])\{([a-zA-Z])\}")


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a LaTeX file; included files are ingested separately."""
    whole = uncommented(accented(decoded(data, name)))
    begin = re.search(r"\\begin\{document\}", whole)
    end = next(reversed(list(re.finditer(r"\\end\{document\}", whole))), None)  # not one within an example
    preamble = whole[: begin.start()] if begin else ""
    text = whole[begin.end() if begin else 0 : end.start() if end else len(whole)]
    text = _headed(plain(text, preamble=preamble), preamble + text)
    if not text.strip():
        msg = f"{name} has no text, only a preamble."
        raise NoText(msg, remedy=r"Check that something stands behind \begin{document}.")
    blocks = tuple(blocks_of(text))
    heading = next((text[block.start : block.end] for block in blocks if block.kind is BlockKind.HEADING), "")
    title = _title(whole) or (latex_heading(heading) if heading else "") or PurePath(name).stem
    return Document(text, title, detect_language(re.sub(r"\\\w+", "", text)), blocks)


def _headed(text: str, whole: str) -> str:
    """Put author and date before the text, as on a title page."""
    if r"\maketitle" not in whole:
        return text
    given = re.findall(rf"\\(?:author|date)\s*({BODY})", whole)
    lines = [latex_heading(braces) for braces in given if r"\today" not in braces]
    return "\n\n".join((*filter(None, lines), text))


def accented(text: str) -> str:
    r"""Write accent commands as letters.

    >>> accented(r'\"Ubung, Stra\ss e, \'{e}t\'e, Fran\c{c}ois')
    'Übung, Straße, été, François'
    """

    def letter(match: re.Match[str]) -> str:
        mark, braced, bare, other, under = match.groups()
        base = (under or braced or bare).removeprefix("\\")
        composed = unicodedata.normalize("NFC", base + _MARKS[mark or other])
        return composed if len(composed) == 1 else match[0]

    text = re.sub(r"\{(\\[`'^~\"][a-zA-Z])\}", r"\1", text)
    return re.sub(r"\{\\ss\}|\\ss(?:\{\}|[ ]|\b(?=[^a-zA-Z]))", "ß", _ACCENT.sub(letter, text))


def blocks_of(text: str) -> list[Block]:
    """Return the blocks: headings, environments of formulas, code, tables or lists, otherwise paragraphs."""
    blocks: list[Block] = []
    at = 0
    for start, end, kind, level in _spans(text):
        blocks += _paragraphs(text, at, start)
        blocks += trimmed(text, start, end, kind, level)
        at = end
    return blocks + _paragraphs(text, at, len(text))


def _spans(text: str) -> Iterator[tuple[int, int, BlockKind, int]]:
    """Yield (start, end, kind, level) of all blocks but paragraphs; nested ones are skipped."""
    ends = _ends(text)
    at = 0
    while match := _STEP.search(text, at):
        at = match.end()
        if match["heading"] or match["frame"]:
            yield match.start(), at, BlockKind.HEADING, _LEVELS[match["level"] or "frametitle"]
        elif match["name"] and match.start() in ends:
            at = ends[match.start()]
            yield match.start(), at, _KINDS[match["name"]], 0
        elif match["display"] and (end := text.find("$$" if match["display"] == "$$" else r"\]", at)) > 0:
            at = end + 2
            yield match.start(), at, BlockKind.FORMULA, 0


def _ends(text: str) -> dict[int, int]:
    """Return the end of each environment by its start, in one pass, even if many never end."""
    found: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    for step in _EDGE.finditer(text):
        if step[1] == "begin":
            opened.setdefault(step[2], []).append(step.start())
        elif opened.get(step[2]):
            found[opened[step[2]].pop()] = step.end()
    return found


def _paragraphs(text: str, start: int, end: int) -> list[Block]:
    """Split a span of text at its empty lines."""
    found = []
    for match in _PARAGRAPH.finditer(text, start, end):
        kind = BlockKind.LIST if _POINTS.match(match[0]) else BlockKind.PARAGRAPH
        found += trimmed(text, *match.span(), kind, 0)
    return found


def _title(whole: str) -> str:
    """Return the file's declared title."""
    given = re.search(rf"^[^%\n]*\\title(?:\[[^\]]*\])?\s*{BODY}", whole, re.MULTILINE)
    return " ".join(latex_heading(given[0][given[0].index("\\title") :]).split()) if given else ""

"""Rich Text: striprtf removes the commands, each paragraph is a block, rows of cells are tables."""

from __future__ import annotations

import re
from pathlib import PurePath

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder
from ingest.loaders.office.rtf_letters import with_letters
from ingest.loaders.office.rtf_tables import lines_of, marked, rows_of, with_ends
from ingest.loaders.scripts import lowered, raised
from rag import lexicon
from rag.errors import Damaged, NoText
from rag.types import BlockKind, Document

_TITLE = re.compile(r"\{\\title\s((?:[^{}\\]|\\.)*)\}", re.DOTALL)
# A paragraph's outline level precedes its words; a private-use character carries the level through.
_OUTLINE = re.compile(r"\\outlinelevel([0-8])(?![0-9])[ ]?")
_MARK = 0xE100
_MARKED = re.compile(f"[{chr(_MARK)}-{chr(_MARK + 8)}]")
_NOTE = re.compile(r"\{(?:\\\*)?\\footnote(?![a-z])[ ]?")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_LONGEST_NOTE = 20_000  # characters, with commands
_COMMANDS = r"(?:\\[a-z]++-?\d*+[ ]?+)*?"
# A group without inner groups, in which nothing is made visible again.
_UNSEEN = re.compile(
    rf"\{{{_COMMANDS}\\(?:deleted|v)(?![a-z0-9])(?:\\(?!v0)[a-z]++-?\d*+[ ]?|\\'[0-9a-f]{{2}}|[^{{}}\\])*+\}}"
)
_SCRIPT = re.compile(rf"\{{({_COMMANDS})\\(super|sub)(?![a-z0-9])[ ]?({_COMMANDS})([^{{}}\\]{{1,12}})\}}")
_SIDES = {"super": raised, "sub": lowered}
_FIELD = re.compile(r"\\fldinst\{", re.IGNORECASE)
_HEADING = "|".join(
    re.escape(written)
    for style in lexicon.detected("heading_style")
    # Non-ASCII letters are written by their number in the file's code page.
    for written in (style, "".join(c if c.isascii() else rf"\'{c.encode('cp1252').hex()}" for c in style.capitalize()))
)
_STYLE = re.compile(rf"\{{\\s(\d+)[^{{}}]*?(?:{_HEADING}) ?([1-9])[^{{}}]*;\}}", re.IGNORECASE)


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a Rich Text file; it has no pages, which only printing makes."""
    source = data.decode("latin-1")  # letters beyond ASCII are commands, in the file's own encoding
    builder = TextBuilder()
    for line in _plain(with_ends(_with_levels(_with_notes(_written(source)))), name).split("\n"):
        _add_line(builder, line)
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="If its pages are pictures, save it as PDF and recognise the text.")
    given = _TITLE.search(source)
    head = source[: source.find("{", 1)] if given else ""  # its encoding
    title = " ".join(_plain(f"{head} {given[1]}}}", name).split()) if given else ""
    title = title or builder.first_heading or PurePath(name).stem
    return Document(builder.text, title, detect_language(builder.text), tuple(builder.blocks))


def _written(source: str) -> str:
    """Write superscripts and subscripts as such, and drop hidden or deleted groups."""
    source = _UNSEEN.sub("", source)
    return _SCRIPT.sub(lambda match: f"{{{match[1]}{match[3]}{_as_commands(_SIDES[match[2]](match[4]))}}}", source)


def _as_commands(text: str) -> str:
    r"""Write letters beyond ASCII as Rich Text commands.

    >>> _as_commands("x²")
    'x\\uc1\\u178?'
    """
    return "".join(letter if letter.isascii() else f"\\uc1\\u{ord(letter)}?" for letter in text)


def _with_notes(source: str) -> str:
    """Put footnotes after the text: striprtf leaves them out."""
    parts, notes, at = list[str](), list[str](), 0
    for match in _NOTE.finditer(source):
        if match.start() < at:  # within another note
            continue
        end = _group_end(source, match.start())
        if end is None:  # a broken file: the rest stays as it is
            break
        notes.append(f"\\par\\pard [{len(notes) + 1}] {{{source[match.end() : end - 1]}}}")
        parts += [source[at : match.start()], f"[{len(notes)}]"]
        at = end
    whole = "".join((*parts, source[at:]))
    last = whole.rfind("}")
    return whole[:last] + "".join(notes) + whole[last:] if notes and last > 0 else whole


def _group_end(source: str, start: int) -> int | None:
    """Return the end of the group that begins at `start`; None if it is too long for a note, or never ends."""
    depth = 0
    for match in _BRACE.finditer(source, start, start + _LONGEST_NOTE):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return None


def _plain(source: str, name: str) -> str:
    """Return the text without commands."""
    from striprtf.striprtf import rtf_to_text

    # striprtf 0.0.35 searches link addresses with a pattern that takes hours on a long line. A space, which changes
    # nothing in the file, keeps the pattern from matching. The text of a link is read all the same.
    source = _FIELD.sub(r"\\fldinst {", source)
    source, encoding = with_letters(source)
    try:
        text: str = rtf_to_text(source, encoding=encoding, errors="ignore")
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        msg = f"{name} is damaged: it can't be read as Rich Text ({error})."
        raise Damaged(msg, remedy="Open it in a word processor and save it anew.") from error
    return text.replace("\xad", "").replace("\u2011", "-")


def _with_levels(source: str) -> str:
    """Write a mark before the words of each heading: by its outline level, or by its style's name."""
    styles = {number: int(level) - 1 for number, level in _STYLE.findall(source)}
    start = source.find("\\pard")  # after the tables of fonts and styles
    if start < 0:
        return source
    body = _OUTLINE.sub(lambda match: marked(chr(_MARK + int(match[1]))), source[start:])
    for number, level in styles.items():
        mark = marked(chr(_MARK + level)).replace("\\", r"\\")
        body = re.sub(rf"\\s{number}(?![0-9])[ ]?", mark, body)
    return source[:start] + body


def _add_line(builder: TextBuilder, line: str) -> None:
    """Add a paragraph: a heading if it has a mark, a row if cells end in it."""
    marks = _MARKED.findall(line)
    text = _MARKED.sub("", line).strip(" \t\f\v")
    if "|" in text and text.endswith("|"):
        for row in rows_of(text):
            builder.go_on(row, BlockKind.TABLE)
    elif marks and text:
        builder.add(" ".join(text.split()), BlockKind.HEADING, level=min(ord(marks[-1]) - _MARK + 1, 6))
    elif text.startswith(("•", "·\t", "-\t", "·")):
        builder.go_on("- " + text.lstrip("•·-\t "), BlockKind.LIST)
    else:
        builder.add(re.sub(" {2,}", " ", lines_of(text)))

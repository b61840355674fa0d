"""Text to HTML that can't do harm: everything is escaped, and at the end only listed tags and attributes stay.

Gradio sanitises what it shows once more, and the Content-Security-Policy stops whatever would load from
elsewhere. No link and no picture of a document or a model ever leaves this computer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from ui.render.words import MARKDOWN, without_block, without_links

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Stand-ins for what Markdown must not touch, from Unicode's private area; they are removed from all input.
_HERE, _THERE = "\ue000", "\ue001"  # a sentence without support begins and ends
_MARK, _MATH, _CLOSE = "\ue002", "\ue003", "\ue004"  # a marker or a formula, with its number
_STANDINS = re.compile("[\ue000-\ue00f]")

_TAGS = set(
    "a article aside b blockquote br button code dd details div dl dt em figure footer h1 h2 h3 h4 header hr i img "
    "kbd li mark ol p pre progress s section span strong summary sub sup table tbody td th thead tr ul".split()
)
_ATTRIBUTES = {
    "*": {"class", "id", "title", "role", "lang", "tabindex"},
    "a": {"href"},
    "button": {"type", "value", "disabled"},
    "img": {"src", "alt", "width", "height"},
    "details": {"open"},
    "progress": {"value", "max"},
    "ol": {"start"},
    "th": {"scope"},
    "span": {"style"},
}
_PLACE = {"left", "top", "width", "height"}  # of a box on a page's picture
_PICTURE = "data:image/png;base64,"
_SAVED = re.compile(r"/conversation/[0-9a-f]{16}\.md")

_FORMULA = re.compile(
    r"\\\[(?P<shown>.+?)\\\]|\$\$(?P<shown2>.+?)\$\$|\\\((?P<inline>.+?)\\\)"
    # "$x$", but neither "$5 and $6" nor a price at the end of the line: as pandoc tells them apart
    r"|(?<![\\$\w])\$(?!\s)(?P<inline2>[^$\n]+?)(?<!\s)\$(?![\d$])",
    re.DOTALL,
)
_MARKER = re.compile(r"\[(\d{1,3})\]")
# A chip stays with the word before it and the full stop after it.
_WORD_AND_CHIPS = re.compile(f"([^\\s<>{_MARK}{_CLOSE}]*)[ ]?((?:{_MARK}\\d+{_CLOSE} ?)+)([.,;:!?]*)")
_EMPHASES = (
    (re.compile(r"(?<![\w*])\*\*(?=\S)(.+?)(?<=\S)\*\*(?![\w*])", re.DOTALL), "strong"),  # not 2**3 + 4**5
    (re.compile(r"(?<![\w*])\*([^*\s][^*\n]*?)(?<!\s)\*(?![\w*])"), "em"),
    (re.compile(r"`([^`\n]+)`"), "code"),
)
_BLOCK_START = re.compile(r"(?:\s*(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>)\s+)*")


def safe(html: str) -> str:
    """Return HTML with nothing but harmless tags, on a single line.

    A single line, because Gradio's Markdown takes it for one block of HTML then and leaves it alone.
    """
    import nh3

    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_ours,
        filter_style_properties=_PLACE,
        url_schemes={"data"},
        link_rel=None,
    )
    return clean.replace("\r", "").replace("\n", "&#10;")


def text(value: object) -> str:
    """Return plain text as HTML."""
    return escape(_STANDINS.sub("", str(value)))


def verbatim(value: str) -> str:
    """Return the words of a document as HTML on one line; formulas that are written in TeX are set."""
    plain, formulas = _without_formulas(_STANDINS.sub("", " ".join(value.split())))
    return _with_formulas(escape(plain), formulas)


def quoted(value: str, source: str) -> str:
    """Return words of a document as HTML on one line; the marks of Markdown become HTML."""
    if not source.casefold().endswith(MARKDOWN):
        return verbatim(value)
    return marked_up(" ".join(without_links(without_block(value, source), source).split()))


def marked_up(value: str) -> str:
    r"""Return Markdown as HTML: bold, emphasis, code and formulas, and nothing else of it.

    >>> marked_up("**Trie**: a `tree` of *letters*, 2 * 3 * 4, $f^*(x)^*$")
    '<strong>Trie</strong>: a <code>tree</code> of <em>letters</em>, 2 * 3 * 4, \\(f^*(x)^*\\)'
    """
    plain, formulas = _without_formulas(_STANDINS.sub("", value))
    html = escape(plain)
    for pattern, tag in _EMPHASES:
        html = pattern.sub(rf"<{tag}>\1</{tag}>", html)
    return _with_formulas(html, formulas)


def hidden(value: str) -> str:
    """Return text for screen readers only."""
    return f'<span class="unseen">{text(value)}</span>'


def prose(
    source: str, *, unsupported: Sequence[str] = (), why: str = "", chip: Callable[[int], str] | None = None
) -> str:
    """Return a model's Markdown as HTML: formulas for KaTeX, markers as chips, some sentences underlined.

    `unsupported` are the sentences to underline, each without its markers, in the order they come; `why` is
    their tooltip. `chip` gives the HTML of marker n; without it markers stay text.
    """
    plain, formulas = _without_formulas(_STANDINS.sub("", source))
    plain = _underlined(plain, unsupported)
    if chip is not None:
        plain = _MARKER.sub(lambda match: f"{_MARK}{match[1]}{_CLOSE}", plain)
    html = _markdown().render(plain)
    html = html.replace(_HERE, f'<span class="unsupported" title="{escape(why)}">').replace(_THERE, "</span>")
    if chip is not None:
        html = _WORD_AND_CHIPS.sub(lambda match: _kept(match, chip), html)
    return _with_formulas(html, formulas)


def _with_formulas(html: str, formulas: Sequence[str]) -> str:
    return re.sub(f"{_MATH}(\\d+){_CLOSE}", lambda match: escape(formulas[int(match[1])]), html)


def _without_formulas(source: str) -> tuple[str, list[str]]:
    r"""Return the text with stand-ins for formulas, and the formulas in the delimiters that the page knows.

    >>> _without_formulas("so $x_1$ costs $5")[1]
    ['\\(x_1\\)']
    """
    formulas: list[str] = []

    def take(match: re.Match[str]) -> str:
        shown = match["shown"] or match["shown2"]
        body = " ".join((shown or match["inline"] or match["inline2"]).split())
        formulas.append(f"\\[{body}\\]" if shown else f"\\({body}\\)")
        return f"{_MATH}{len(formulas) - 1}{_CLOSE}"

    return _FORMULA.sub(take, source), formulas


def _underlined(source: str, sentences: Sequence[str]) -> str:
    """Return the text with stand-ins around sentences; one that isn't found stays as it is."""
    at = 0
    for sentence in sentences:
        match = _sentence_pattern(sentence).search(source, at)
        if match and match.group():
            start, end = match.span()
            source = f"{source[:start]}{_HERE}{source[start:end]}{_THERE}{source[end:]}"
            at = end + 2
    return source


def _sentence_pattern(sentence: str) -> re.Pattern[str]:
    """Return a pattern for a sentence whose markers were put before its full stop and whose formulas are stand-ins."""
    words = _without_formulas(sentence)[0].rstrip(" .!?:;")
    start = _BLOCK_START.match(words)
    assert start is not None  # it matches the empty string too
    # The formulas of the sentence are numbered from 0, those of the text from where it stands.
    return re.compile(re.sub(f"{_MATH}\\d+{_CLOSE}", f"{_MATH}\\\\d+{_CLOSE}", re.escape(words[start.end() :])))


def _kept(match: re.Match[str], chip: Callable[[int], str]) -> str:
    chips = "".join(chip(int(number)) for number in re.findall(r"\d+", match[2]))
    after = " " if match[2].endswith(" ") and not match[3] else ""
    return f'<span class="kept">{match[1]}{chips}{match[3]}</span>{after}' if chips else f"{match[1]}{match[3]}{after}"


@cache
def _markdown() -> MarkdownIt:
    """Return a Markdown renderer without raw HTML, links and pictures: a model has no business with them."""
    from markdown_it import MarkdownIt

    rules = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    return rules.disable(["link", "autolink", "image", "html_inline", "html_block", "reference"])


def _only_ours(tag: str, attribute: str, value: str) -> Any:
    """Keep links inside the page and to what it saves, and pictures that we drew; drop all others."""
    if attribute == "href":
        return value if value.startswith("#") or _SAVED.fullmatch(value) else None
    if attribute == "src":
        return value if value.startswith(_PICTURE) else None
    return value

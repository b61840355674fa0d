"""What a server tells of a text by its media type; other formats are recognised by their content."""

from __future__ import annotations

import re

_CODE = "text/x-source"
_FORMATS = {
    "text/html": "text/html",
    "application/xhtml+xml": "text/html",
    "text/markdown": "text/markdown",
    "text/x-markdown": "text/markdown",
    "text/csv": "text/csv",
    "text/x-csv": "text/csv",
    "application/csv": "text/csv",
    "text/comma-separated-values": "text/csv",
    "text/tab-separated-values": "text/csv",
    "text/x-rst": "text/x-rst",
    "text/prs.fallenstein.rst": "text/x-rst",
    "text/x-tex": "text/x-tex",
    "text/x-latex": "text/x-tex",
    "application/x-tex": "text/x-tex",
    "application/x-latex": "text/x-tex",
}
_IS_CODE = re.compile(
    r"(?:application|text)/(?:"
    r"(?:x-)?(?:javascript|ecmascript|typescript|json|yaml|toml|sh|sql|python|ruby|perl|xml)|css"
    r"|x-(?:c|c\+\+|csharp|java|go|rust|haskell|lua|r|scala|kotlin|[\w+-]*(?:src|script|source))"
    r"|[\w.+-]+\+(?:json|xml))"
)


def format_told(media_type: str | None) -> str:
    """Return the format of a text that is told to be of a media type; empty if that says no more than that.

    >>> format_told("text/x-markdown; charset=utf-8"), format_told("application/json"), format_told("text/plain")
    ('text/markdown', 'text/x-source', '')
    """
    said = (media_type or "").partition(";")[0].strip().lower()
    return _FORMATS.get(said) or (_CODE if _IS_CODE.fullmatch(said) else "")

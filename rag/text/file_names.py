"""The words of a document's file name and folders."""

from __future__ import annotations

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[^\W\d_])(?<![A-ZÄÖÜ])(?=[A-ZÄÖÜ])|(?<=[A-ZÄÖÜ])(?=[A-ZÄÖÜ][a-zäöüß])")
_WORD = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"[^\W\d_]{0,2}\d{1,2}")  # "05", "w3", "Q3": course units, or meaningless
_TELLING = 3  # letters before a number that make a word
_FOLDERS = 2  # innermost folders of a path that describe the document


def spaced(name: str) -> str:
    """Return a file name with spaces between its words.

    >>> spaced("2022_Q3_AAPL"), spaced("LinearAlgebraWeek05")
    ('2022 Q3 AAPL', 'Linear Algebra Week05')
    """
    return " ".join(_WORD.findall(_CAMEL.sub(" ", unicodedata.normalize("NFC", name))))


def path_parts(uri: str) -> list[str]:
    """Return the last folders of a path or URL and the file name without its suffix, outermost first."""
    path = re.sub(r"^[a-z]+://[^/]*|[?#].*$", "", uri.replace("\\", "/").replace("!/", "/"))
    parts = [part for part in path.split("/") if part][-(_FOLDERS + 1) :]
    return [*parts[:-1], re.sub(r"\.[A-Za-z]\w{0,4}$", "", parts[-1])] if parts else []


def name_words(uri: str) -> list[str]:
    """Return the words of a file name, joined ones both whole and split; short numbers are left to the course units.

    >>> name_words("/home/me/ml/Sheet03_NumPy-solution_2022.pdf")
    ['Sheet03', 'NumPy', 'solution', '2022', 'Num', 'Py', 'Sheet']
    """
    name = path_parts(uri)[-1] if path_parts(uri) else ""
    apart = spaced(name).split()
    letters = [word.rstrip("0123456789") for word in apart if word[-1].isdigit() and not word.isdigit()]
    long = [word for word in letters if len(word) >= _TELLING]
    found = dict.fromkeys([*_WORD.findall(name), *apart, *long])
    return [word for word in found if not _NUMBERED.fullmatch(word)]

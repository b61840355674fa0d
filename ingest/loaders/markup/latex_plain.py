r"""Reduces LaTeX to its visible text, line by line: comments removed, own commands expanded, environments opened up.

Formulas, tables and code stay as written. Everything is matched with patterns over the text, since files are often
parts of others, and broken ones are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag import lexicon

# Braces nested three deep; possessive, so that nothing is matched again, and longer than any real footnote.
BODY = r"\{(?:[^{}]{1,3000}+|\{(?:[^{}]{1,3000}+|\{[^{}]{0,3000}+\}){0,60}+\}){0,60}+\}"
_OPTION = r"(?:\[[^\[\]]*\])"
# Environments that stay as written.
FORMULAS = ("equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray", "displaymath", "math")
TABLES = ("tabular", "tabularx", "tabulary", "longtable")
CODE = ("verbatim", "Verbatim", "lstlisting", "minted")
ALGORITHMS = ("algorithm", "algorithmic")
_STAYS = frozenset((*FORMULAS, *TABLES, *CODE, *ALGORITHMS, "tikzpicture", "frame", "document"))
_CODE = rf"(?:{'|'.join(CODE)})\*?"
# Code is matched first by every pattern, and left as it is.
_DELIMITED = rf"(?:(?P<bar>[^a-zA-Z\s*{{\[])[^\n]{{0,300}}?(?P=bar)|{BODY})"
_KEPT = (
    rf"\\begin\{{(?P<code>{_CODE})\}}(?:(?!\\begin\{{(?P=code)\}}).)*?\\end\{{(?P=code)\}}"
    rf"|\\(?:verb\*?|lstinline(?:\[[^\[\]]*\])?|mintinline\{{\w*\}}){_DELIMITED}|\\(?:url|href|nolinkurl|path){BODY}"
)
# Formulas, tables and drawings, in which only the file's own commands are expanded.
_DRAWN = "|".join((*FORMULAS, *TABLES, *ALGORITHMS, "tikzpicture"))
_MATH = (
    rf"\\begin\{{(?P<drawn>(?:{_DRAWN})\*?)\}}(?:(?!\\begin\{{(?P=drawn)\}}).)*?\\end\{{(?P=drawn)\}}"
    r"|\\\[(?:(?!\\\[).){0,5000}?\\\]|\\\((?:(?!\\\().){0,1000}?\\\)|\$\$(?:(?!\$\$).){1,5000}?\$\$"
    r"|(?<!\\)\$(?:[^$\\\n]|\\.|\n(?!\s*\n)){1,1000}?\$"
)
_GUARDED = rf"(?P<kept>{_KEPT}|{_MATH})"
_COMMENT = re.compile(
    rf"(?P<kept>{_KEPT})|(?<=\n)[ \t]{{0,200}}%[^\n]*\n|(?:(?<!\\)|(?<=(?<!\\)\\\\))%[^\n]*"
    r"|\\iffalse\b(?:(?!\\iffalse\b).)*?\\fi\b|\\begin\{comment\}(?:(?!\\begin\{comment\}).)*?\\end\{comment\}",
    re.DOTALL,
)
_COMMAND = re.compile(
    rf"\\(?:re)?newcommand\*?\s*\{{?\\(?P<name>[a-zA-Z]+)\}}?(?:\[(?P<count>\d)\])?(?P<usual>{_OPTION})?\s*(?P<body>{BODY})"
    rf"|\\DeclareMathOperator\*?\s*\{{\\(?P<operator>[a-zA-Z]+)\}}\s*(?P<written>{BODY})"
)
_DEFINED = re.compile(rf"(?P<kept>{_KEPT})|{_COMMAND.pattern}", re.DOTALL)
_THEOREM = re.compile(r"\\newtheorem\*?\s*\{(\w+\*?)\}(?:\[\w+\])?\s*\{([^{}]*)\}")
# The environments of theorems and the like, besides those that a file defines.
_KINDS = ("theorem", "lemma", "definition", "corollary", "proposition", "example", "remark", "exercise")
_NAMES = {name: name.capitalize() for kind in _KINDS for name in lexicon.table("numbered")[kind]}
_NAMES |= {proof.lower(): proof for proof in lexicon.phrases("begins_proof")} | {"abstract": ""}
_LISTS = {"itemize": "-", "enumerate": "1.", "description": "-"}
_ENVIRONMENT = re.compile(
    rf"{_GUARDED}|\\(?P<edge>begin|end)\{{(?P<name>[a-zA-Z]+)\*?\}}(?P<option>{_OPTION})?"
    rf"|(?<!\s)\s*\\item\b\s*(?P<term>{_OPTION})?\s*",
    re.DOTALL,
)
_SILENT = re.compile(
    rf"(?P<kept>{_KEPT})|\\(?:label|includegraphics|vspace|hspace|index|bibliographystyle|pagestyle|thispagestyle|input"
    rf"|include|addcontentsline|setcounter)\*?{_OPTION}?{BODY}"
    r"|\\(?:tableofcontents|centering|noindent|maketitle)\b[ ]?"
    r"|(?P<gap>\\(?:newpage|clearpage|bigskip|medskip|smallskip|par)\b)|(?P<space>\\h(?:fill|space\*?\{[^{}]*\}))",
    re.DOTALL,
)
_WITH_ARGUMENTS = frozenset(("minipage", "thebibliography", "multicols", "column", "wrapfigure", "spacing"))
_ARGUMENTS = re.compile(rf"(?:\s?{_OPTION}|\s?{BODY}){{0,4}}")
_LOOK = re.compile(
    rf"(?P<kept>{_KEPT})|\\(?P<look>emph|textbf|textit|textsc|textsf|texttt|textrm|textup|underline|mbox|caption|footnote)"
    rf"{_OPTION}?\s?(?P<body>{BODY})",
    re.DOTALL,
)
_MOST_WRITTEN_OUT = 20  # maximum growth of a file by its own commands, as a factor
_PLACES = re.compile(r"(#[1-9])")  # of arguments in a command's definition
_SIGNS = re.compile(rf"{_GUARDED}|(?<!\\)~|---?|``|''|\\[%_#]", re.DOTALL)
_WRITTEN = {"~": " ", "--": "–", "---": "—", "``": "“", "''": "”"}
_BLANK = re.compile(r"\s*(?:\\label\{[^{}]*\})?\s*")
_ROUNDS = 3  # of expanding nested commands


def plain(text: str, *, preamble: str = "") -> str:
    r"""Return LaTeX, already without comments, with its own commands expanded and its environments opened up.

    `preamble` is the text before it, which may define commands.

    >>> plain(r"\begin{definition}[Map]A \emph{map} is \R.\end{definition}", preamble=r"\newcommand{\R}{real}")
    'Definition (Map). A map is real.'
    """
    text = _written_out(text, dict(_commands(preamble + text)))
    text = _DEFINED.sub(_kept, text)
    text = _SILENT.sub(_silent, text)
    text = _opened(text, _NAMES | {name.rstrip("*"): title for name, title in _THEOREM.findall(preamble + text)})
    for _ in range(_ROUNDS):
        text = _LOOK.sub(_look, text)
    text = _SIGNS.sub(lambda match: match["kept"] or _WRITTEN.get(match[0]) or match[0][-1], text)
    text = re.sub(r"(?<![ \t])[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n[ \t]*(?:\n[ \t]*)+\n", "\n\n", text).strip("\n")


def uncommented(text: str) -> str:
    r"""Return LaTeX without its comments; escaped and quoted per cent signs stay.

    >>> uncommented("5\\% of it % really\nand so on")
    '5\\% of it \nand so on'
    """
    return _COMMENT.sub(_kept, text)


def _silent(match: re.Match[str]) -> str:
    return match["kept"] or ("\n\n" if match["gap"] else " " if match["space"] else "")


def _kept(match: re.Match[str]) -> str:
    return match["kept"] or ""


def _commands(text: str) -> Iterator[tuple[str, tuple[int, str | None, str]]]:
    """Yield (name, (number of arguments, default of the first one, definition))."""
    for match in _COMMAND.finditer(text):
        if match["operator"]:
            yield match["operator"], (0, None, match["written"][1:-1])
        else:
            usual = match["usual"][1:-1] if match["usual"] else None
            yield match["name"], (int(match["count"] or 0), usual, match["body"][1:-1])


def _written_out(text: str, commands: dict[str, tuple[int, str | None, str]]) -> str:
    """Expand a file's own commands."""
    if not commands:
        return text
    names = "|".join(sorted(commands, key=len, reverse=True))
    used = re.compile(
        rf"(?P<kept>{_KEPT})|{_COMMAND.pattern}|\\(?P<own>{names})(?![a-zA-Z])(?P<first>{_OPTION})?", re.DOTALL
    )
    most = _MOST_WRITTEN_OUT * len(text)
    for _ in range(_ROUNDS):
        parts, at, room = [], 0, most - len(text)
        for match in used.finditer(text):
            if match["own"] is None or match.start() < at:
                continue
            if room < 0:
                break
            count, usual, body = commands[match["own"]]
            found, end = _arguments(text, match, count, usual)
            written = "".join(found.get(part[1:], "") if part[:1] == "#" else part for part in _PLACES.split(body))
            parts += [text[at : match.start()], written]
            room -= len(written)
            at = end
        text = "".join((*parts, text[at:]))
        if not parts or room < 0:
            break
    return text


def _arguments(text: str, match: re.Match[str], count: int, usual: str | None) -> tuple[dict[str, str], int]:
    """Return the arguments of a command's use, and their end."""
    found, end = dict[str, str](), match.end("own")
    if usual is not None:
        found["1"] = match["first"][1:-1] if match["first"] else usual
        end = match.end()
    for number in range(len(found) + 1, count + 1):
        if not (body := re.compile(rf"\s*({BODY}|[^\s\\{{}}])").match(text, end)):
            break
        found[str(number)] = body[1].removeprefix("{").removesuffix("}") if body[1].startswith("{") else body[1]
        end = body.end()
    return found, end


def _opened(text: str, names: dict[str, str]) -> str:
    """Separate environments from the text around them; a theorem begins with its name, a list has item marks."""
    parts, at, lists = list[str](), 0, list[str]()
    for match in _ENVIRONMENT.finditer(text):
        name = match["name"] or ""
        if match["kept"] or name in _STAYS:
            continue
        parts.append(text[at : match.start()])
        at = match.end()
        # Without an edge, the match is an \item.
        if match["edge"] is None:
            term = match["term"][1:-1] if match["term"] else ""
            indent = "  " * (len(lists) - 1)
            parts.append(f"\n{indent}{lists[-1] if lists else '-'} {f'{term}: ' if term else ''}")
        elif name in _LISTS:
            if match["edge"] == "begin":
                lists.append(_LISTS[name])
            elif lists:
                lists.pop()
            parts.append("" if lists else "\n\n")
            # After \end{itemize}, brackets are text and no option.
            at = match.end("name") + 1 if match["edge"] == "end" and match["option"] else at
        elif match["edge"] == "end":
            parts.append("\n\n")
        else:
            title, said = names.get(name, ""), (match["option"] or "")[1:-1]
            parts.append(f"\n\n{title}{f' ({said})' if said else ''}. " if title else "\n\n")
            if name in _WITH_ARGUMENTS and (given := _ARGUMENTS.match(text, at)):
                at = given.end()
            at = blank.end() if (blank := _BLANK.match(text, at)) else at
    return "".join((*parts, text[at:]))


def _look(match: re.Match[str]) -> str:
    if match["kept"]:
        return match["kept"]
    inner = match["body"][1:-1]
    return f"\n\n{inner}\n\n" if match["look"] == "caption" else f" ({inner})" if match["look"] == "footnote" else inner

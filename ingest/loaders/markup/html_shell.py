"""Tells a page that has no content itself: it leads on to another, asks for consent, or waits for its programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ingest.loaders.markup.html_elements import FLOW
from ingest.loaders.markup.html_runs import Run
from rag.errors import NoText

SHORT = 250  # characters; a page with more has something to say
_MOST_RUNS = 3  # of a shell without headings: a name, a remark, a link
_MOST_ASKED = 0.8  # of a page's letters in a question for consent
_SOON = 30  # seconds after which a page leads on; later, it is read first
_REFRESH = re.compile(r"\s*(\d{0,6})[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?([^\"'\s][^\"']*)", re.IGNORECASE)
_SCRIPT = re.compile(r"\blocation(?:(?:\.href)?\s*=|\.(?:replace|assign)\()\s*[\"'`]([^\"'`]+)")
_LONGEST_SCRIPT = 1000  # characters of a script that does nothing but lead on
# Names in the code of the common programs that ask for consent.
_CONSENT = re.compile(
    r"\b(?:cookies?|consent|gdpr|privacy)[-_]?(?:consent|banner|wall|notice|popup|dialog|manager|modal|overlay|form)"
    r"|collectconsent|consent\.\w+\.\w+/|onetrust|didomi|cookiebot|usercentrics|sp_message|fc-consent",
    re.IGNORECASE,
)


def notes_on_shell(tree: Any, runs: Sequence[Run], name: str) -> tuple[str, ...]:
    """Return notes on a page that may have no content itself; raises NoText for one that surely has none."""
    size = sum(run.letters for run in runs)
    if size < SHORT and (target := _target(tree)):
        msg = f"{name} has no content itself: it leads on to {target}."
        raise NoText(msg, remedy="Ingest that address instead.")
    if not runs and (frames := [one.get("src") for one in tree.iter("frame") if one.get("src")]):
        msg = f"{name} has no content itself: it shows {', '.join(frames)} in frames."
        raise NoText(msg, remedy="Ingest those pages instead.")
    if size and sum(run.letters for run in runs if _asks(run)) > _MOST_ASKED * size:
        msg = f"{name} shows nothing but a question for consent."
        raise NoText(msg, remedy="Answer it in a browser, save the page from there and ingest that file.")
    if not 0 < size < SHORT or not _awaits_scripts(tree, runs):
        return ()
    if len(runs) <= _MOST_RUNS and not any(run.level for run in runs):
        msg = f"{name} has no content itself: a script would fill it in."
        raise NoText(msg, remedy="Save the page from a browser as HTML or PDF and ingest that.")
    return ("the page may lack its content, which a script would fill in",)


def _target(tree: Any) -> str:
    """Return the address that a page leads on to by itself; empty for a page that stays."""
    for meta in tree.iter("meta"):
        if meta.get("http-equiv", "").strip().lower() != "refresh" or meta.getparent().tag == "noscript":
            continue
        if told := _REFRESH.match(meta.get("content", "")):
            return told[2].strip() if int(told[1] or 0) <= _SOON else ""
    scripts = [script.text for script in tree.iter("script") if script.text and len(script.text) < _LONGEST_SCRIPT]
    return next((told[1] for told in map(_SCRIPT.search, scripts) if told), "")


def _asks(run: Run) -> bool:
    """Say whether a run is part of a question for consent."""
    outer = (one for one in run.lineage() if one.tag in FLOW and one.tag not in ("html", "body"))
    return any(
        _CONSENT.search(" ".join((one.get("id", ""), one.get("class", ""), one.get("action", "")))) for one in outer
    )


def _awaits_scripts(tree: Any, runs: Sequence[Run]) -> bool:
    """Say whether a page has a text for readers without scripts, or asks to have its scripts run."""
    scripts = list(tree.iter("script"))
    without = [one for one in tree.iter("noscript") if one.find(".//img") is None]
    if scripts and any(len("".join(one.itertext()).split()) > 1 for one in without):
        return True
    asked = any("javascript" in run.text.casefold() for run in runs if not run.level)
    return asked and any(script.get("src") for script in scripts)

"""The language of a page: the one that was chosen on it, or that of the settings, or that of the browser.

Gradio lays its page out once, in English. What its components say is put into the page's language on its way out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from rag.texts import LANGUAGES, say, speaking, wanted

COOKIE = "studyhall_language"  # studyhall.js writes it
_USUAL = "en"
_CONFIG = re.compile(r"(window\.gradio_config = )(\{.*?\})(;</script>)", re.DOTALL)
_BETWEEN_TAGS = re.compile(r"(?<=>)[^<>]+(?=<)")
_SAID = ("label", "value", "placeholder")  # of a component's properties
_HTML = re.compile(r'<html(\s+)lang="\w*"')


def language_of(headers: Mapping[str, str], setting: str = "") -> str:
    """Return the language of a request."""
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        chosen = None
    if chosen and chosen.value in LANGUAGES:
        return chosen.value
    return setting or wanted(headers.get("accept-language", "")) or _USUAL


def translated_page(html: str, language: str) -> str:
    """Return a page of Gradio's in a language."""
    with speaking(language):
        return _CONFIG.sub(_translated_config, _HTML.sub(rf'<html\1lang="{language}"', html, count=1), count=1)


def _translated_config(found: re.Match[str]) -> str:
    config = json.loads(found[2])
    for component in config.get("components", ()):
        properties = component.get("props", {})
        properties |= {name: _said(properties[name]) for name in _SAID if isinstance(properties.get(name), str)}
        if isinstance(properties.get("choices"), list):
            properties["choices"] = [[_said(label), *rest] for label, *rest in properties["choices"]]
    return f"{found[1]}{_in_a_script(config)}{found[3]}"


def _said(text: str) -> str:
    if "{" in text:  # nothing that the layout says has a gap
        return text
    return _BETWEEN_TAGS.sub(lambda piece: say(piece[0]), text) if text.startswith("<") else say(text)


def _in_a_script(config: dict[str, Any]) -> str:
    """Return JSON that can stand in a script element: with no tag and no end of a comment in it."""
    return json.dumps(config).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

"""The language of the page: chosen, set, or the browser's; the layout that Gradio sends out speaks it."""

from __future__ import annotations

import json

import pytest

from ui.web.language import language_of, translated_page

CONFIG = {
    "components": [
        {"id": 1, "props": {"label": "Ask", "value": "", "elem_id": "ask"}},
        {"id": 2, "props": {"value": "<h2>Your documents</h2>"}},
        {"id": 3, "props": {"choices": [["All", ""], ["Sources", "Sources"]], "placeholder": "Ask a question …"}},
        {"id": 4, "props": {"value": "</script><script>alert(1)</script>"}},
    ]
}
PAGE = f'<!doctype html>\n<html\n\tlang="en"\n><script>window.gradio_config = {json.dumps(CONFIG)};</script></html>'


@pytest.mark.parametrize(
    ("headers", "setting", "language"),
    [
        ({}, "", "en"),
        ({"accept-language": "de-AT,de;q=0.9,en;q=0.8"}, "", "de"),
        ({"accept-language": "fr-FR,fr;q=0.9"}, "", "en"),
        ({"accept-language": "de"}, "en", "en"),
        ({"accept-language": "en", "cookie": "a=b; studyhall_language=de"}, "en", "de"),
        ({"cookie": "studyhall_language=<script>"}, "", "en"),
        ({"cookie": "\x00;;=;\udcff"}, "de", "de"),
        ({"accept-language": "de;q=x, en;q=0.1"}, "", "en"),
    ],
)
def test_what_was_chosen_goes_before_the_setting_and_that_before_the_browser(
    headers: dict[str, str], setting: str, language: str
) -> None:
    assert language_of(headers, setting) == language


def test_the_layout_speaks_the_language_and_keeps_what_is_no_sentence() -> None:
    page = translated_page(PAGE, "de")
    assert 'lang="de"' in page
    config = json.loads(page.partition("gradio_config = ")[2].partition(";</script>")[0])
    shown = [component["props"] for component in config["components"]]
    assert shown[0] == {"label": "Fragen", "value": "", "elem_id": "ask"}
    assert shown[1] == {"value": "<h2>Deine Dokumente</h2>"}
    assert shown[2] == {"choices": [["Alle", ""], ["Quellen", "Sources"]], "placeholder": "Stelle eine Frage …"}


def test_no_value_of_a_component_ends_the_script_it_stands_in() -> None:
    safe = PAGE.replace("</script><script>alert", "\\u003c/script>\\u003cscript>alert")
    assert translated_page(safe, "de").count("<script>") == 1

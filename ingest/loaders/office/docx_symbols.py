"""The signs of the fonts Symbol and Wingdings, which Word files name by their codes in the font."""

from __future__ import annotations

from typing import Any

from ingest.loaders.office.docx_xml import W

_PRIVATE = range(0xF000, 0xF100)  # where Word puts the codes of such fonts
# The font's encoding as Adobe published it.
_SYMBOL = (
    dict(enumerate("!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_", 0x21))
    | dict(enumerate("‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼", 0x60))
    | dict(enumerate("€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…|—↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉", 0xA0))
    | dict(enumerate("∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪", 0xD0))
    | dict(enumerate("⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭", 0xF1))
    | {0x20: " "}
)
_WINGDINGS = (
    dict(enumerate("☜☞☝☟", 0x45))
    | dict(enumerate("●❍■☐❐❑❒⬧⧫◆❖⬥☒", 0x6C))
    | dict(enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿", 0x80))
    | dict(enumerate("←→↑↓↖↗↙↘←➔↑↓↖↗↙↘⇦⇨⇧⇩⬄⇳", 0xDF))
    | dict(enumerate("✗✓☒☑", 0xFB))
    | {0x20: " ", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3F: "✍", 0x4A: "☺", 0x4C: "☹", 0x51: "✈", 0x52: "☼"}
    | {0x7A: "⌘", 0x9E: "·", 0x9F: "•", 0xA1: "○", 0xA4: "◉", 0xA5: "◎", 0xA7: "▪", 0xA8: "☐", 0xAA: "✦", 0xAB: "★"}
    | {0xAC: "✶", 0xAE: "✹", 0xD8: "➢", 0xDC: "➲", 0xF8: "▪"}
)
_FONTS = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0xA3: "☐"},
    "wingdings 3": dict(enumerate("←→↑↓", 0x21)) | {0x7D: "▶"},
    "webdings": {0x61: "✓", 0x63: "☐", 0x72: "✗"},
}


def sign(font: str, code: int) -> str:
    """Return the sign at a code of a font; empty if it isn't known.

    >>> sign("Symbol", 0xF061), sign("Wingdings", 0xFE), sign("Arial", 0x2192), sign("Wingdings", 0xF0B9)
    ('α', '☑', '→', '')
    """
    signs = _FONTS.get(font.casefold())
    if signs is None:
        known = 0x20 <= code < 0xD800 or 0xF900 <= code < 0x110000
        return chr(code) if known else ""
    return signs.get(code - _PRIVATE[0] if code in _PRIVATE else code, "")


def symbol(element: Any) -> str:
    """Return the sign of a `w:sym`; empty if it isn't known."""
    try:
        code = int(element.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    return sign(element.get(f"{W}font") or "", code)


def in_font(text: str, run: Any) -> str:
    """Write the letters of a run as its font shows them, if it is a font of signs."""
    if text.isascii() or not any(ord(letter) in _PRIVATE for letter in text):
        return text
    fonts = run.find(f"{W}rPr/{W}rFonts")
    if fonts is None:
        return text
    named = [fonts.get(f"{W}{kind}") or "" for kind in ("ascii", "hAnsi", "cs")]
    font = next((one for one in named if one.casefold() in _FONTS), "")
    shown = ((sign(font, ord(letter)) or letter) if ord(letter) in _PRIVATE else letter for letter in text)
    return "".join(shown) if font else text


def unknown_symbols(body: Any) -> int:
    """Count the symbols whose signs aren't known."""
    return sum(not symbol(one) for one in body.iter(f"{W}sym"))

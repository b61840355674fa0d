"""Gradio's theme in our colours and letters; the rest of the look is in ``studyhall.css``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base

# Ink on paper by day, paper on ink by night, and the green of a library lamp.
PAPER, INK, LAMP = "#faf8f4", "#20242b", "#1d5c4b"
NIGHT_PAPER, NIGHT_INK, NIGHT_LAMP = "#15181c", "#e8e5df", "#86cdb4"
# From light to dark, as Gradio numbers them: 50, 100, 200 and so on to 900, 950.
_GREEN = f"#eef6f3 #d8ebe4 #b3d8cb #86cdb4 #4f9f86 #2c7a63 {LAMP} #184c3f #133c32 #0e2d26 #081b17"
_STONE = f"{PAPER} #f3f0ea #e4dfd6 #cdc7bc #9d988f #6f6c66 #56544f #3a3d42 #23272c #1b1f23 {NIGHT_PAPER}"


def theme() -> Base:
    """Return the theme; its letters are among the files that Gradio serves itself."""
    from gradio.themes import Base, LocalFont, sizes
    from gradio.themes.utils.colors import Color

    green = Color(*_GREEN.split(), name="lamp")
    stone = Color(*_STONE.split(), name="stone")
    base = Base(
        primary_hue=green,
        secondary_hue=green,
        neutral_hue=stone,
        radius_size=sizes.radius_md,
        text_size=sizes.text_md,
        font=[LocalFont("Source Sans 3"), "ui-sans-serif", "system-ui", "sans-serif"],
        font_mono=[LocalFont("IBM Plex Mono"), "ui-monospace", "monospace"],
    )
    return base.set(
        body_background_fill=PAPER,
        body_background_fill_dark=NIGHT_PAPER,
        body_text_color=INK,
        body_text_color_dark=NIGHT_INK,
        body_text_color_subdued="#5c5f66",
        body_text_color_subdued_dark="#a7abb2",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1d2126",
        input_border_color="#cdc7bc",
        input_border_color_dark="#3a4047",
        input_border_color_focus=LAMP,
        input_border_color_focus_dark=NIGHT_LAMP,
        button_primary_background_fill=LAMP,
        button_primary_background_fill_hover="#184c3f",
        button_primary_background_fill_dark=NIGHT_LAMP,
        button_primary_background_fill_hover_dark="#a3dcc8",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#0e2d26",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="#f3f0ea",
        button_secondary_background_fill_dark="#23272c",
        button_secondary_background_fill_hover_dark="#2d3238",
        button_secondary_border_color="#cdc7bc",
        button_secondary_border_color_dark="#3a4047",
        button_cancel_background_fill="#8a2f28",
        button_cancel_background_fill_hover="#73251f",
        button_cancel_background_fill_dark="#eaa39c",
        button_cancel_background_fill_hover_dark="#f3beb9",
        button_cancel_text_color="#ffffff",
        button_cancel_text_color_dark="#3a100c",
    )

"""An evaluation as a picture: an SVG of bars, drawn by hand, readable in any browser and in print."""

from __future__ import annotations

from html import escape

from rag.evaluation.judge import MEASURES
from rag.evaluation.report import ALL, Difference, Evaluation, Measures

_LEFT, _BAR, _RIGHT = 160, 420, 230  # pixels: names, the bar from 0 to 1, values and differences
_THICK, _GAP, _HEAD = 14, 12, 64
# Told apart by brightness too, for print and for eyes that don't see colour.
_COLOURS = ("#1f5fa8", "#e08a1e", "#4c9f70", "#8a5fa8", "#7a7a7a", "#b04a4a")


def evaluation_svg(evaluation: Evaluation) -> str:
    """Return bars by measure: one a language, or one a setting where two are compared."""
    series = _series(evaluation)
    shown = [measure for measure in MEASURES if any(values.get(measure) is not None for _, values in series)]
    row = len(series) * _THICK + _GAP
    width, height = _LEFT + _BAR + _RIGHT, _HEAD + len(shown) * row + 28
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="system-ui, sans-serif" font-size="12" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(_title(evaluation))}</title>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="15" font-weight="bold">{escape(_title(evaluation))}</text>',
        *_legend([name for name, _ in series]),
        *_grid(height),
    ]
    differences = {one.measure: one for one in evaluation.differences}
    for number, measure in enumerate(shown):
        top = _HEAD + number * row
        parts += _bars(measure, top, [values.get(measure) for _, values in series], differences.get(measure))
    return "\n".join([*parts, "</svg>\n"])


def _series(evaluation: Evaluation) -> list[tuple[str, Measures]]:
    first = evaluation.sides[0]
    if len(evaluation.sides) == 1:
        return [(f"{name} ({evaluation.questions.get(name, 0)})", values) for name, values in first.measures.items()]
    changed = ", ".join(f"{name}={value}" for name, value in evaluation.sides[1].settings.items())
    return [("settings of this home", first.measures[ALL]), (changed, evaluation.sides[1].measures[ALL])]


def _title(evaluation: Evaluation) -> str:
    return f"{evaluation.questions[ALL]} questions, {evaluation.unanswerable} of them without an answer"


def _legend(names: list[str]) -> list[str]:
    parts, x = [], 12
    for name, colour in zip(names, _COLOURS, strict=False):
        parts.append(f'<rect x="{x}" y="34" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 18}" y="44">{escape(name)}</text>')
        x += 36 + 7 * len(name)
    return parts


def _grid(height: int) -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        x = _LEFT + _BAR * tenth / 10
        parts.append(f'<line x1="{x:g}" y1="{_HEAD - 6}" x2="{x:g}" y2="{height - 24}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x:g}" y="{height - 8}" text-anchor="middle" fill="#555555">{tenth / 10:g}</text>')
    return parts


def _bars(measure: str, top: int, values: list[float | None], difference: Difference | None) -> list[str]:
    middle = top + len(values) * _THICK / 2 + 4
    parts = [f'<text x="{_LEFT - 10}" y="{middle:g}" text-anchor="end">{escape(measure)}</text>']
    for number, value in enumerate(values):
        y = top + number * _THICK
        colour = _COLOURS[number % len(_COLOURS)]
        if value is not None:
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{_BAR * value:.1f}" height="{_THICK - 2}" fill="{colour}"/>'
            )
        shown = "–" if value is None else f"{value:.3f}"
        parts.append(f'<text x="{_LEFT + _BAR + 10}" y="{y + 11}">{shown}</text>')
    if difference is not None:
        interval = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
        weight = ' font-weight="bold"' if difference.clear else ""
        parts.append(f'<text x="{_LEFT + _BAR + 60}" y="{middle:g}"{weight}>{interval}</text>')
    return parts

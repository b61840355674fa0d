"""The words of a diagram ("SmartArt"), of slides and sheets, as a list.

The diagram's points stand in the part "…/diagrams/data1.xml": nodes have words, others only say how it is drawn. Its
connections make a tree of them (ECMA-376, part 1, chapter 21.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.office.pptx_text import A, lines_of

DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_D = f"{{{DIAGRAM}}}"
_WITH_WORDS = (None, "node", "asst")  # a node is the default, and an assistant one of a chart of people


def diagram_of(data: bytes) -> str:
    """Return the words of a diagram's data part as the lines of a list, inner ones indented."""
    from lxml import etree

    model = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    points = {point.get("modelId"): point for point in model.iterfind(f"{_D}ptLst/{_D}pt")}
    roots = [name for name, point in points.items() if point.get("type") == "doc"]
    seen: set[str] = set()
    lines = list(_walk(roots, points, _inner(model), seen))
    lines += _walk([name for name in points if name not in seen], points, {}, seen)
    return "\n".join(lines)


def _inner(model: Any) -> dict[str, list[str]]:
    """Return the points within each point, in their order."""
    inner: dict[str, list[tuple[int, str]]] = {}
    for link in model.iterfind(f"{_D}cxnLst/{_D}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd") or "0"
            place = int(order) if order.isdigit() else 0
            inner.setdefault(link.get("srcId"), []).append((place, link.get("destId")))
    return {outer: [name for _, name in sorted(links, key=lambda link: link[0])] for outer, links in inner.items()}


def _walk(names: list[str], points: dict[str, Any], inner: dict[str, list[str]], seen: set[str]) -> Iterator[str]:
    """Yield the lines of points and of those within them, each point once."""
    pending = [(name, 0) for name in reversed(names)]
    while pending:
        name, depth = pending.pop()
        if name in seen or name not in points:
            continue
        seen.add(name)
        text = _words(points[name])
        if text:
            yield f"{'  ' * depth}- {text}"
        pending += [(one, depth + bool(text)) for one in reversed(inner.get(name, ()))]


def _words(point: Any) -> str:
    """Return the words of a point on one line; empty for one that is only drawn."""
    body = point.find(f"{_D}t")
    if body is None or point.get("type") not in _WITH_WORDS or body.find(f"{A}p") is None:
        return ""
    return " ".join(lines_of(body).split())

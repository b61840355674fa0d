"""Small helpers for the XML of Word files: names, values of properties, switches, and parts read safely."""

from __future__ import annotations

from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"  # kinds of relationships
_OFF = ("0", "false", "off", "none")
# What a part with odd content may raise while it is read: each part is given up by itself.
BROKEN = (LookupError, ValueError, AttributeError, TypeError, OverflowError, RuntimeError)


def value(element: Any, name: str) -> str:
    """Return the value of an element's property; empty if it has none."""
    found = None if element is None else element.find(f"{W}{name}")
    return "" if found is None else found.get(f"{W}val") or ""


def switch(properties: Any, name: str) -> bool | None:
    """Return whether a property is switched on; None if it isn't mentioned."""
    found = None if properties is None else properties.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val", "1").lower() not in _OFF


def parsed(data: bytes) -> Any:
    """Return a part's XML; entities are not resolved, and nothing is fetched."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise ValueError(str(error)) from error


def remove(element: Any) -> None:
    """Take an element out of its parent."""
    if (parent := element.getparent()) is not None:
        parent.remove(element)

"""ui is the shell: command line, browser page and HTTP, and `Studyhall`, the Python face."""

from ui.hall import Studyhall

__all__ = ["Studyhall"]

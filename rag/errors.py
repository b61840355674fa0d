"""Everything that can go wrong and that a person should read about.

    StudyhallError                 one base to catch
    ├── SettingsError              a setting that can't be used
    ├── HomeError                  the home can't be used: read-only, disk full, damaged
    │   └── HomeInUse              another process owns it
    ├── NotFound                   no such document, collection or model
    ├── InputError                 a question or an argument that can't be used
    ├── SourceError                a file or URL that can't be ingested; the batch goes on
    │   ├── Unreadable             missing, no permission, unreachable
    │   ├── Unsupported            not a format Studyhall reads
    │   ├── Damaged                a broken file
    │   ├── PasswordNeeded         an encrypted file
    │   │   └── Locked             one that opens as soon as the password is given
    │   └── NoText                 nothing in it to search
    ├── EmbedderError              the embedding model is missing or fails
    │   └── TextTooLong            more tokens than the embedder reads: never truncated
    ├── ReaderError                the reader is missing or damaged
    └── ModelError                 the language model can't be loaded or fails
        ├── NotAModel              not a GGUF file, cut off, or without weights
        ├── PromptTooLong          more tokens than the context holds: never truncated
        └── Cancelled              the person stopped it

Each says what failed, which file or model, why, and what to do next.
"""

from __future__ import annotations


class StudyhallError(Exception):
    """The base of all errors that are written for people."""

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class SettingsError(StudyhallError):
    """A setting has a value that can't be used."""


class HomeError(StudyhallError):
    """The home folder can't be used."""


class HomeInUse(HomeError):
    """Another process owns the home."""


class NotFound(StudyhallError):
    """There is no document, collection or model of that name."""


class InputError(StudyhallError):
    """A question or an argument can't be used."""


class SourceError(StudyhallError):
    """A file or URL can't be ingested; the rest of the batch goes on."""


class Unreadable(SourceError):
    """The bytes can't be had: missing, no permission, unreachable."""


class Unsupported(SourceError):
    """The bytes are of no format that Studyhall reads."""


class Damaged(SourceError):
    """The file is broken."""


class PasswordNeeded(SourceError):
    """The file is encrypted and opens only with a password."""


class Locked(PasswordNeeded):
    """The file opens as soon as its password is given."""


class NoText(SourceError):
    """The file holds no text to search."""


class EmbedderError(StudyhallError):
    """The embedding model is missing or fails."""


class TextTooLong(EmbedderError):
    """A text has more tokens than the embedder reads; it is refused, not truncated."""


class ReaderError(StudyhallError):
    """The reader, which ranks and quotes, is missing or damaged."""


class ModelError(StudyhallError):
    """The language model can't be loaded or fails."""


class NotAModel(ModelError):
    """The file is not a GGUF model that can generate."""


class PromptTooLong(ModelError):
    """The prompt and its answer need more tokens than the model's context holds."""


class Cancelled(ModelError):
    """The person stopped the answer."""

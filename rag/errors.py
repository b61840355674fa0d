"""The errors that are shown to people, as one tree.

    StudyhallError                 one base to catch
    ├── SettingsError              a setting that can't be used
    ├── HomeError                  the home can't be used: read-only, disk full, damaged
    │   └── HomeInUse              another process owns it
    ├── NotFound                   no document, collection or model of that name
    │   └── Removed                a document that was removed meanwhile
    ├── InputError                 a question or an argument that can't be used
    ├── SourceError                a file or URL that can't be ingested; the batch goes on
    │   ├── Unreadable             missing, no permission, unreachable
    │   │   └── NoSuchPage         a server that answers, and has no such page
    │   ├── Unsupported            not a format Studyhall reads
    │   ├── Damaged                a broken file
    │   ├── PasswordNeeded         an encrypted file
    │   │   └── Locked             opens as soon as the password is given
    │   └── NoText                 no text to search
    ├── EmbedderError              the embedding model is missing or fails
    │   └── TextTooLong            more tokens than the embedder reads: never truncated
    ├── ReaderError                the reader is missing or damaged
    ├── CatalogueError             the catalogue of models is missing or wrong
    ├── DownloadError              a model can't be downloaded
    │   ├── Offline                downloads are switched off
    │   ├── NotOnHub               no such repository, revision or file
    │   ├── NoAccess               a private or gated repository, or a wrong token
    │   ├── HubUnavailable         no connection, or the hub answers with an error of its own
    │   ├── NoSpace                the disk is full
    │   └── WrongFile              what came is another file, or no model
    └── ModelError                 the language model can't be loaded or fails
        ├── NotAModel              not a GGUF file, cut off, or without weights
        ├── PromptTooLong          more tokens than the context holds: never truncated
        └── Cancelled              the person stopped it

Each message names the failure, the file or model, the reason, and the remedy.
"""

from __future__ import annotations


class StudyhallError(Exception):
    """The base of all Studyhall errors: `what` failed and why, and the `remedy`, each in full sentences."""

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


class Removed(NotFound):
    """The document of an id was removed meanwhile."""


class InputError(StudyhallError):
    """A question or an argument can't be used."""


class SourceError(StudyhallError):
    """A file or URL can't be ingested; the rest of the batch goes on."""


class Unreadable(SourceError):
    """The source can't be read: missing, no permission, unreachable."""


class NoSuchPage(Unreadable):
    """The server answered that it has no such page, or doesn't give it to us: a status of 400 to 499."""


class Unsupported(SourceError):
    """The format is none that Studyhall reads."""


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
    """A text has more tokens than the embedder accepts; it is refused, not truncated."""


class ReaderError(StudyhallError):
    """The reader, which reranks hits and finds answer spans, is missing or damaged."""


class CatalogueError(StudyhallError):
    """The catalogue of models, which comes with Studyhall, is missing or wrong."""


class DownloadError(StudyhallError):
    """A model can't be downloaded."""


class Offline(DownloadError):
    """Downloads are switched off."""


class NotOnHub(DownloadError):
    """The hub has no such repository, revision or file."""


class NoAccess(DownloadError):
    """The repository is private or gated, or the token is wrong."""


class HubUnavailable(DownloadError):
    """The hub can't be reached, or answers with an error of its own; trying again later may help."""


class NoSpace(DownloadError):
    """The disk is full, or will be."""


class WrongFile(DownloadError):
    """What came, or what is there, is another file than the one wanted, or no model."""


class ModelError(StudyhallError):
    """The language model can't be loaded or fails."""


class NotAModel(ModelError):
    """The file is no GGUF model that can generate text."""


class PromptTooLong(ModelError):
    """Prompt and answer together need more tokens than the model's context holds."""


class Cancelled(ModelError):
    """The person stopped the answer."""

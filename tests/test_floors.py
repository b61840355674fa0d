"""The floors of the house: who may import whom, and what stays unloaded until it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import ui

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ("rag", "ingest", "ui")
FORBIDDEN = {"rag": ("ingest", "ui", "tests"), "ingest": ("ui", "tests"), "ui": ("tests",)}

# Where each heavy library may be imported: a file, or a folder with all in it.
ROOMS = {
    "babel": ("rag/texts/",),
    "chromadb": ("rag/library/vectors.py", "rag/library/vector_upkeep.py"),
    "docx": ("ingest/loaders/office/docx.py",),
    "gradio": ("ui/web/",),
    "httpx2": ("rag/models/hub.py", "rag/models/openai_server.py"),
    "huggingface_hub": ("rag/models/hub.py", "rag/models/embedder_spec.py"),
    "langchain_openai": ("rag/models/openai_server.py",),
    "llama_cpp": ("rag/models/",),
    "nh3": ("ui/web/markup.py",),
    "onnxruntime": (
        "rag/models/export.py",
        "rag/models/reader.py",
        "rag/models/crossencoder.py",
    ),
    "openai": ("rag/models/openai_server.py",),
    "openpyxl": ("ingest/loaders/office/xlsx.py",),
    "pptx": ("ingest/loaders/office/pptx.py",),
    "py3langid": ("ingest/language.py",),
    "pypdf": ("ingest/loaders/pdf/",),
    "pypdfium2": ("ingest/",),
    "rapidocr": ("ingest/ocr.py",),
    "sentence_transformers": ("rag/models/export.py", "rag/models/crossencoder.py", "rag/models/torch_session.py"),
    "sqlite3": ("rag/library/",),
    "Stemmer": ("rag/text/words.py",),
    "striprtf": ("ingest/loaders/office/rtf.py",),
    "tokenizers": ("rag/models/", "rag/training/features.py", "rag/training/vocabulary.py", "rag/ports.py"),
    "torch": ("rag/models/export.py", "rag/models/crossencoder.py", "rag/models/torch_session.py", "rag/training/"),
    "trafilatura": ("ingest/loaders/markup/html_content.py",),
    "transformers": ("rag/models/export.py", "rag/training/network.py", "rag/training/student.py"),
    "uvicorn": ("ui/server.py",),
}
HEAVY = (
    "chromadb docx gradio huggingface_hub jinja2 langchain_core langchain_openai llama_cpp numpy onnx onnxruntime "
    "openai openpyxl pptx pypdf pypdfium2 rapidocr sentence_transformers tokenizers torch trafilatura transformers "
    "babel uvicorn rag.evaluation.evaluate rag.evaluation.draft rag.training"
).split()


# The rooms of rag, floor by floor: each knows its own floor and those below it.
FLOORS = (
    ("text", "texts", "lexicon", "platform"),
    ("library", "models"),
    ("question",),
    ("retrieve",),
    ("answer",),
    ("overview",),
)
SHARED = ("types", "errors", "settings", "ports", "events")  # files of rag that every room may know
APART = ("evaluation", "training")  # they may know everything, and nobody loads them with himself
ROOF = ("chain", "engine")  # files of rag that know every room


def files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((REPOSITORY / package).rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def module(path: Path) -> str:
    return place(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def known(path: Path) -> frozenset[str]:
    """Return all that a file imports, at load, in functions and for its types."""
    return frozenset(imported(ast.walk(tree(path))))


def imported(nodes: Iterator[ast.AST]) -> set[str]:
    """Return what is imported, with the names from each module: `rag.types`, `rag.types.Answer`."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def at_load(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements that run when a module is imported."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from at_load(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            for inner in ("body", "orelse", "finalbody"):
                yield from at_load(getattr(node, inner, []))


@pytest.mark.parametrize("package", PACKAGES)
def test_the_arrows_point_one_way(package: str) -> None:
    for path in (REPOSITORY / package).rglob("*.py"):
        tops = {name.split(".")[0] for name in known(path)}
        assert tops.isdisjoint(FORBIDDEN[package]), place(path)


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {module(path): path for path in files()}
    edges = {name: imported(at_load(tree(path).body)) & set(names) - {name} for name, path in names.items()}
    seen: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " > ".join([*above, name])
        if name not in seen:
            for below in sorted(edges[name]):
                visit(below, (*above, name))
            seen.add(name)

    for name in names:
        visit(name, ())


def rooms_of(names: Iterable[str]) -> set[str]:
    """Return the rooms and files of rag among what is imported: `rag.text.words` is in "text"."""
    return {name.split(".")[1] for name in names if name.startswith("rag.")}


@pytest.mark.parametrize("floor", range(len(FLOORS)), ids=["-".join(floor) for floor in FLOORS])
def test_a_room_knows_only_what_is_below_it(floor: int) -> None:
    allowed = {*SHARED, *(room for below in FLOORS[: floor + 1] for room in below)}
    wrong = {
        f"{place(path)} knows {', '.join(sorted(above))}"
        for room in FLOORS[floor]
        for path in (REPOSITORY / "rag" / room).rglob("*.py")
        if (above := rooms_of(known(path)) - allowed)
    }
    assert not wrong


@pytest.mark.parametrize("name", SHARED)
def test_a_file_that_every_room_knows_knows_no_room(name: str) -> None:
    assert rooms_of(known(REPOSITORY / "rag" / f"{name}.py")) <= set(SHARED)


def test_every_room_has_its_floor() -> None:
    there = {path.stem for path in (REPOSITORY / "rag").iterdir() if not path.name.startswith("_")}
    assert there <= {*SHARED, *ROOF, *APART, *(room for floor in FLOORS for room in floor)}


def test_evaluation_and_training_are_loaded_by_no_other_room() -> None:
    others = [path for path in files() if not place(path).startswith(("ui/", *(f"rag/{room}/" for room in APART)))]
    assert not [place(path) for path in others if rooms_of(imported(at_load(tree(path).body))) & set(APART)]


@pytest.mark.parametrize(("library", "rooms"), ROOMS.items())
def test_each_heavy_library_has_its_room(library: str, rooms: tuple[str, ...]) -> None:
    users = {place(path) for path in files() if library in {name.split(".")[0] for name in known(path)}}
    assert users
    assert all(user.startswith(rooms) for user in users), users


@pytest.mark.slow
@pytest.mark.parametrize(
    "statements",
    [
        pytest.param("import ui.cli", id="command line"),
        pytest.param("import ui.cli; assert ui.cli.main(['--help']) == 0", id="help"),
        pytest.param("import ui.cli; assert ui.cli.main(['ask', '--help']) == 0", id="help of ask"),
        pytest.param("import ui.cli; assert ui.cli.main(['docs', 'list']) == 0", id="list of documents"),
        pytest.param("from ui import Studyhall", id="Python"),
    ],
)
def test_what_is_not_needed_is_not_loaded(statements: str) -> None:
    code = f"import sys; {statements}; print('loaded:', *sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stderr
    allowed = {"numpy", "tokenizers", "langchain_core"} if "'list'" in statements else set()
    assert set(done.stdout.rpartition("loaded:")[2].split()) <= allowed


@pytest.mark.slow
def test_asking_loads_no_loader_and_ingesting_no_language_model() -> None:
    asking = "from rag.chain import Chain; from rag.engine import Engine"
    ingesting = "import ingest.pipeline"
    for statements, unwanted in ((asking, {"pypdf", "pypdfium2", "trafilatura", "docx"}), (ingesting, {"llama_cpp"})):
        code = f"import sys; {statements}; print(*sorted({unwanted} & set(sys.modules)))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
        assert told.stdout.split() == []


def test_what_ui_offers_is_what_it_says() -> None:
    assert ui.__all__ == ["Studyhall"]
    offered = {name for name in vars(ui) if not name.startswith("_") and not hasattr(vars(ui)[name], "__path__")}
    modules = {path.stem for path in (REPOSITORY / "ui").iterdir()}
    assert offered - modules == set(ui.__all__)

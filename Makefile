# make demo      install, ingest the sample course, ask it a question
# make test      install what the tests need, run all of them
# make check     ruff, ruff format, mypy --strict, all tests: what a change must pass
# make bench     speed, against the usual tutorial pipeline: five minutes
# make bench-question, bench-memory, bench-fixtures, bench-html  the rest that is measured (tests/bench/README.md)
# make bench-quality  retrieval, answers and refusal on every set there is data for: ten minutes
# make bench-kill, bench-soak  kills, weeks of running and many clients in minutes; make fuzz  broken files and calls
# The rest: ui, test-fast, bench-gold, bench-quotes, bench-support, course, wheel, clean

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: demo ui test test-fast check bench bench-question bench-memory bench-fixtures bench-html bench-quality \
	bench-gold bench-kill bench-quotes bench-soak bench-support course fuzz wheel clean

demo: $(VENV)/.installed
	$(BIN)/studyhall demo

ui: $(VENV)/.installed
	$(BIN)/studyhall ui

test: $(VENV)/.test
	$(BIN)/python -m pytest

test-fast: $(VENV)/.test
	$(BIN)/python -m pytest -m "not slow" -q -n 2 --benchmark-disable

check: $(VENV)/.check $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench.speed
	$(BIN)/python -m tests.bench.embedding
	$(BIN)/python -m tests.bench.parsing
	$(BIN)/python -m tests.bench.unchanged

bench-question: $(VENV)/.installed
	$(BIN)/python -m tests.bench.question

bench-memory: $(VENV)/.installed
	$(BIN)/python -m tests.bench.memory

bench-fixtures: $(VENV)/.installed
	$(BIN)/python -m tests.bench.fixtures

bench-html: $(VENV)/.installed
	$(BIN)/python -m tests.bench.main_content

bench-quality: $(VENV)/.installed
	$(BIN)/python -m tests.bench.quality

bench-kill: $(VENV)/.test
	$(BIN)/python -m tests.bench.kill

bench-soak: $(VENV)/.test
	$(BIN)/python -m tests.bench.soak

fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz --minutes 30

bench-gold: $(VENV)/.installed
	$(BIN)/python -m tests.bench.gold

bench-quotes: $(VENV)/.installed
	$(BIN)/python -m tests.bench.quotes

bench-support: $(VENV)/.installed
	$(BIN)/python -m tests.bench.support

course: $(VENV)/.course
	$(BIN)/python data/sources/build.py
	$(BIN)/python data/sources/check_questions.py

wheel: $(VENV)/.bench
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Studyhall needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing. llama.cpp is compiled on the way: about five minutes, once."
	$(INSTALL) --editable ".[ocr,remote]"
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(INSTALL) --editable ".[test]"
	touch $@

$(VENV)/.check: $(VENV)/.installed
	$(INSTALL) --editable ".[check]"
	touch $@

$(VENV)/.bench: $(VENV)/.installed
	$(INSTALL) --editable ".[bench]"
	touch $@

$(VENV)/.course: $(VENV)/.installed
	$(INSTALL) --editable ".[course]"
	touch $@

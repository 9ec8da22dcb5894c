# Two commands for a fresh machine with Python 3.11: make report, make test. The rest is for developers.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
CORES  ?= all

.PHONY: report reproduce test proofs long-proofs mutants hostile oracle lint format schema lock benchmark clean help

report: $(VENV)/.ready  ## run the embedded example: three SYNTHETIC trials, raw export to report
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/snakemake reports --cores $(CORES) --quiet rules
	@echo "Reports (SYNTHETIC data):"
	@ls results/*/report/report.html results/*/report/report.docx results/*/report/report.pdf

reproduce: $(VENV)/.ready  ## recompute published numbers: results/ledger/ledger.{csv,html,docx,pdf}
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/snakemake reproduce --cores $(CORES) --quiet rules
	@ls results/ledger/ledger.*

test: $(VENV)/.ready  ## run the tests (some minutes on 2 cores)
	$(BIN)/python -m pytest -n auto --dist loadscope -m "not slow and not long" -q

proofs: $(VENV)/.ready  ## run the slower proofs: calibration at 20 000 trials, 10 000 simulated pilots, known inputs that came out wrong, 100 hostile changes
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow -q

long-proofs: $(VENV)/.ready  ## run the longest proofs: 100 000 simulated pilots
	$(BIN)/python -m pytest -n auto --dist load -m long -q

mutants: $(VENV)/.ready  ## do the tests notice small changes of meaning? a seeded sample of 600, goes on where it stopped
	$(BIN)/python tests/mutants/run.py; status=$$?; $(BIN)/python tests/mutants/small_changes.py; exit $$status

hostile: $(VENV)/.ready  ## what comes of seeded changes of raw files and plans that must be harmless or told? a quarter of an hour
	$(BIN)/python -m tests.hostile.run

oracle: $(VENV)/.ready  ## optional, needs R: compute the reference values again and compare
	$(BIN)/python tests/oracle/regenerate.py

lint: $(VENV)/.ready  ## format, types and layers
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile workflow
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/snakemake --lint

format: $(VENV)/.ready  ## format everything
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/snakefmt Snakefile workflow

schema: $(VENV)/.ready  ## write the JSON schema of the study plan
	$(BIN)/compassion-trials schema --out config/study.schema.json

benchmark: $(VENV)/.ready  ## speed next to statsmodels, and R when present
	$(BIN)/python benchmarks/run.py

# Pins stay as they are where they still fit; make lock UPGRADE=--upgrade takes the newest versions.
LOCK = $(BIN)/pip-compile --quiet $(UPGRADE) --generate-hashes --no-header --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: $(VENV)/.ready  ## lock the libraries with hashes, without index addresses
	$(LOCK) --output-file requirements.txt pyproject.toml
	$(LOCK) --extra test --extra lock --constraint requirements.txt --output-file requirements-test.txt pyproject.toml

$(VENV)/.ready: requirements-test.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-test.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q src $(VENV)/lib || true
	touch $@

clean:  ## remove what the workflow made
	rm -rf results/*/ logs .snakemake data/frostadottir2019/raw data/raab2015/raw data/yadavaia2014/raw

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/ -/'

# Everything from a machine with Python 3.11 and nothing else: each target sets up what it needs, once.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
PORT ?= $(or $(GRADIO_SERVER_PORT),7860)
BIN = .venv/bin
TABS = $(sort $(patsubst demos/%/__init__.py,%,$(wildcard demos/[a-z]*/__init__.py)))
FILES = demos/$(NAME) models/$(NAME).py training/*/$(NAME).py benchmarks/$(NAME).py tests/*/$(NAME) tests/*/test_$(NAME).py tests/*/*/test_$(NAME).py
WORDS = from demos import catalogue; print(*["$(NAME)", *(r.name for r in catalogue()["$(NAME)"].recipes)], sep=" or ")
SEEN = .venv/.installed

LOCK = .tools/bin/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade)

.PHONY: run test check mutants fuzz a-tab fit list verify lock licences audit clean
.DELETE_ON_ERROR:

run: $(SEEN)-run ## the app on http://127.0.0.1:7860
	@echo "Starting Wavelens on http://127.0.0.1:$(PORT) (Ctrl-C stops it) ..."
	@GRADIO_SERVER_PORT=$(PORT) $(BIN)/python app.py

test: check ## everything: the checks, then every test that is not fast (browser, data, long runs)
	@echo "Running the slow and the browser tests ..."
	@$(BIN)/python -m pytest -m "slow or browser or data"

check: a-tab $(SEEN)-dev ## format, lint, types, fast tests; make check NAME=digits for one tab, its recipes and the contracts
	@echo "Checking format, lint and types ..."
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/pyright $(if $(NAME),$(wildcard $(FILES)))
	@echo "Running the fast tests$(if $(NAME), of “$(NAME)” and the contracts) ..."
	@$(BIN)/python -m pytest -m "not (slow or browser or data)" $(if $(NAME),-k "$$($(BIN)/python -c '$(WORDS)') or test_tabs or test_architecture")

a-tab:
	@test -z "$(NAME)" || test -f "demos/$(NAME)/__init__.py" || { \
		echo "There is no tab “$(NAME)”. There are: $(TABS)"; exit 1; }

mutants: $(SEEN)-dev ## plant faults on purpose, one at a time: the tests must notice each
	@$(BIN)/python -m tests.mutants $(ONLY)

fuzz: $(SEEN)-dev ## try 1,000 things that no page would send: make fuzz URL=http://127.0.0.1:7860, or without one a server of its own
	@$(BIN)/python -m tests.fuzz $(URL) --cases $(or $(CASES),1000) --seed $(or $(SEED),1)

fit: $(SEEN)-run ## make fit NAME=mnist_mlp
	@test -n "$(NAME)" || { echo "Say which: make fit NAME=mnist_mlp (make list shows them)"; exit 1; }
	@$(BIN)/python -m training fit $(NAME)

list: $(SEEN)-run
	@$(BIN)/python -m training list

verify: $(SEEN)-run ## recompute every card from data and weights
	@for card in checkpoints/*/card.json; do name=$$(basename $$(dirname $$card)); echo "$$name"; \
		$(BIN)/python -m training evaluate $$name || exit 1; done

lock: .tools/.installed ## every package that is installed, with its version and hashes, from the pins in requirements*.txt; UPGRADE=1 moves the rest
	@$(LOCK) requirements.txt requirements-extra.txt --no-emit-package pesq -o requirements.lock
	@$(LOCK) requirements-dev.txt -c requirements.lock -o requirements-dev.lock \
		$$(sed -n 's/^\([a-z0-9.-]*\)==.*/--no-emit-package \1/p' requirements.lock | sort -u)
	@$(LOCK) requirements-extra.txt --no-deps -o requirements-extra.lock
	@$(LOCK) requirements-tools.txt -o requirements-tools.lock
	@wc -l requirements*.lock

licences: $(SEEN)-dev ## docs/licences.md, from the cards, the samples and the packages
	@$(BIN)/python -m tests.licences --write

audit: .tools/.installed ## ask the public list of vulnerabilities for every version in the locks
	@.tools/bin/pip-audit --strict --require-hashes --disable-pip $(addprefix -r ,$(wildcard requirements*.lock))

clean: ## throw the environments and the caches away; checkpoints stay
	rm -rf .venv .tools .pytest_cache .ruff_cache runs .gradio

$(SEEN)-run: requirements.lock requirements-extra.lock | .venv/bin/python
	@echo "Installing the requirements (a few minutes, once) ..."
	@$(call install,.venv,--only-binary :all: -r requirements.lock)
	@$(call pip,.venv) --no-deps --no-build-isolation -r requirements-extra.lock >/dev/null 2>&1 || \
		echo "PESQ could not be built (it needs a C compiler and Python's headers): its readings will be left out."
	@touch $@

$(SEEN)-dev: requirements-dev.lock $(SEEN)-run
	@echo "Installing the tools for tests and checks ..."
	@$(call install,.venv,--only-binary :all: -r requirements.lock -r requirements-dev.lock)
	@touch $@

.tools/.installed: requirements-tools.lock | .tools/bin/python
	@$(call install,.tools,--only-binary :all: -r requirements-tools.lock)
	@touch $@

%/bin/python:
	@test -n "$(PYTHON)" || { echo "Wavelens needs Python 3.11 or newer, and none was found. Install it, or say where it is: make run PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating the virtual environment with $(PYTHON) ..."
	@$(PYTHON) -m venv $* 2>/dev/null || { rm -rf $*; \
		echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

pip = $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
install = $(call pip,$(1)) $(2) || { \
	echo "The packages could not be installed. If pip speaks of a hash above: it was offered another file than the lock names, and took none of it; make clean and try again, or look at where your pip fetches from. If it finds no matching version: the locks (make lock) have none for this machine. Else: is there a network, and a few GB of disk? Then run the same command again; what was fetched is kept."; exit 1; }

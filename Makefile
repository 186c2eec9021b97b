# make install   .venv from requirements.lock; the others do it where it is missing
# make demo   the whole workflow on synthetic twins, in minutes
# make test   the tests
# make attack kills, bad files and bad configurations: all of tests/attack, in minutes
# make test-slurm   a campaign through a real Slurm, started on this machine; as root it installs slurm-wlm and munge
# make evidence   tables, figures, audit and report of the shipped runs; trains nothing
# make lint   ruff, pyright, snakefmt and snakemake --lint
PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin
READY := .venv/.ready

.PHONY: install demo evidence test attack test-demo test-slurm lint format lock summary counts graph schema clean

install: $(READY)

demo: $(READY)
	./tf4ctr run demo all --cores $(CORES)

evidence: $(READY)
	$(BIN)/python -m workflow render --from results/evidence
	$(BIN)/python -m workflow audit --from results/evidence --write
	$(BIN)/python -m workflow report --from results/evidence

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest

attack: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "attack or not attack" tests/attack
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m attack tests/test_workflow.py tests/train/test_workers.py

test-demo: demo
	$(BIN)/python -m pytest -n 0 -m demo tests/test_demo.py

test-slurm: $(READY)
	@if [ "$$(id -u)" = 0 ] && ! command -v slurmctld > /dev/null && command -v apt-get > /dev/null; then \
	    (apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
	    slurm-wlm munge > /dev/null) || echo "no Slurm could be installed"; fi
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m slurm -rs tests/slurm

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

$(READY): requirements.lock
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	ln -sf ../../tf4ctr $(BIN)/tf4ctr
	@touch $@

# A build tag such as +cpu is cut off: the lock names versions, the platform picks the build.
lock: $(READY)
	$(BIN)/pip-compile --quiet --strip-extras --no-header --no-emit-find-links --no-emit-index-url \
	    --no-emit-trusted-host --extra dev --extra slurm --output-file requirements.lock pyproject.toml
	sed -i 's/^\(torch==[0-9.]*\)+.*/\1/' requirements.lock

# What the audit finds without any run, into the README.
summary: $(READY)
	$(BIN)/python -m workflow summary

# What the models of the paper's campaigns ask of a machine, for forecasts without torch.
counts: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m workflow.cost.epochs

# The picture of the rules in docs/architecture.md.
graph: $(READY)
	$(BIN)/python -m workflow graph --configfile config/demo.yaml

schema: $(READY)
	$(BIN)/python -m workflow schema

clean:
	rm -rf results/demo paper_tables/demo figures/demo logs/demo

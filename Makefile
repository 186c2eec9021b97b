# make install   .venv from the lock files, with torch for the CPU if TORCH_INDEX or pip's own index has it
# make demo   the whole workflow on synthetic twins, in minutes
# make test   the tests
# make attack    the long part of the tests: killed commands, bad files and configurations, the rest of grids, in minutes
# make test-slurm   a campaign through a real Slurm, started on this machine; as root it installs slurm-wlm and munge
# make test-fresh   demo, tests and the image's steps on a bare Debian 12 and 13, as root with debootstrap
# make evidence   tables, figures, audit and report of the shipped runs; trains nothing
# make licences   docs/licences.md: the licence of every locked package
# make vulnerabilities   known vulnerabilities of the locked packages, by pip-audit
# make lint   ruff, pyright, snakefmt and snakemake --lint
PYTHON ?= python3
CORES ?= 2
BIN := .venv/bin
READY := .venv/.ready
DEV := .venv/.dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes

# Without this, Python may compile at every start: 2 s for torch alone, in each of hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo evidence test attack test-demo test-slurm test-fresh licences vulnerabilities lint format lock summary counts schema clean

install: $(READY)

demo: $(READY)
	./tf4ctr run demo all --cores $(CORES)

evidence: $(READY)
	$(BIN)/python -m workflow render --from results/evidence

test: $(DEV)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest

attack: $(DEV) # one more worker than cores, because tests that wait for a kill leave a core idle
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $$(( $(CORES) + 1 )) -m attack

test-demo: demo $(DEV)
	$(BIN)/python -m pytest -n 0 -m demo tests/test_demo.py

test-slurm: $(DEV)
	.ci/packages slurmctld slurm-wlm munge
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m slurm -rs tests/slurm

licences: $(DEV)
	$(BIN)/python .ci/licences.py

vulnerabilities: $(DEV)
	$(BIN)/python .ci/vulnerabilities.py

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/snakemake --lint

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow/rules

# torch for the CPU if an index has it: pip's configured one, or TORCH_INDEX. Else PyPI's, on Linux with CUDA.
$(READY): requirements.lock requirements-cpu.lock requirements-gpu.lock
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11')"
	$(PYTHON) -m venv .venv
	$(INSTALL) -r requirements.lock
	$(INSTALL) --no-deps $(TORCH_INDEX:%=--index-url %) -r requirements-cpu.lock || ( \
	    echo "No CPU build of torch at hand: taking PyPI's, with CUDA on Linux, which is several GB." \
	    "TORCH_INDEX=https://download.pytorch.org/whl/cpu has one."; $(INSTALL) --no-deps -r requirements-gpu.lock )
	ln -sf ../../tf4ctr $(BIN)/tf4ctr
	ln -sf ../../workflow/cli/snakemake $(BIN)/snakemake # see workflow/cli/shim.py
	@touch $@

$(DEV): $(READY) requirements-dev.lock
	$(INSTALL) -r requirements.lock -r requirements-dev.lock
	@touch $@

# All lock files, with hashes. UPGRADE=--upgrade takes the newest versions that fit.
lock: $(DEV)
	$(BIN)/python .ci/lock.py $(UPGRADE)

# Write the README's generated blocks.
summary: $(READY)
	$(BIN)/python -m workflow summary

# Count the work of the models of the paper's campaigns, for forecasts without torch.
counts: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m workflow.cost.epochs

schema: $(READY)
	$(BIN)/python -m workflow schema

clean:
	rm -rf results/demo paper_tables/demo figures/demo logs/demo

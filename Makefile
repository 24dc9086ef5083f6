PYTHON = python3
PROFILE = book
DATA = $(NEURONLIB_DATA)
DEVICE =

ifneq ($(words $(PROFILE)) $(filter smoke book paper,$(PROFILE)),1 $(PROFILE))
$(error PROFILE=$(PROFILE): choose smoke, book or paper)
endif
ifneq ($(DEVICE),)
ifneq ($(words $(DEVICE)) $(filter auto cpu cuda,$(DEVICE)),1 $(DEVICE))
$(error DEVICE=$(DEVICE): choose auto, cpu or cuda)
endif
endif

IN_VENV = .venv/bin/python
READY = .venv/.ready
STATE = $(CURDIR)/.venv/var

# Whatever Jupyter, IPython, matplotlib and torch write goes here, and the kernel is the one in .venv.
# Another environment that is activated: IPython warns of it, and a warning fails the tests.
unexport VIRTUAL_ENV
# Compiled modules are kept, so that each of the many processes of a build starts in one second and not in four.
unexport PYTHONDONTWRITEBYTECODE
export JUPYTER_PREFER_ENV_PATH = 1
export JUPYTER_CONFIG_DIR = $(STATE)/jupyter/config
export JUPYTER_DATA_DIR = $(STATE)/jupyter/data
export JUPYTER_RUNTIME_DIR = $(STATE)/jupyter/runtime
export IPYTHONDIR = $(STATE)/ipython
export MPLCONFIGDIR = $(STATE)/matplotlib
export TORCHINDUCTOR_CACHE_DIR = $(STATE)/inductor
ifneq ($(DATA),)
export NEURONLIB_DATA := $(abspath $(DATA))
endif

.PHONY: help env book pdf links quick test paper verdicts bench lock clean

# Long computations, whole chapters and commands are left to "make test".
QUICK = neuronlib/common neuronlib/data neuronlib/information neuronlib/networks neuronlib/ablation neuronlib/plots \
	neuronlib/plain.py tests/common tests/data tests/information tests/networks tests/ablation tests/plots \
	tests/facts/test_packaging.py tests/facts/test_habits.py

help:  ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "PROFILE=smoke|book|paper  how much the chapters compute (book)"
	@echo "DATA=DIR                  where MNIST, Fashion-MNIST and CIFAR-10 are, or are downloaded to (data)"
	@echo "DEVICE=auto|cpu|cuda      where to compute (as each chapter says)"
	@echo "PYTHON=python3.11         the Python, 3.11 or newer, that .venv is made from (python3)"

env: $(READY)  ## create or update .venv from requirements.txt

book: $(READY)  ## run the chapters that changed, and render the book to _build/html and _build/book.zip
	@$(IN_VENV) -m neuronlib book --profile $(PROFILE) $(if $(DEVICE),--device $(DEVICE))

pdf: book  ## print the book, without the library's reference, to _build/pdf/book.pdf; needs Chromium
	@$(IN_VENV) book/_ext/printing.py

links: book  ## ask whether the addresses that the book names are still there; needs the network
	@.venv/bin/jupyter-book build . --builder linkcheck

quick: $(READY)  ## lint, types, and the tests of the library's rooms, in about a minute
	@$(IN_VENV) -m ruff check
	@$(IN_VENV) -m ruff format --check
	@$(IN_VENV) -m mypy
	@OMP_NUM_THREADS=1 $(IN_VENV) -m pytest --quiet --numprocesses logical --maxprocesses 4 --dist loadfile \
		--durations=10 -m "not slow" $(QUICK)

test: $(READY)  ## lint, types, tests, doctests, and every chapter under the smoke profile
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check
	$(IN_VENV) -m mypy
	OMP_NUM_THREADS=1 $(IN_VENV) -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --durations=10

paper: $(READY)  ## compute what is missing of the paper's 40 settings and the studies, into results; .venv/bin/neuronlib status says how long
	$(IN_VENV) -m neuronlib run --all $(if $(DEVICE),--device $(DEVICE))

verdicts: $(READY)  ## write verdicts and pictures of README.md, from results; the book's first page shows them too
	$(IN_VENV) -m neuronlib claims --write README.md --picture book/_static/overview.svg --forest book/_static/forest.svg

bench: $(READY)  ## measure how fast the core is, and what the first hour costs, in an hour, into results/bench; needs MNIST and CIFAR-10
	$(IN_VENV) -m benchmarks
	$(IN_VENV) -m benchmarks.first

lock: $(READY)  ## pin in requirements.txt what pyproject.toml asks for
	$(IN_VENV) -m uv --quiet pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --output-file requirements.txt

clean:  ## remove the pages and the rendered book
	rm -rf _build book/*.ipynb

# Without the stamp an earlier set-up was interrupted and nothing in .venv is to be relied on.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(sys.version_info < (3, 11) and \
		"neuronlib needs Python 3.11 or newer, and $(PYTHON) is " + v + ": make PYTHON=python3.11 names another")'
	@test -e $@ || $(PYTHON) -m venv --clear .venv
	@rm -f $@
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.txt > .venv/uv.txt
	$(IN_VENV) -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	$(IN_VENV) -m uv pip sync --quiet --python $(IN_VENV) --require-hashes requirements.txt
	$(IN_VENV) -m uv pip install --quiet --python $(IN_VENV) --no-deps --no-build-isolation --editable .
	@mkdir -p $(STATE)
	@touch $@

# A thin front of dev.py, which also runs without make.
PYTHON ?= python3
PORT ?= 8000
DATA ?= demo-data
ROUNDS ?=

.PHONY: setup demo check test bench chaos mutants lock clean
setup check test bench mutants lock clean:
	@$(PYTHON) dev.py $@
demo:
	@$(PYTHON) dev.py demo --port $(PORT) --data $(DATA)
chaos:
	@$(PYTHON) dev.py chaos $(if $(ROUNDS),--rounds $(ROUNDS))

# A thin front of dev.py, which also runs without make.
PYTHON ?= python3
PORT ?= 8000
DATA ?= demo-data

.PHONY: setup demo check test bench lock clean
setup check test bench lock clean:
	@$(PYTHON) dev.py $@
demo:
	@$(PYTHON) dev.py demo --port $(PORT) --data $(DATA)

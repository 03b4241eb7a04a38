# A thin front of dev.py, which also runs without make.
PYTHON ?= python3
PORT ?= 8000
DATA ?= demo-data
ALONE ?=
ROUNDS ?=
KAFKA_PORT ?= 9092

.PHONY: setup demo check test test-slow bench dev-kafka chaos mutants lock clean
setup check test test-slow bench mutants lock clean:
	@$(PYTHON) dev.py $@
demo:
	@$(PYTHON) dev.py demo --port $(PORT) --data $(DATA) $(if $(ALONE),--alone)
dev-kafka:
	@$(PYTHON) dev.py dev-kafka --port $(KAFKA_PORT)
chaos:
	@$(PYTHON) dev.py chaos $(if $(ROUNDS),--rounds $(ROUNDS))

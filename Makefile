# What people and machines run. Everything is installed into .venv, nothing outside the folder.

PYTHON ?= python3
CARGO ?= cargo
BIN := .venv/bin

.PHONY: start test check index docs compat compat-docs admin-docs faults simulate crash kill cluster disk-full disk-slow flips bench bench-long bench-groups bench-suite bench-codec loadgen clean

start: .venv/installed
	$(BIN)/kafkacompat start

test: check
	$(BIN)/pytest -n 2 tests compat-tests
	KAFKACOMPAT_HIDE_PLATFORM=1 $(BIN)/pytest -n 2 tests/storage tests/kafkacompat

check: .venv/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

index: .venv/installed
	$(BIN)/python -m kafkacompat_protocol.generate_index
	$(BIN)/python -m kafkacompat.handlers.generate_index

docs: .venv/installed
	$(BIN)/python -m kafkacompat.config.generate_docs
	$(BIN)/python examples/embed.py

# Clients, tools and frameworks of others; CLIENT=franz_go or sarama@1.61.1, BROKER=kafka or both
compat: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python -m matrix \
		$(if $(CLIENT),--client $(CLIENT)) $(if $(BROKER),--broker $(BROKER))

compat-docs: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python -m matrix --write

# After make compat CLIENT=java@4.3.1 BROKER=both
admin-docs: .venv/installed-test
	$(BIN)/python compat-tests/java/admin_table.py

# What clients do when requests fail, written to docs/client-faults.md; CLIENT=aiokafka only one
faults: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python -m faults \
		$(if $(CLIENT),--client $(CLIENT))

# Coordinators under crashes and a bad network, SEEDS times each story
SEEDS ?= 1000
simulate: .venv/installed-test
	PYTHONPATH=.:protocol:storage $(BIN)/python -m tests.simulation --seeds $(SEEDS)

# The disk states that a crash may leave after each file operation of some workloads
STATES ?= 10000
SEED ?= 0
crash: .venv/installed-test
	PYTHONPATH=.:protocol:storage $(BIN)/python -m tests.crash --states $(STATES) --seed $(SEED)

# A broker killed while it compacts, and Kafka compacting the same files; needs Java and Maven
RECORDS ?= 5000000
KEYS ?= 100000
KILLS ?= 20
compaction: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python compat-tests/compaction_campaign.py \
		--records $(RECORDS) --keys $(KEYS) --kills $(KILLS)

# Killed at every system call that changes files, POINTS of them; needs a C compiler
POINTS ?= 1000
kill: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python compat-tests/kill_points.py --points $(POINTS) --seed $(SEED)

# Three brokers of one process, of which one after the other dies and comes back; needs Java
CLUSTER_SECONDS ?= 60
cluster: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python compat-tests/cluster_campaign.py \
		--seconds $(CLUSTER_SECONDS)

# A small tmpfs that is full for SECONDS under load; needs root
SECONDS ?= 30
disk-full: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python compat-tests/disk/full.py --seconds $(SECONDS)

# A disk whose writes and syncs take 5 s for SECONDS, then fail; needs a C compiler
disk-slow: .venv/installed-test
	PYTHONPATH=.:compat-tests:protocol:storage $(BIN)/python compat-tests/disk/slow.py --seconds $(SECONDS)

# Every bit of every kind of file wrong, one at a time; EVERY=10 takes a tenth of them
EVERY ?= 1
flips: .venv/installed-test
	PYTHONPATH=.:protocol:storage $(BIN)/python -m tests.crash.flips --every $(EVERY)

# Beside Apache Kafka on this machine; QUICK=1 runs each row once and writes nothing
bench: .venv/installed-test loadgen
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick,--write)

bench-long: .venv/installed-test loadgen
	$(BIN)/python -m benchmarks --long --write

# Many consumer groups at rest, and one that 500 members join; needs no Rust
bench-groups: .venv/installed-test
	PYTHONPATH=.:protocol:storage $(BIN)/python -m benchmarks.groups

# A hundred tests on a broker of the plugin and on Apache Kafka, written to docs/testing.md
bench-suite: .venv/installed-test
	PYTHONPATH=.:protocol:storage $(BIN)/python -m benchmarks.suite --write

bench-codec: .venv/installed-test
	$(BIN)/python -m benchmarks.codec

loadgen:
	$(CARGO) build --quiet --release --manifest-path benchmarks/loadgen/Cargo.toml \
		$(if $(QUICK),--no-default-features)

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch .venv/installed $@

# LaneAgent: the two commands of the README are `make demo` and `make test`.

PACKAGES = libmodbus-dev libserialport-dev libsqlite3-dev libssl-dev pkg-config python3-venv faketime
SOURCES  = Sources Simulators Tests Benchmarks Fuzz Package.swift

# The demo: which method, which vehicle drives, with which seed, how many times faster than life.
METHOD  ?= asm
VEHICLE ?= clean
SEED    ?= 1
SPEED   ?= 25

# How much `make crash` breaks; CRASH_SEED=n repeats what a run has printed.
CRASH_TESTS    ?= 200
CRASH_PREFIXES ?= 5000

# How many runs `make chaos` makes, how long `make fuzz` takes for each target, and which sanitizer.
CHAOS_MEMORY ?= 10000
CHAOS_PTY    ?= 500
SECONDS      ?= 10
SANITIZER    ?= address

DESTDIR ?=
PREFIX  ?= /usr/local

BUILD     = swift build -c release
RUN_TESTS = swift test -c release --skip-build
# So that a test that hangs ends the run, and says so, long before whoever waits for the run does.
LIMITED   = timeout 900 $(RUN_TESTS)
AT_A_TIME = --experimental-maximum-parallelization-width

SANITIZED = ASAN_OPTIONS=detect_leaks=0 CHAOS_MEMORY=20 CHAOS_PTY=3 timeout 1500 \
            swift test --skip-build --sanitize $(SANITIZER) --scratch-path .build-$(SANITIZER)

LANE         = .build/release/lane
STATION      = .build-station
STATION_LANE = $(STATION)/release/lane

.PHONY: demo test crash chaos fuzz sanitize unit-test end-to-end station-test verifier-test schema-test bench lint format deps build install install-station install-share clean

demo: build
	$(LANE) demo $(METHOD) --vehicle $(VEHICLE) --seed $(SEED) --speed $(SPEED)

build: deps
	$(BUILD) --product lane

test: deps unit-test end-to-end

# In a release build, since the property tests run thousands of whole tests. Chaos counts threads and files and has a
# process to itself; of the others two at a time, since two cores are few for tests of timeouts.
unit-test: deps
	$(BUILD) --build-tests
	$(LIMITED) --parallel --filter PropertyTests
	$(LIMITED) --filter ChaosTests
	$(LIMITED) $(AT_A_TIME) 2 --skip 'EndToEnd|SessionTests|PropertyTests|ChaosTests'

# A lane killed at every step and at random during many tests, its power cut at thousands of moments, every write failed.
crash: deps
	$(BUILD) --build-tests
	CRASH_TESTS=$(CRASH_TESTS) CRASH_PREFIXES=$(CRASH_PREFIXES) $(RUN_TESTS) --no-parallel --filter CrashTests

# Random models, methods and faults, in memory and over pseudo-terminals; CHAOS_SEED=n repeats what a run has printed.
chaos: deps
	$(BUILD) --build-tests
	CHAOS_MEMORY=$(CHAOS_MEMORY) CHAOS_PTY=$(CHAOS_PTY) $(RUN_TESTS) --filter ChaosTests

# Every codec under libFuzzer, each target so many seconds; what it finds lies beside the build, under findings.
fuzz: deps
	swift build --package-path Fuzz --scratch-path .build-fuzz --sanitize fuzzer -Xswiftc -parse-as-library
	Fuzz/run .build-fuzz/debug/fuzz $(SECONDS)

# Codec, bus and lane under a sanitizer (address or thread), which needs a build of its own. Leaks are not looked for:
# the leak checker does not know a reference in whose spare bits Swift keeps the case of an enumeration. What the thread
# sanitizer reports of variables inside a Mutex is wrong: it does not see that lock.
sanitize: deps
	swift build --build-tests --sanitize $(SANITIZER) --scratch-path .build-$(SANITIZER)
	$(SANITIZED) --filter ChaosTests
	$(SANITIZED) --no-parallel --filter 'InstrumentsTests|SessionTests|WireLogTests|ActionQueueTests'

# Whole lanes in life's pace or somewhat faster, which mostly wait; and the program run from outside, as a person runs it.
end-to-end: deps
	$(BUILD) --build-tests
	$(LIMITED) $(AT_A_TIME) 2 --filter 'EndToEnd|SessionTests'

# The station's program: no simulator in it, and it refuses a pseudo-terminal.
station-test: deps
	$(BUILD) --product lane --disable-default-traits --scratch-path $(STATION)
	$(BUILD) --product lane
	Tests/StationBuild/check $(STATION_LANE) $(LANE)

# The verifier in Python, written from Docs/RecordFormat.md alone, beside the program: over the vectors and over
# records of a simulated lane. Its libraries come from the Python package index into .venv.
verifier-test: deps
	$(BUILD) --product lane
	Tests/Verifier/run $(LANE)

# Packs, device profiles and records against their JSON Schemas, with Python's jsonschema from .venv.
schema-test: deps
	Tests/Schemas/run

bench: deps .build-bench/venv/bin/python
	swift build -c release --package-path Benchmarks --scratch-path .build-bench
	.build-bench/release/benchmarks

# pymodbus, to measure beside; the system's own pip is closed.
.build-bench/venv/bin/python:
	mkdir -p .build-bench && python3 -m venv .build-bench/venv
	.build-bench/venv/bin/pip install --quiet pymodbus pyserial

lint:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

# The developers' program, with simulators; a station installs its own, which has none.
install: build
	install -D -m 0755 $(LANE) $(DESTDIR)$(PREFIX)/bin/lane
	$(MAKE) install-share

install-station: deps
	$(BUILD) --product lane --disable-default-traits --scratch-path $(STATION)
	install -D -m 0755 $(STATION_LANE) $(DESTDIR)$(PREFIX)/bin/lane
	$(MAKE) install-share

install-share:
	find Devices -type f | while read -r file; do \
	    install -D -m 0644 "$$file" "$(DESTDIR)$(PREFIX)/share/laneagent/$$file"; done

# Debian's packages; nothing is done where they are there already.
deps:
	@missing=""; for package in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    if [ "$$(id -u)" -ne 0 ]; then \
	        echo "These Debian packages are missing:$$missing"; \
	        echo "Install them as root: apt-get update && apt-get install -y$$missing"; \
	        exit 1; \
	    fi; \
	    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q $$missing; \
	fi
	@command -v swift >/dev/null || { echo "Swift 6.3 or later is needed: https://www.swift.org/install/linux"; exit 1; }

clean:
	rm -rf .build .build-station .build-bench .build-fuzz .build-address .build-thread

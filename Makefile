TOOL     := go tool -modfile=$(CURDIR)/tools/go.mod
FUZZTIME := 10s
LOAD     := 30s
SOAK     := 30m
PHASE    := 6s
DEAD     := 5m

.DEFAULT_GOAL := help
.PHONY: help run build test bench lint fuzz load faults https soak report sharing compare deploy console release

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the demo: a built-in CRM and the adapter in front of it, ready to curl
	go run ./cmd/bonus-adapter demo

build: ## bin/bonus-adapter, static
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/bonus-adapter ./cmd/bonus-adapter

test: ## go vet, and every test under the race detector
	go vet ./...
	go test -race -count=1 -timeout 10m ./...

bench: ## every benchmark, with allocations
	go test -run '^$$' -bench . -benchmem ./...

lint: ## gofumpt, go vet, staticcheck, errcheck (versions: tools/go.mod)
	@unformatted=$$($(TOOL) gofumpt -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "not in gofumpt's form:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) errcheck -ignore 'fmt:^Fprint' -exclude tools/errcheck.txt ./...
	cd test && go vet ./... && $(TOOL) staticcheck ./...

# Go 1.26 sometimes reports the end of -fuzztime as a failure (golang/go#75804, fixed in 1.27): alone, it is none.
TIME_IS_UP := grep -qx '    context deadline exceeded'
REAL       := grep -q 'Failing input\|panic:\|^    --- FAIL'

fuzz: ## every fuzz target of every package, each for FUZZTIME (10s)
	@set -e; packages=$$(go list ./...); \
	for package in $$packages; do \
		listed=$$(go test -list '^Fuzz' $$package) || { echo "$$listed"; exit 1; }; \
		for target in $$(echo "$$listed" | grep '^Fuzz' || true); do \
			echo "== $$package $$target"; \
			log=$$(go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package 2>&1) || \
				{ echo "$$log" | $(TIME_IS_UP) && ! echo "$$log" | $(REAL); } || \
				{ echo "$$log"; exit 1; }; \
			echo "$$log" | grep '^fuzz: elapsed' | tail -n 1; \
		done; \
	done

load: ## the demo under 200 requests a second for LOAD (30s); make test does it shortly under the race detector
	go test -count=1 -v -run '^TestDemoUnderLoad$$' ./cmd/bonus-adapter -args -load $(LOAD)

faults: ## the faults of docs/faults.md that need real parts: a fault proxy, processes, signals, limits of the machine
	cd test && go test -race -count=1 -timeout 10m ./faults/

https: ## the public port's TLS: a real ACME authority, curl, and certificates that change under load
	cd test && go test -race -count=1 -timeout 5m ./https/

sharing: ## what replicas have in common: a real Redis, lost and found, and replicas behind a real proxy
	test/install.sh
	cd test && go test -race -count=1 -timeout 10m ./sharing/

soak: ## the program for SOAK (30m) under load and rotating faults: memory, files and threads stay flat; writes the figures
	cd test && go test -count=1 -v -timeout 2h ./soak/ -args -soak $(SOAK) $(if $(REPORT),-report $(abspath $(REPORT)))

report: ## measures overload, a herd and a CRM that is dead for DEAD (5m), and writes docs/resilience.md; a phase lasts PHASE (6s)
	cd test && go test -count=1 -v -timeout 1h ./report/ -args -phase $(PHASE) -dead $(DEAD) -report $(CURDIR)/docs/resilience.md

deploy: ## what is in deploy/, by the tools that carry it out: helm, systemd, promtool, a release, and compose if there is a Docker engine
	cd test && go test -count=1 -timeout 19m ./deploy/

console: ## the console in a real browser; writes screenshots into SHOTS if that is set
	test/install.sh
	cd test && go test -count=1 -timeout 8m ./console/ -args $(if $(SHOTS),-screenshots $(abspath $(SHOTS)))

release: ## dist/: binaries for five platforms, Debian packages, a list of parts, checksums
	deploy/release.sh

compare: ## the adapter beside a handler written by hand and a proxy, in turns: what a request costs each (needs a quiet machine)
	cd bench && go run .

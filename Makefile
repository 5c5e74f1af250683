# One command each; CI calls the same. `make help` prints this list.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CONFIGURATION ?= Release
MINUTES ?= 30
SEED ?= 1
PYTHON ?= /usr/bin/python3

help: ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | column -t -s $$'\t'

setup: ## install what the demo and the service need (safe to repeat)
	@eng/setup.sh

build: setup ## compile everything, warnings are errors
	@dotnet build Streaming.sln -c $(CONFIGURATION) --nologo -v q

demo: setup ## no camera, broker or GPU needed: rolling detections from a bundled clip
	@./actionstream demo

unit: ## the inner loop: fast tests; no network, no services, nothing installed
	@dotnet test tests/Unit -c $(CONFIGURATION) --nologo

test: setup ## all tests, on the CPU; installs what they need where it may
	@eng/test.sh

lint: setup ## formatting and style, changes nothing
	@dotnet format Streaming.sln --verify-no-changes

golden: ## rewrite the golden files, then read the diff
	@UPDATE_GOLDEN=1 eng/test.sh --filter 'FullyQualifiedName~Unit|FullyQualifiedName~MetricsTests' && git diff --stat

soak: setup ## MINUTES=30: four cameras, one of them flapping, with recordings, a browser and a broker; prints slopes per hour
	@SOAK_MINUTES=$(MINUTES) dotnet test tests/EndToEnd -c $(CONFIGURATION) --nologo --filter FullyQualifiedName~SoakTests --logger 'console;verbosity=detailed'

chaos: RUNS = 1
chaos: SECONDS = 600
chaos-many: RUNS = 100
chaos-many: SECONDS = 30
chaos: setup ## SECONDS=600 SEED=1: everything fails by chance but two cameras, which must not notice; RUNS=1
chaos-many: setup ## RUNS=100 SECONDS=30: the same, short and often, each with the next seed from SEED=1
chaos chaos-many:
	@dotnet build tests/EndToEnd -c $(CONFIGURATION) --nologo -v q
	@set -o pipefail; CHAOS_SECONDS=$(SECONDS) CHAOS_SEED=$(SEED) CHAOS_RUNS=$(RUNS) CHAOS_SAYS=/proc/$$$$/fd/2 \
	  dotnet test tests/EndToEnd -c $(CONFIGURATION) --nologo --no-build --filter FullyQualifiedName~ChaosTests.As_long | tail -n 1

kills: SECONDS = 600
kills: setup ## SECONDS=600 SEED=1: readers and decoders of six cameras are killed and stopped by chance; every frame must be its own camera's
	@dotnet build tests/EndToEnd -c $(CONFIGURATION) --nologo -v q
	@set -o pipefail; KILLS_SECONDS=$(SECONDS) KILLS_SEED=$(SEED) KILLS_SAYS=/proc/$$$$/fd/2 \
	  dotnet test tests/EndToEnd -c $(CONFIGURATION) --nologo --no-build --filter FullyQualifiedName~KilledAtRandomTests.As_long | tail -n 1

measure: setup ## prints what documents claim: three cameras, 200 kills at a child's start, cost of MQTT, what a sub-stream saves
	@MEASURE=1 dotnet test tests/EndToEnd -c $(CONFIGURATION) --nologo --logger 'console;verbosity=detailed' \
	  --filter 'FullyQualifiedName~ThreeCameras|FullyQualifiedName~Orphan|FullyQualifiedName~kill|FullyQualifiedName~MqttCost|FullyQualifiedName~SubStreamCost' | grep -vE '^\[xUnit|^$$'

measure-models: setup ## full-size models on one thread: build, load, run, int8, against PyTorch's exports
	@MEASURE=1 dotnet test tests/EndToEnd -c $(CONFIGURATION) --nologo --logger 'console;verbosity=detailed' \
	  --filter 'FullyQualifiedName~SpeedTests' | grep -vE '^\[xUnit|^$$'

measure-outage: setup ## ten minutes without a broker under load: what a subscriber sees afterwards
	@MEASURE=1 dotnet test tests/EndToEnd -c $(CONFIGURATION) --nologo --logger 'console;verbosity=detailed' \
	  --filter 'FullyQualifiedName~OutageTests' | grep -vE '^\[xUnit|^$$'

bench: setup ## micro-benchmarks
	@dotnet run --project bench/Micro -c Release -- --filter '*'

train: ## the default model from rendered people, on the CPU (hours; the same command goes on where it stopped)
	@cd training && $(PYTHON) train.py --seed 0 && $(PYTHON) export.py

train-gpu: MINUTES = 10
train-gpu: WORKERS = $(shell echo $$(($$(nproc) - 1)))
train-gpu: ## the shipped recipe: MINUTES=10 of one data-centre GPU, while WORKERS=15 cores render what it learns from
	@cd training && $(PYTHON) train.py --seed 0 --device cuda --within $(MINUTES) --workers $(WORKERS) --pool-size 84000 --quiet 6000 --start-with 3000 --refresh 3 \
	  --apart 1200 --apart-every 8 --keep 49 --taught 8 --batch 256 --rate 8e-4 --warm-up 300 --augment 0.6 --every 0.5 && $(PYTHON) export.py

test-training: ## the trainer's own tests (python3-torch; ../shared for some)
	@OMP_NUM_THREADS=1 $(PYTHON) -m unittest discover -s training/tests -t training

docker: ## build the container image
	docker build -t actionstream .

clean: ## remove everything that was built
	rm -rf artifacts

.PHONY: help setup build demo unit test lint golden soak chaos chaos-many kills measure measure-models measure-outage bench train train-gpu test-training docker clean

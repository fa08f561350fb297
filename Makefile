# The short way to what CMake and scripts/ do. `make demo` and `make test` need only git, make and
# apt: scripts/setup installs the rest. With SETUP=true nothing is installed.
SETUP ?= scripts/setup
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.PHONY: all demo demo-arm demo-cortex-m demo-pi quantize-mnist test bench bench-peers bench-arm size format lint clean install setup

all: setup
	cmake --preset release
	cmake --build --preset release -j $(JOBS)

# Handwritten digits, on this machine and on an emulated Arm one.
demo: setup
	scripts/demo

# The same network on emulated Arm CPUs, on microcontrollers, on a machine that boots Linux.
demo-arm: setup
	scripts/demo-arm
demo-cortex-m: setup
	scripts/demo-cortex-m
demo-pi: setup
	$(SETUP) pi
	scripts/demo-pi

# One network for handwritten digits, quantized in every way: what each costs and saves.
quantize-mnist: setup
	$(SETUP) quantize
	cmake --preset release
	cmake --build --preset release -j $(JOBS) --target quaver_tool
	scripts/quantize-mnist

# Every configuration: this machine, sanitizers, Clang, 64- and 32-bit Arm Linux, Cortex-M boards.
test: setup
	scripts/test

bench: all
	scripts/bench

# Instructions per inference on emulated Arm CPUs, beside the peers that can be had.
bench-arm: setup
	-$(SETUP) peers
	scripts/bench-arm

# Bytes of code on devices, and of RAM.
size: setup
	scripts/size

# Beside ONNX Runtime and XNNPACK, in one run.
bench-peers: setup
	$(SETUP) peers
	cmake --preset peers
	cmake --build --preset peers -j $(JOBS) --target bench_peers
	scripts/bench-peers

format:
	git ls-files '*.cc' '*.h' '*.hpp' ':!:*/generated/*' | xargs clang-format -i

lint: setup
	scripts/lint

install: all
	cmake --install build --prefix $(PREFIX)

clean:
	rm -rf build build-*

setup:
	@$(SETUP)

# A thin face over CMake and Ninja: `make help` lists what there is.

LAYER   ?= conv1
CONFIG  ?= base
BACKEND ?= rtl
MODEL   ?=
IMAGES  ?=
SEED    ?=
BENCH   ?=

ifeq ($(BENCH),)
BUILD := build
else
BUILD := build-bench
CMAKE_FLAGS += -DWEFT_BENCH=ON
endif

CONFIGS  := $(sort $(basename $(notdir $(wildcard configs/hardware/*.yaml))))
JOBS     ?= $(shell nproc 2>/dev/null || echo 2)
# Only what the run needs: the command, and the one model it runs on.
SIM_NEEDS := weft $(if $(filter rtl,$(BACKEND)),weft_rtl_$(CONFIG))
flag      = $(if $(2),--$(1) '$(2)')
SIM_FLAGS := $(if $(MODEL),'$(MODEL)') $(call flag,layer,$(LAYER)) $(call flag,config,$(CONFIG)) \
             $(call flag,backend,$(BACKEND)) $(call flag,images,$(IMAGES)) $(call flag,seed,$(SEED))

.PHONY: help sim test build docs data doctor bootstrap configure check-config clean
.DEFAULT_GOAL := help

help:
	@echo 'make sim     run a layer on the simulated machine and compare it with the golden model'
	@echo '             LAYER=conv1 MODEL=file.tflite CONFIG=base BACKEND=rtl|emulator IMAGES=n SEED=n'
	@echo '             (LAYER=all: the whole network; each: every layer alone, then all;'
	@echo '              BENCH=1: fastest build, in build-bench/)'
	@echo 'make test    build everything and run every test'
	@echo 'make build   build everything'
	@echo 'make docs    write docs/isa.md, registers.md and operators.md anew'
	@echo 'make data    fetch the MNIST test digits into data/mnist (checked against their checksums)'
	@echo 'make doctor  what Weft needs of this machine, and what of it is here'
	@echo 'make clean   remove what was built'
	@echo 'Configurations: $(CONFIGS). Missing packages are installed; NO_INSTALL=1 only names them.'

sim: check-config configure
	@cmake --build $(BUILD) --target $(SIM_NEEDS)
	@$(BUILD)/bin/weft verify $(SIM_FLAGS)

test: build
	@ctest --test-dir $(BUILD) --output-on-failure -j$(JOBS)

build: configure
	@cmake --build $(BUILD)

docs: configure
	@cmake --build $(BUILD) --target docs

data:
	@scripts/fetch_mnist

doctor:
	@scripts/bootstrap --list

bootstrap:
	@scripts/bootstrap

# Once; from then on Ninja sees for itself when CMake must run again.
configure: bootstrap
	@if [ ! -f $(BUILD)/build.ninja ]; then \
	  mkdir -p $(BUILD) && \
	  cmake -S . -B $(BUILD) -G Ninja $(CMAKE_FLAGS) >$(BUILD)/configure.log || \
	  { echo 'Configuration failed; $(BUILD)/configure.log has it all.' >&2; exit 1; }; \
	fi

check-config:
	@case ' $(CONFIGS) ' in *' $(CONFIG) '*) ;; *) \
	  echo "CONFIG=$(CONFIG) is not known; there are: $(CONFIGS)" >&2; exit 2;; esac

clean:
	@rm -rf build build-bench

# A thin face over CMake and Ninja: `make help` lists what there is.

LAYER   ?= conv1
CONFIG  ?= base
BACKEND ?= rtl
MODEL   ?=
IMAGES  ?=
SEED    ?=
BENCH   ?=
NET     ?=
CHECK   ?=
STRICT  ?=
# Of the waves.
WAVES   ?=
CYCLES  ?=
PES     ?=

ifeq ($(BENCH),)
BUILD := build
else
BUILD := build-bench
CMAKE_FLAGS += -DWEFT_BENCH=ON
endif

# Packages that some tests need and the build does not.
OPTIONAL_TOOLS := doxygen python3-dev pybind11-dev python3-venv gcc-riscv64-unknown-elf libunicorn-dev

CONFIGS  := $(sort $(basename $(notdir $(wildcard configs/hardware/*.yaml))))
JOBS     ?= $(shell nproc 2>/dev/null || echo 2)
# Only what the run needs: the command, and the one model it runs on.
SIM_NEEDS := weft $(if $(filter rtl systemc,$(BACKEND)),weft_rtl_$(CONFIG)) \
             $(if $(filter systemc systemc_lt,$(BACKEND)),weft_systemc)
WAVE_MODEL := $(if $(filter rtl,$(BACKEND)),weft_rtl_$(CONFIG)_waves$(if $(PES),_pes))
WAVE_FILE  := $(BUILD)/waves/$(LAYER)-$(CONFIG).fst
flag      = $(if $(2),--$(1) '$(2)')
SIM_FLAGS := $(if $(MODEL),'$(MODEL)') $(call flag,layer,$(LAYER)) $(call flag,config,$(CONFIG)) \
             $(call flag,backend,$(BACKEND)) $(call flag,images,$(IMAGES)) $(call flag,seed,$(SEED))

ONE_LAYER := $(if $(filter command environment,$(origin LAYER)),$(LAYER))
# Everything, unless a configuration was asked for.
ONE_CONFIG := $(if $(filter command environment,$(origin CONFIG)),$(CONFIG))
# Read from the environment by scripts/elaborate and scripts/lint.
export WEFT_BUILD := $(BUILD)

# WAVES=1 makes them of the run, of all of it unless CYCLES says which.
ifneq ($(WAVES),)
SIM_NEEDS := weft $(WAVE_MODEL)
sim: SIM_FLAGS += --waves '$(WAVE_FILE)'
endif
sim: SIM_FLAGS += $(call flag,cycles,$(CYCLES)) $(if $(PES),--waves-pes)

.PHONY: help sim suite eval bench bench-here waves profile test build rtl elaborate lint format docs data \
        doctor bootstrap configure facts check-config clean clean-all
.DEFAULT_GOAL := help

help:
	@echo 'make sim     run a layer on the simulated machine and compare it with the golden model'
	@echo '             LAYER=conv1 MODEL=file.tflite CONFIG=base BACKEND=rtl|emulator|systemc|systemc_lt IMAGES=n SEED=n'
	@echo '             (LAYER=all: the whole network; each: every layer alone, then all;'
	@echo '              BENCH=1: fastest build, in build-bench/)'
	@echo 'make suite   every network of configs/suites.yaml that is there, in one table: CONFIG=base BACKEND=rtl|emulator|systemc|systemc_lt'
	@echo 'make eval    accuracy over all test digits, every output byte held against the golden model: CONFIG=base'
	@echo '             BACKEND=rtl|emulator|systemc|systemc_lt MODEL=file.tflite IMAGES=n BENCH=1; a device for each core, goes on where stopped'
	@echo 'make waves   the same with waves, and open them in GTKWave; after a FAIL those of the first wrong write'
	@echo '             CYCLES=a:b|all PES=1 (the inside of the array, too); WAVES=1 make sim only writes them'
	@echo 'make profile where the cycles of a run go: tables, a page for the browser, a trace for Perfetto'
	@echo '             MODEL=file.tflite LAYER=all CONFIG=base SEED=n'
	@echo 'make bench   measure the suite, ResNet-50 and a matrix product in the fastest build: cycles, speed, memory'
	@echo '             NET=resnet50 CONFIG=base; scripts/bench_compare A.json B.json holds two against each other'
	@echo 'make test    build everything and run every test'
	@echo 'make build   build everything'
	@echo 'make rtl     the RTL of one configuration as a folder of its own: CONFIG=base'
	@echo 'make elaborate  read the RTL with Yosys and slang, synthesise tiny (CONFIG=: one, not all)'
	@echo 'make lint    checks that run nothing: CHECK="rtl cxx shell yaml docs pages text" (all)'
	@echo 'make format  clang-format over the C++ sources'
	@echo 'make docs    write docs/isa.md, registers.md, weft.rdl and operators.md anew'
	@echo 'make data    fetch the MNIST test digits into data/mnist (checked against their checksums)'
	@echo 'make doctor  what Weft needs of this machine, and what of it is here'
	@echo 'make clean   remove what was built; clean-all: what was fetched as well'
	@echo 'Configurations: $(CONFIGS). Missing packages are installed; NO_INSTALL=1 only names them.'

sim: check-config configure
	@cmake --build $(BUILD) --target $(SIM_NEEDS)
	@$(BUILD)/bin/weft verify $(SIM_FLAGS)

suite: check-config configure
	@cmake --build $(BUILD) --target $(SIM_NEEDS)
	@$(BUILD)/bin/weft suite --config '$(CONFIG)' --backend '$(BACKEND)'

# Always the benchmark build, whatever BENCH says.
bench: check-config
	@$(MAKE) --no-print-directory BENCH=1 bench-here

bench-here: configure
	@cmake --build $(BUILD) --target weft weft_rtl_$(CONFIG)
	@$(BUILD)/bin/weft bench --config '$(CONFIG)' $(call flag,net,$(NET))

# Of the whole network, unless a layer was asked for.
profile: check-config configure
	@cmake --build $(BUILD) --target weft weft_rtl_$(CONFIG)
	@$(BUILD)/bin/weft profile $(if $(MODEL),'$(MODEL)') $(call flag,layer,$(if $(ONE_LAYER),$(LAYER))) \
	  $(call flag,config,$(CONFIG)) $(call flag,seed,$(SEED))

eval: check-config configure
	@cmake --build $(BUILD) --target $(SIM_NEEDS)
	@$(BUILD)/bin/weft eval $(if $(MODEL),'$(MODEL)') --golden --config '$(CONFIG)' --backend '$(BACKEND)' \
	  $(call flag,images,$(IMAGES))

# They are wanted most where the run fails.
waves: check-config configure
	@cmake --build $(BUILD) --target weft $(WAVE_MODEL)
	@rm -f '$(WAVE_FILE:.fst=.gtkw)'; \
	$(BUILD)/bin/weft verify $(SIM_FLAGS) --waves '$(WAVE_FILE)' --cycles '$(or $(CYCLES),auto)' $(if $(PES),--waves-pes); \
	status=$$?; \
	[ ! -f '$(WAVE_FILE:.fst=.gtkw)' ] || scripts/show_waves '$(WAVE_FILE:.fst=.gtkw)' || status=$$?; \
	exit $$status

# What these are for is left out and its tests are skipped, in words, where they cannot be had; so the
# want of them stops nothing. Before the build, which looks for them; an older one looks again.
test:
	@for tool in $(OPTIONAL_TOOLS); do scripts/bootstrap $$tool || true; done
	@$(MAKE) --no-print-directory configure
	@cmake $(BUILD) >$(BUILD)/configure.log
	@$(MAKE) --no-print-directory build
	@scripts/run_tests $(BUILD) -j$(JOBS)

build: configure
	@cmake --build $(BUILD)

rtl: check-config facts
	@scripts/export_rtl $(CONFIG) $(BUILD)

elaborate: check-config facts
	@scripts/elaborate $(ONE_CONFIG)

lint: facts
	@scripts/lint $(if $(STRICT),--strict) $(CHECK)

format:
	@git ls-files --cached --others --exclude-standard -- 'sw/*.cc' 'sw/*.h' 'sim/*.cc' 'sim/*.h' \
	  'tb/*.cc' 'tb/*.h' 'examples/*.cc' 'examples/*.h' 'sw/*.c' 'examples/*.c' | xargs clang-format -i

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
	@if [ $(BUILD) = build ]; then ln -sfn build/compile_commands.json compile_commands.json; fi

# weftgen and what it writes: packages, headers.
facts: configure
	@cmake --build $(BUILD) --target weft_generated >$(BUILD)/facts.log || \
	  { cat $(BUILD)/facts.log >&2; exit 1; }

check-config:
	@case ' $(CONFIGS) ' in *' $(CONFIG) '*) ;; *) \
	  echo "CONFIG=$(CONFIG) is not known; there are: $(CONFIGS)" >&2; exit 2;; esac

clean:
	@rm -rf build build-bench compile_commands.json

clean-all: clean
	@rm -rf build-* .cache data/mnist
	@find . -name __pycache__ -prune -exec rm -rf {} +

# SPDX-License-Identifier: MIT
# Makefile - builds and tests doppel; all outputs are under build/. `make help` lists the targets.
MODES = dev san release clang clang-san
Q     = $(if $(V),,@)
JOBS ?= $(shell nproc)

.DELETE_ON_ERROR:
.DEFAULT_GOAL = all

# These run before a compiler need be there; what they then make, they make through SUB.
BARE = help deps run check check-full clean
SUB  = +$(MAKE) --no-print-directory -j$(JOBS)
ifneq ($(filter-out $(BARE),$(or $(MAKECMDGOALS),all)),)
include build/config.mk
endif

# A tree configured before the test libraries were there is configured again when a test is made.
TESTING = unit unit-san check-san golden diff lint %/unit %/diff
ifeq ($(TESTS)$(if $(filter $(TESTING),$(MAKECMDGOALS)),.),no.)
ifneq ($(shell ./configure --cc='$(CC)' --enable-tests >&2; echo $$?),0)
$(error the tests need libraries that are not there: make deps)
endif
include build/config.mk
endif

build/config.mk: configure $(wildcard tests/configure/*.c)
	./configure

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
       -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Werror
SAN  = -fsanitize=address,undefined -fno-sanitize-recover=all
ALL_CPPFLAGS = -I. -D_DEFAULT_SOURCE -DG_LOG_DOMAIN='"doppel"' $(LIB_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS   = -std=c11 $(WARN)

CC_dev       = $(CC)
CC_san       = $(CC)
CC_release   = $(CC)
CC_clang     = clang
CC_clang-san = clang
OPT_dev       = -O1 -g -DCONFIG_VERIFY_IR=1
OPT_san       = -O1 -g $(SAN) -DCONFIG_VERIFY_IR=1
OPT_release   = -O2 -g -DCONFIG_VERIFY_IR=0
OPT_clang     = -O2 -g -DCONFIG_VERIFY_IR=0
OPT_clang-san = -O1 -g $(SAN) -DCONFIG_VERIFY_IR=1

DIRS = base softmmu translator frontend backend devices machine
SRC  := $(sort $(shell find $(DIRS) -name '*.c' 2>/dev/null))
RIG  := $(sort $(wildcard tests/rig/*.c))
UNIT := $(sort $(wildcard tests/unit/*.c) $(RIG))
DIFF := $(sort $(wildcard tests/diff/*.c) $(RIG))
HDR  := $(sort $(shell find $(DIRS) tests -name '*.h' 2>/dev/null))
FORMATTED := $(SRC) $(HDR) $(sort $(shell find tests -name '*.c'))
PARTS := $(filter-out machine/main.c,$(SRC))
# Our own boot code and tables, put into the executable by roms/blobs.S.
BOOT_KINDS := linux multiboot pvh
ROMS := build/roms/pc/dsdt.aml $(BOOT_KINDS:%=build/roms/pc/boot-%.bin)
# The executable exists once its main does; until then a build is its objects.
MAIN := $(wildcard machine/main.c)

.PHONY: all help run unit unit-san check check-full check-san lint golden diff user bench boot \
        install clean deps guest FORCE

# Tests link against all but main, as an archive.
# Criterion's str tag is char *, so tests go without -Wwrite-strings.
define mode_rules
build/$1/%.o: %.c Makefile build/config.mk
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$1) $$(ALL_CPPFLAGS) $$(ALL_CFLAGS) $$(OPT_$1) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
build/$1/tests/%.o: tests/%.c Makefile build/config.mk
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$1) $$(ALL_CPPFLAGS) $$(TEST_CFLAGS) $$(ALL_CFLAGS) -Wno-write-strings $$(OPT_$1) \
	    $$(CFLAGS) -MMD -MP -c -o $$@ $$<
build/$1/roms/blobs.o: roms/blobs.S $$(ROMS) Makefile build/config.mk
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$1) -c -o $$@ $$<
build/$1/doppel: $$(SRC:%.c=build/$1/%.o) build/$1/roms/blobs.o
	$$(if $$(MAIN),$$(Q)$$(CC_$1) $$(OPT_$1) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIB_LIBS) -lm,@:)
build/$1/parts.a: $$(PARTS:%.c=build/$1/%.o) build/$1/roms/blobs.o
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
build/$1/unit: $$(UNIT:%.c=build/$1/%.o) build/$1/parts.a
	$$(Q)$$(CC_$1) $$(OPT_$1) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIB_LIBS) $$(TEST_LIBS) -lm
build/$1/diff: $$(DIFF:%.c=build/$1/%.o) build/$1/parts.a
	$$(Q)$$(CC_$1) $$(OPT_$1) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIB_LIBS) $$(TEST_LIBS) -lm
-include $$(patsubst %.c,build/$1/%.d,$$(SRC) $$(UNIT) $$(DIFF))
endef
$(foreach mode,$(MODES),$(eval $(call mode_rules,$(mode))))

# A leak is reported after Criterion has passed the test; a report is a failure.
# UNIT_ARGS passes words to Criterion, for example UNIT_ARGS='--filter pl011/* --verbose=1'.
define run_unit
@rm -f $(<D)/report.*
$(Q)ASAN_OPTIONS=log_path=$(<D)/report UBSAN_OPTIONS=print_stacktrace=1:log_path=$(<D)/report \
    $< $(UNIT_ARGS) </dev/null; \
rc=$$?; ! cat $(<D)/report.* 2>/dev/null && exit $$rc
endef

build/roms/%.aml: roms/%.asl
	@mkdir -p $(@D)
	$(Q)iasl -vs -vi -we -p $(@:.aml=) $< >$@.log || { cat $@.log >&2; exit 1; }

# The option ROM, one per kind of kernel; 16-bit code of its own, whatever compiler there is.
build/roms/pc/boot-%.bin: roms/pc/boot.S
	@mkdir -p $(@D)
	$(Q)printf '.set KIND_linux, 0\n.set KIND_multiboot, 1\n.set KIND_pvh, 2\n.set KIND, KIND_$*\n' | \
	    as --32 -o $(@:.bin=.o) - $<
	$(Q)ld -m elf_i386 -Ttext 0 --oformat binary -o $@ $(@:.bin=.o)

all: build/release/doppel
unit: build/dev/unit
	$(run_unit)
unit-san: build/san/unit
	$(run_unit)
check-san: build/clang-san/unit unit-san
	$(run_unit)

# Golden files are remade by the tests that compare them; read the result as a diff.
golden: build/dev/unit
	DOPPEL_GOLDEN=remake $< --filter '*golden*/*' $(UNIT_ARGS) </dev/null

# DIFF_ARGS replaces the seeded slice, for example DIFF_ARGS='--seed 7 --count 100000'.
ifneq ($(wildcard tests/diff/*.c),)
DIFF_ARGS ?= --seed 1 --count 100000
diff: build/release/diff
	$< $(DIFF_ARGS) </dev/null
endif

# A header that compiles alone includes what it uses.
build/lint/%.h.ok: %.h Makefile build/config.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(TEST_CFLAGS) $(ALL_CFLAGS) -Wno-write-strings \
	    -Wno-unused-function -x c -fsyntax-only $<
	@touch $@

lint: $(HDR:%=build/lint/%.ok)
	tests/lint/layers.sh
	tests/lint/rules.sh
	tests/lint/paths.sh
	tests/lint/words.sh
	tests/lint/helps.sh
	tests/lint/selftest.sh
	clang-format --dry-run -Werror $(FORMATTED)

install: build/release/doppel
	install -D $< $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/doppel

clean:
	rm -rf $(MODES:%=build/%) build/lint build/config.mk

help:
	@sed -n 's/^#: //p' Makefile
#: make             configure if needed, build build/release/doppel
#: make run         install what is missing, build, boot Debian's ARM kernel to a shell
#: make check       what a change must pass: lint, both compilers, tests, one boot per guest
#: make check-full  make check and everything slow
#: make unit        unit tests (UNIT_ARGS='--filter SUITE/*'); unit-san, check-san: sanitizers
#: make lint        layers, rules, headers, format      make golden  remake golden files
#: make boot        the guests, on their consoles (BOOT_ARGS='--accel=interp shell')
#: make guest       programs of our own on the bare machine (GUEST_ARGS='--accel=jit smc')
#: make diff        seeded random instructions against the oracles
#: make user        random user-mode instructions on a PC (USER_ARGS=--seed=2), judged by this host
#: make bench       ratios against QEMU                 make install  PREFIX=/usr/local
#: make deps        install the packages that building and testing need
#: make clean       remove what was built (not the fetched guests)

deps:
	tests/setup/deps.sh build run test

# GUEST is a row of tests/boot/guests.tsv.
GUEST ?= armmp
run:
	tests/setup/deps.sh build run
	$(SUB) all
	tests/boot/run.sh $(GUEST)

# BOOT_ARGS chooses, for example BOOT_ARGS='--accel=interp shell'; boot.py describes them all.
boot: build/release/doppel
	tests/boot/boot.py $(BOOT_ARGS) </dev/null

# GUEST_ARGS chooses, for example GUEST_ARGS='--accel=jit smc'.
guest: build/release/doppel
	tests/guest/run.py $(GUEST_ARGS) </dev/null

# USER_ARGS passes words to tests/user/run.py, for example USER_ARGS='--seed=2 --count=100000'.
user: build/release/doppel
	tests/user/run.py $(USER_ARGS) </dev/null

# BENCH_ARGS passes words to bench.py, for example BENCH_ARGS=--runs=7.
bench: build/release/doppel
	tests/bench/bench.py $(BENCH_ARGS) </dev/null

check: deps
	$(SUB) lint
	$(SUB) build/release/doppel build/clang/doppel build/dev/unit build/san/unit
	$(SUB) -j1 unit unit-san UNIT_ARGS=--verbose=1
	$(if $(wildcard tests/diff/*.c),$(SUB) diff)
	tests/user/run.py --guest=686 --guest=686-pae </dev/null
	tests/boot/bad_input.py </dev/null
	tests/boot/channels.py </dev/null
	tests/boot/firmware.py </dev/null
	$(if $(MAIN),$(SUB) guest)
	$(if $(MAIN),$(SUB) boot)
	tests/boot/invariance.py </dev/null
	tests/boot/invariance.py --guest=686 --early </dev/null
	tests/boot/limits.py </dev/null
	tests/boot/gdb.py </dev/null
	tests/boot/snapshot.py --counts=3 --end=1800000000 </dev/null
	tests/boot/snapshot.py --guest=686 --counts=3 --end=1200000000 </dev/null
	tests/boot/snapshot.py --guest=4kc-malta --counts=3 --end=1200000000 </dev/null

check-full: check
	tests/setup/deps.sh full
	tests/configure/switches.sh
	$(SUB) -j1 check-san
	$(if $(wildcard tests/diff/*.c),$(SUB) diff DIFF_ARGS='--seed 2 --count 1000000 --each')
	tests/user/run.py --seed=2 --guest=686 --guest=686-pae --count=500000 --timeout=3600 </dev/null
	tests/user/run.py --seed=3 --cpu=coreduo --accel=interp --timeout=3600 </dev/null
	DOPPEL_TLB_STEPS=1000000 DOPPEL_TLB_SEED=2 build/dev/unit --filter 'mips_tlb_random/*' </dev/null
	$(SUB) boot BOOT_ARGS='--accel=interp --timeout=600'
	tests/boot/boot.py --full --timeout=600 </dev/null
	tests/boot/invariance.py --long </dev/null
	tests/boot/invariance.py --guest=686 --long </dev/null
	tests/boot/invariance.py --guest=686-pae </dev/null
	tests/boot/invariance.py --guest=4kc-malta --long </dev/null
	tests/boot/limits.py --guest=686 </dev/null
	tests/boot/limits.py --guest=4kc-malta </dev/null
	tests/boot/snapshot.py --accel=jit,interp --timeout=1800 </dev/null
	tests/boot/snapshot.py --guest=686 --counts=10 --end=6000000000 --timeout=1800 </dev/null
	tests/boot/snapshot.py --guest=686-pae --counts=5 --end=3000000000 --timeout=1800 </dev/null
	tests/boot/snapshot.py --guest=4kc-malta --counts=5 --end=1800000000 </dev/null
	$(SUB) build/san/doppel build/clang/doppel
	tests/boot/boot.py --program=build/clang/doppel shell </dev/null
	tests/boot/bad_input.py --program=build/san/doppel </dev/null
	tests/boot/channels.py --accel=interp </dev/null
	tests/boot/firmware.py --accel=interp </dev/null
	tests/boot/firmware.py --qemu </dev/null
	tests/boot/firmware.py --program=build/san/doppel </dev/null
	tests/boot/channels.py --program=build/san/doppel </dev/null
	tests/boot/gdb.py --accel=interp --guest=armmp-lpae </dev/null
	tests/boot/gdb.py --guest=4kc-malta kernel_boot kernel_late kernel_symbol </dev/null
	tests/boot/gdb.py --guest=686 kernel_boot kernel_late kernel_symbol </dev/null
	tests/boot/gdb.py --guest=686-pae kernel_boot kernel_late kernel_symbol </dev/null
	tests/boot/gdb.py --program=build/san/doppel --timeout=600 </dev/null
	tests/guest/run.py --program=build/san/doppel </dev/null
	tests/guest/run.py --qemu </dev/null
	tests/boot/boot.py --program=build/san/doppel --accel=jit,interp --timeout=1800 \
	    shell reboot </dev/null
	tests/setup/minbase.py

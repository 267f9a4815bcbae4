# Quire: build, run, debug and test. `make help` lists what can be asked for.
#
# The kernel is built layer by layer (docs/, "Layers"): each layer is the
# sources of its folders, found by wildcard, so a new file needs no line here.
# Everything made goes below build/ (build/debug/ with DEBUG=1).

# ---- What can be set -------------------------------------------------------
CPUS	?= 2
MEM	?= 512M
CPU	?= cortex-a57
GIC	?=
EL2	?=
APPEND	?=
INITRD	?= build/initramfs.cpio
DISK	?= yes
SWAP	?= 256M
DEBUG	?= 0
WERROR	?= 0
V	?= 0

ifeq ($(DEBUG),0)
O	?= build
else
O	?= build/debug
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# In parallel unless told otherwise; quiet unless V=1.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
endif
ifeq ($(V),0)
Q	:= @
say	= @printf '  %-7s %s\n' $(1) $(2);
ifneq ($(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
say	=
endif
endif

# ---- Tools -----------------------------------------------------------------
# tools/deps.sh sees that they are there, installs what is missing, and leaves
# their names in build/deps-LEVEL.mk. It runs before anything else does.
FREE_GOALS	:= help clean
DEPS_LEVEL	:= build
ifneq ($(filter run,$(MAKECMDGOALS)),)
DEPS_LEVEL	:= run
endif
ifneq ($(filter debug,$(MAKECMDGOALS)),)
DEPS_LEVEL	:= debug
endif
ifneq ($(filter test test-% bench measure deps,$(MAKECMDGOALS)),)
DEPS_LEVEL	:= test
endif
ifneq ($(filter check check-% format,$(MAKECMDGOALS)),)
DEPS_LEVEL	:= check
endif
ifeq ($(MAKECMDGOALS),tags)
DEPS_LEVEL	:= tags
endif

# Overrides reach deps.sh only when they were really given.
DEPS_ENV := $(foreach v,CROSS_COMPILE QEMU GDB DISK SWAP,\
	$(if $(filter undefined,$(origin $(v))),,$(v)='$($(v))'))
ifneq ($(or $(filter-out $(FREE_GOALS),$(MAKECMDGOALS)),\
	$(if $(MAKECMDGOALS),,all)),)
DEPS_MK	:= build/deps-$(DEPS_LEVEL).mk
DEPS_RC	:= $(shell $(DEPS_ENV) sh tools/deps.sh $(DEPS_LEVEL) $(DEPS_MK); echo $$?)
ifneq ($(DEPS_RC),0)
$(error the tools for this are not complete)
endif
include $(DEPS_MK)
endif

CROSS_COMPILE	?= aarch64-linux-gnu-
ifneq ($(filter default undefined,$(origin CC)),)
CC	:= $(CROSS_COMPILE)gcc
endif
ifneq ($(findstring clang,$(CC)),)
CC_TARGET := --target=aarch64-linux-gnu
CC_QUIET  := -Wno-unused-command-line-argument
endif
ifneq ($(filter default undefined,$(origin LD)),)
LD	:= $(CROSS_COMPILE)ld
endif
NM	:= $(CROSS_COMPILE)nm
OBJCOPY	:= $(CROSS_COMPILE)objcopy
PYTHON	?= python3
QEMU	?= qemu-system-aarch64
GDB	?= gdb-multiarch
CLANG_FORMAT ?= clang-format-14

# ---- Kernel flags ----------------------------------------------------------
WARNINGS := -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla \
	-Wframe-larger-than=2048
INCLUDES := -Iinclude -Iarch/arm64/include
ARCHFLAGS := $(CC_TARGET) -march=armv8-a -mgeneral-regs-only \
	-mno-outline-atomics -mbranch-protection=none -fno-pic -fno-pie
CPPFLAGS := -nostdinc -isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	$(INCLUDES) -D__KERNEL__ -DCONFIG_DEBUG=$(DEBUG)
CFLAGS	:= -std=gnu11 -ffreestanding -O2 -g $(ARCHFLAGS) \
	-fno-omit-frame-pointer -fno-strict-aliasing -fno-strict-overflow \
	-fno-common -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-unwind-tables -fno-delete-null-pointer-checks \
	-ffile-prefix-map=$(CURDIR)/= $(WARNINGS) $(CC_QUIET)
ASFLAGS	:= -g $(ARCHFLAGS) -D__ASSEMBLY__ $(CC_QUIET)
LDFLAGS	:= -nostdlib -static -T linker.ld --orphan-handling=error \
	--build-id=none --no-dynamic-linker -z max-page-size=4096 \
	-z noexecstack
ifneq ($(WERROR),0)
CFLAGS	+= -Werror
ASFLAGS	+= -Wa,--fatal-warnings
LDFLAGS	+= --fatal-warnings
endif

# ---- Sources, layer by layer -----------------------------------------------
src	= $(sort $(wildcard $(addsuffix /*.c,$(1)) $(addsuffix /*.S,$(1))))

LAYERS	:= 0 1 2 3 4 5 6 7 8
SRC_0	:= $(filter-out lib/memory.c,$(call src,lib))
SRC_1	:= $(filter-out arch/arm64/vdso/%,$(call src,arch/arm64 arch/arm64/*))
SRC_2	:= $(call src,kernel/base)
SRC_3	:= $(call src,mm/phys)
SRC_4	:= $(call src,kernel/sched)
SRC_5	:= $(call src,mm/vm)
SRC_6	:= $(call src,fs fs/* drivers drivers/*)
SRC_7	:= $(call src,kernel/proc)
SRC_8	:= $(call src,tests/kernel)

# foo.c becomes foo.o and foo.S becomes foo.S.o: both may exist.
to_obj	= $(patsubst %.c,$(O)/obj/%.o,$(patsubst %.S,$(O)/obj/%.S.o,$(1)))
SRCS	:= $(foreach n,$(LAYERS),$(SRC_$(n)))
OBJS	:= $(call to_obj,$(SRCS))

.PHONY: all image initramfs run debug test bench measure check format objs layers \
	deps clean help FORCE compile_commands.json tags

all: image initramfs ## kernel and initramfs (the default)
image: $(O)/Image ## the kernel: build/Image, build/quire.elf
initramfs: build/initramfs.cpio ## build/initramfs.cpio: user/ as an archive

# ---- Kernel ----------------------------------------------------------------
# A changed compiler or flag makes everything anew.
FLAGS_NOW := $(CC) $(CPPFLAGS) $(CFLAGS) $(ASFLAGS) $(LD) $(LDFLAGS)
$(O)/.flags: FORCE
	@mkdir -p $(O)
	@echo '$(FLAGS_NOW)' | cmp -s - $@ || echo '$(FLAGS_NOW)' >$@

$(O)/obj/%.o: %.c $(O)/.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.S.o: %.S $(O)/.flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ASFLAGS) -MMD -MP -c -o $@ $<

# The unit tests are freed with init: every section of theirs becomes .init.*
$(O)/obj/tests/kernel/%.o: tests/kernel/%.c $(O)/.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MT $@ -MF $(@:.o=.d) \
		-c -o $@.tmp $<
	$(Q)$(OBJCOPY) --prefix-alloc-sections=.init \
		--rename-section .init__ex_table=__ex_table \
		--rename-section .init__bug_table=__bug_table $@.tmp $@
	@rm -f $@.tmp

-include $(OBJS:.o=.d)

# The vDSO is a shared object of its own, embedded in the image by vdso.S.
VDSO_OBJS := $(patsubst %,$(O)/obj/%.o,$(wildcard arch/arm64/vdso/*.[cS]))
VDSO_CFLAGS := -fpic -fomit-frame-pointer -fasynchronous-unwind-tables
VDSO_LDFLAGS := -shared -s -T arch/arm64/vdso/vdso.lds --hash-style=both \
	-soname linux-vdso.so.1 --build-id=sha1 -Bsymbolic --no-undefined \
	--eh-frame-hdr -z max-page-size=4096 -z noexecstack

$(O)/obj/arch/arm64/vdso/%.c.o: arch/arm64/vdso/%.c $(O)/.flags
	$(call say,VDSO,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(VDSO_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/vdso/vdso.so: $(VDSO_OBJS) arch/arm64/vdso/vdso.lds Makefile
	$(call say,VDSO,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) $(VDSO_LDFLAGS) -o $@ $(VDSO_OBJS)

-include $(VDSO_OBJS:.o=.d)

$(O)/obj/arch/arm64/vdso.S.o: $(O)/vdso/vdso.so
$(O)/obj/arch/arm64/vdso.S.o: private ASFLAGS += -Wa,-I$(O)/vdso

$(O)/quire.elf: $(OBJS) linker.ld tools/link.sh tools/kallsyms.py $(O)/.flags
	$(call say,LD,$@)
	$(Q)LD='$(LD)' NM='$(NM)' LDFLAGS='$(LDFLAGS)' \
		AS='$(CC) $(ARCHFLAGS) $(CC_QUIET)' \
		sh tools/link.sh $@ $(O) $(OBJS)

$(O)/Image: $(O)/quire.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(OBJCOPY) -O binary -R .bss -R .pgdir $< $@

objs: $(if $(DIR),$(filter $(O)/obj/$(DIR)/%,$(OBJS)),$(OBJS)) ## objects only (DIR=mm/phys: of one folder)

# One relocatable object for each layer: what `make check` reads.
LAYER_OBJS :=
define layer_rule
ifneq ($$(SRC_$(1)),)
LAYER_OBJS += $$(O)/layers/L$(1).o
$$(O)/layers/L$(1).o: $$(call to_obj,$$(SRC_$(1)))
	@mkdir -p $$(@D)
	$$(Q)$$(LD) -r -o $$@ $$^
endif
endef
$(foreach n,$(LAYERS),$(eval $(call layer_rule,$(n))))
layers: $(LAYER_OBJS)

# ---- Userland --------------------------------------------------------------
# Plain C on the toolchain's libc. user/user.mk says how: it adds what
# it makes to USER_BINS; user/initramfs.list says where that goes.
USER_CC		?= $(CROSS_COMPILE)gcc
USER_CFLAGS	:= -std=gnu11 -O1 -g -Wall -Wextra \
	-ffile-prefix-map=$(CURDIR)/=
USER_BINS	:=
-include user/user.mk

INITRAMFS_LIST	:= user/initramfs.list
build/initramfs.cpio: $(INITRAMFS_LIST) $(USER_BINS) tools/mkinitramfs.py
	$(call say,CPIO,$@)
	$(Q)$(PYTHON) tools/mkinitramfs.py --depfile $@.d -o $@ $(INITRAMFS_LIST)
-include build/initramfs.cpio.d

# Tests that run on the host, and programs for the guest.
-include tests/host/host.mk
-include tests/user/user.mk
-include tests/bench/bench.mk

# ---- Running ---------------------------------------------------------------
RUN_ENV = QEMU='$(QEMU)' CPUS='$(CPUS)' MEM='$(MEM)' CPU='$(CPU)' \
	GIC='$(GIC)' EL2='$(EL2)' APPEND='$(APPEND)' GDB='$(GDB)' \
	QEMU_ARGS='$(QEMU_ARGS)' DISK='$(DISK)' SWAP='$(SWAP)' \
	PYTHON='$(PYTHON)'
INITRD_DEP = $(filter build/%,$(INITRD))

run: $(O)/Image $(INITRD_DEP) ## boot to a shell on this terminal
	@$(RUN_ENV) sh tools/run.sh $(O)/Image $(INITRD)

debug: $(O)/Image $(INITRD_DEP) ## boot stopped, with gdb on this terminal
	@$(RUN_ENV) sh tools/debug.sh $(O) $(INITRD)

# ---- Testing and checking --------------------------------------------------
# The debug kernel (lock order checks, poison) is booted by the tests as well.
test: image initramfs $(TESTS_INITRAMFS) $(BENCH_INITRAMFS) debug-image ## all tests; T=expr: only matching pytest cases
	@PYTHONDONTWRITEBYTECODE=1 QEMU='$(QEMU)' GDB='$(GDB)' \
		MAKE='$(MAKE)' $(PYTHON) tools/run-tests.py $(if $(T),-k '$(T)')

SECONDS	?= 600
test-stress: image initramfs $(TESTS_INITRAMFS) debug-image ## everything at once on 4 CPUs for SECONDS=600
	@PYTHONDONTWRITEBYTECODE=1 QEMU='$(QEMU)' STRESS_SECONDS=$(SECONDS) \
		MAKE='$(MAKE)' $(PYTHON) tools/run-tests.py -k test_stress

.PHONY: debug-image test-stress
debug-image:
	@$(MAKE) DEBUG=1 O=build/debug image

measure: image initramfs ## sizes, memory at the prompt, instructions to boot
	@$(PYTHON) tools/measure.py

bench: image $(BENCH_INITRAMFS) ## instructions per operation beside Linux: docs/bench.md
	@QEMU='$(QEMU)' CROSS_COMPILE='$(CROSS_COMPILE)' $(PYTHON) tools/bench.py

check: ## style, layers, sizes, docs; gcc and clang without a warning
	@MAKE='$(MAKE)' CLANG_FORMAT='$(CLANG_FORMAT)' sh tools/check

format: ## clang-format over the kernel, user and tests
	@$(CLANG_FORMAT) -i $$(sh tools/check --list-c)

compile_commands.json: ## for editors and language servers
	@$(PYTHON) tools/compile-commands.py --cc '$(CC)' \
		--cflags '$(CPPFLAGS) $(CFLAGS)' --asflags '$(CPPFLAGS) $(ASFLAGS)' \
		--obj $(O)/obj $(SRCS) >$@
	@echo "wrote $@"

tags: ## ctags of the kernel
	@ctags -R --languages=C,Asm --exclude=build arch kernel mm lib fs \
		drivers include 2>/dev/null || ctags -R $(wildcard arch kernel mm \
		lib fs drivers include)

deps: ## only see that every tool is there, or install it
	@echo 'Every tool is there.'

# What somebody has written on the disk is not ours to remove.
clean: ## remove build/, but for build/disk.img
	rm -rf $(filter-out build/disk.img,$(wildcard build/* build/.[!.]*)) \
		tags compile_commands.json
	@rmdir build 2>/dev/null || ! test -e build/disk.img || \
		echo 'build/disk.img stays: it is yours.'

help: ## this list
	@echo 'Targets:'
	@sed -n 's/^\([a-z_.]*\):.*## \(.*\)/\1|\2/p' Makefile | \
		awk -F'|' '{ printf "  %-22s %s\n", $$1, $$2 }'
	@echo 'Variables:'
	@echo '  CPUS=$(CPUS) MEM=$(MEM) CPU=$(CPU)    the machine'
	@echo '  GIC=2|3 EL2=1               interrupt controller, start in EL2'
	@echo '  APPEND="loglevel=7 ..."     kernel command line'
	@echo '  INITRD=file.cpio[.gz]       any initramfs Linux boots'
	@echo '  DISK=$(DISK) SWAP=$(SWAP)         an ext2 on /mnt (yes, a path, none), swap (or none)'
	@echo '  DEBUG=1                     poison, lock order checks (build/debug/)'
	@echo '  CC=clang CROSS_COMPILE=aarch64-linux-gnu- QEMU= GDB='
	@echo '  WERROR=1 V=1                warnings are errors; show commands'
	@echo '  T=expr                      with test: only matching pytest cases'

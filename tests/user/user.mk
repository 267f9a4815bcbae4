# SPDX-License-Identifier: MIT
# Programs that test the kernel from inside: each tests/user/NAME.c becomes
# /tests/NAME in an archive that holds the normal userland, too. A program
# prints TAP ("ok 1 - what", "not ok 2 - what") and exits with 0 if all is ok.

TESTS_USER_SRCS	:= $(wildcard tests/user/*.c)
TESTS_USER_BINS	:= $(patsubst tests/user/%.c,build/tests/user/%,$(TESTS_USER_SRCS))
TESTS_DIFF	:= build/tests/user/diff
TESTS_USER_LIST	:= build/tests/user.list
TESTS_INITRAMFS	:= build/tests/initramfs.cpio

.PHONY: guest-tests
guest-tests: $(TESTS_INITRAMFS)

# Dynamic, or the archive would not fit into 64 MiB; but some count on having
# their own image in one piece, on needing no memory to go on, or on libgcc.
build/tests/user/oom build/tests/user/process build/tests/user/stress \
	build/tests/user/vdso: LINK := -static

$(TESTS_USER_BINS): build/tests/user/%: tests/user/%.c $(wildcard tests/user/*.h)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) $(LINK) -s -D_GNU_SOURCE -pthread -Itests/user -Iuser -o $@ $<

# The scripts of tests/diff/ are one program (docs/linux-as-oracle.md).
$(TESTS_DIFF): $(wildcard tests/diff/*.c) tests/diff/diff.h
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -static -s -Wno-sign-compare -fno-toplevel-reorder \
		-D_GNU_SOURCE -o $@ \
		$(filter %.c,$^)

$(TESTS_USER_LIST): $(TESTS_USER_BINS) $(TESTS_DIFF) tests/user/user.mk
	@mkdir -p $(@D)
	@{ echo 'dir /tests 755 0 0'; \
	   for t in $(notdir $(TESTS_USER_BINS) $(TESTS_DIFF)); do \
		echo "file /tests/$$t build/tests/user/$$t 755 0 0"; done; } >$@

$(TESTS_INITRAMFS): build/initramfs.cpio $(TESTS_USER_LIST)
	$(call say,CPIO,$@)
	$(Q)$(PYTHON) tools/mkinitramfs.py -o $@ $(INITRAMFS_LIST) $(TESTS_USER_LIST)

.PHONY: test-diff
test-diff: image $(TESTS_INITRAMFS) ## tests/diff/ on Linux and here (UPDATE=1: store Linux's)
	@QEMU='$(QEMU)' $(PYTHON) tests/diff/oracle.py \
		$(if $(LINUX),--linux '$(LINUX)') $(if $(UPDATE),--update) $(T)

# SPDX-License-Identifier: MIT
# bench: the operations whose instructions are counted (docs/bench.md). One
# static program that is also the init of an archive of its own.

BENCH_INITRAMFS	:= build/bench/initramfs.cpio

build/bench/bench: $(wildcard tests/bench/*.c tests/bench/*.h)
	$(call say,USERCC,$@)
	@mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -static -O2 -D_GNU_SOURCE -pthread -o $@ $(filter %.c,$^)

$(BENCH_INITRAMFS): tests/bench/initramfs.list build/bench/bench
	$(call say,CPIO,$@)
	$(Q)$(PYTHON) tools/mkinitramfs.py -o $@ $<

# SPDX-License-Identifier: MIT
# Unit tests that run on the host: each tests/host/test_*.c is a program with
# all of lib/ in it, under the address and undefined-behaviour sanitizers.
# HOST_SRCS_test_NAME, set above the rules, names further kernel sources it links.

HOSTCC		?= gcc
HOST_OUT	:= build/host
HOST_FLAGS	:= -std=gnu11 -g -O1 -fno-omit-frame-pointer -Wall -Wextra \
	-fsanitize=address,undefined -fno-sanitize-recover=all
HOST_KFLAGS	:= $(HOST_FLAGS) -ffreestanding -fno-strict-aliasing \
	-Wshadow -Wstrict-prototypes -Wundef -Wvla -DCONFIG_DEBUG=1 \
	-Iinclude -Itests/host -include tests/host/rename.h

HOST_TESTS	:= $(patsubst tests/host/%.c,%,$(wildcard tests/host/test_*.c))
HOST_LIB	:= $(patsubst %.c,$(HOST_OUT)/%.o,$(wildcard lib/*.c))
HOST_BINS	:= $(addprefix $(HOST_OUT)/,$(HOST_TESTS))

.PHONY: host-tests host-bins
host-bins: $(HOST_BINS)

host-tests: $(HOST_BINS) ## unit tests of lib/ and of mm/'s pure parts, on the host
	@rc=0; for t in $(HOST_BINS); do \
		$$t >$$t.log 2>&1 || rc=1; \
		grep -v '^ok ' $$t.log | sed "s|^|$${t##*/}: |"; \
	done; exit $$rc

$(HOST_OUT)/harness.o: tests/host/harness.c tests/host/harness.h
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_FLAGS) -c -o $@ $<

$(HOST_OUT)/%.o: %.c tests/host/rename.h tests/host/host.mk
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_KFLAGS) -MMD -MP -c -o $@ $<

define host_test_rule
$(HOST_OUT)/$(1): $(HOST_OUT)/tests/host/$(1).o $(HOST_LIB) \
		$(patsubst %.c,$(HOST_OUT)/%.o,$(HOST_SRCS_$(1))) \
		$(HOST_OUT)/harness.o
	$$(Q)$$(HOSTCC) $$(HOST_FLAGS) -o $$@ $$^
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_test_rule,$(t))))

-include $(HOST_LIB:.o=.d) $(HOST_TESTS:%=$(HOST_OUT)/tests/host/%.d)

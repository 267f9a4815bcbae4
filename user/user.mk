# SPDX-License-Identifier: MIT
# The userland: one multi-call binary; mallocdemo, maxmalloc, memlab, dynamic; hello,
# which is static and needs nothing but the kernel; the dynamic linker and
# libc of the toolchain. initramfs.list says what goes where. The top Makefile
# sets USER_CC and USER_CFLAGS.

USER_STRIP ?= $(CROSS_COMPILE)strip
USER_WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
USER_ALL_CFLAGS := $(USER_CFLAGS) -fpie -D_GNU_SOURCE -ffunction-sections \
	-fdata-sections $(USER_WARN)
USER_LDFLAGS := -pie -Wl,--gc-sections -Wl,-z,max-page-size=4096
USER_OUT := build/user

USER_ALONE := hello mallocdemo maxmalloc memlab
USER_SRCS := $(filter-out $(USER_ALONE:%=user/%.c),$(wildcard user/*.c)) \
	$(wildcard user/sh/*.c)
USER_OBJS := $(USER_SRCS:user/%.c=$(USER_OUT)/%.o)
USER_LIBS := $(USER_OUT)/lib/ld-linux-aarch64.so.1 $(USER_OUT)/lib/libc.so.6
USER_BINS += $(USER_OUT)/quire $(USER_ALONE:%=$(USER_OUT)/%) $(USER_LIBS)

$(USER_OUT)/%.o: user/%.c user/user.mk
	@mkdir -p $(@D)
	$(call say,USERCC,$@)
	$(Q)$(USER_CC) $(USER_ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The file with symbols is kept as NAME.debug for gdb.
define user_link
	$(call say,USERLD,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -o $@.debug $^
	$(Q)$(USER_STRIP) -o $@ $@.debug
endef

$(USER_OUT)/quire: $(USER_OBJS)
	$(user_link)

$(USER_OUT)/hello: USER_LDFLAGS := -static -Wl,--gc-sections
$(USER_OUT)/hello: $(USER_OUT)/hello.o
	$(user_link)

$(addprefix $(USER_OUT)/,mallocdemo maxmalloc memlab): $(USER_OUT)/%: $(USER_OUT)/%.o \
		$(USER_OUT)/lib.o
	$(user_link)

# The compiler knows where they are.
$(USER_LIBS): $(USER_OUT)/lib/%: user/user.mk
	@mkdir -p $(@D)
	$(call say,STRIP,$@)
	$(Q)$(USER_STRIP) -o $@ "$$($(USER_CC) -print-file-name=$*)"

-include $(USER_OBJS:.o=.d) $(USER_ALONE:%=$(USER_OUT)/%.d)

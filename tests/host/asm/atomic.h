/* SPDX-License-Identifier: MIT */
/* The real one needs compiler builtins and barriers only. */
#include "../../../arch/arm64/include/asm/atomic.h"

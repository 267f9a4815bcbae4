/* SPDX-License-Identifier: MIT */
/* The real one is pure. */
#include "../../../arch/arm64/include/asm/page.h"

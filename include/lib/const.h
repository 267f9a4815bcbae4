/* SPDX-License-Identifier: MIT */
/*
 * Constants that C and assembly can share, and names for sizes.
 */
#ifndef _LIB_CONST_H
#define _LIB_CONST_H

#ifdef __ASSEMBLER__
#define _AC(x, suffix) x
#else
#define __AC(x, suffix) (x##suffix)
#define _AC(x, suffix)	__AC(x, suffix)
#endif

#define UL(x)  _AC(x, UL)
#define ULL(x) _AC(x, ULL)

#define SZ_1K UL(0x400)
#define SZ_4K UL(0x1000)

#endif

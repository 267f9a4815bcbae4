/* SPDX-License-Identifier: MIT */
#ifndef _LIB_MATH_H
#define _LIB_MATH_H

/* => the largest r with r * r <= x */
unsigned long int_sqrt(unsigned long x);

#endif

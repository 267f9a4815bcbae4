/* SPDX-License-Identifier: MIT */
/* The first program: a static glibc ELF that prints one line. */
#include <stdio.h>

int main(void)
{
	puts("hello from user space");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* clear: empty the terminal and go to its upper left corner. */
#include "lib.h"
#include "tools.h"

int clear_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(ESC "H" ESC "2J" ESC "3J", stdout);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * stty [-a], stty size, stty sane|raw|cooked|[-]echo..., stty rows N cols N:
 * the state of the terminal that is standard input.
 */
#include "lib.h"
#include "tools.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
	const char *name;
	char word; /* which of c_iflag, c_oflag, c_lflag */
	tcflag_t bit;
} flags[] = {
	{ "brkint", 'i', BRKINT }, { "icrnl", 'i', ICRNL },
	{ "inlcr", 'i', INLCR },   { "igncr", 'i', IGNCR },
	{ "istrip", 'i', ISTRIP }, { "ixon", 'i', IXON },
	{ "opost", 'o', OPOST },   { "onlcr", 'o', ONLCR },
	{ "isig", 'l', ISIG },	   { "icanon", 'l', ICANON },
	{ "iexten", 'l', IEXTEN }, { "echo", 'l', ECHO },
	{ "echoe", 'l', ECHOE },   { "echok", 'l', ECHOK },
	{ "echonl", 'l', ECHONL }, { "echoctl", 'l', ECHOCTL },
	{ "echoke", 'l', ECHOKE }, { "noflsh", 'l', NOFLSH },
	{ "tostop", 'l', TOSTOP },
};

static const struct {
	const char *name;
	int index;
	cc_t sane;
} chars[] = {
	{ "intr", VINTR, 3 },	   { "quit", VQUIT, 28 },
	{ "erase", VERASE, 127 },  { "kill", VKILL, 21 },
	{ "eof", VEOF, 4 },	   { "susp", VSUSP, 26 },
	{ "werase", VWERASE, 23 },
};

static tcflag_t *flag_word(struct termios *t, char word)
{
	return word == 'i' ? &t->c_iflag :
	       word == 'o' ? &t->c_oflag :
			     &t->c_lflag;
}

static void make_sane(struct termios *t)
{
	t->c_iflag = BRKINT | ICRNL | IXON;
	t->c_oflag = OPOST | ONLCR;
	t->c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL |
		     ECHOKE;
	for (size_t i = 0; i < ARRAY_SIZE(chars); i++)
		t->c_cc[chars[i].index] = chars[i].sane;
}

static void make_raw(struct termios *t)
{
	cfmakeraw(t);
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}

static void print_all(struct termios *t)
{
	int rows, cols;

	tty_size(STDIN_FILENO, &rows, &cols);
	printf("rows %d; columns %d;\n", rows, cols);
	for (size_t i = 0; i < ARRAY_SIZE(chars); i++) {
		cc_t c = t->c_cc[chars[i].index];

		printf(c < 32	? "%s = ^%c; " :
		       c == 127 ? "%s = ^?; " :
				  "%s = %c; ",
		       chars[i].name, c < 32 ? c + 64 : c);
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		printf("%s%s%s", i % 8 ? " " : "\n",
		       *flag_word(t, flags[i].word) & flags[i].bit ? "" : "-",
		       flags[i].name);
	putchar('\n');
}

static void set_flag(struct termios *t, const char *arg)
{
	int off = *arg == '-';

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		tcflag_t *word = flag_word(t, flags[i].word);

		if (strcmp(flags[i].name, arg + off) != 0)
			continue;
		*word = off ? *word & ~flags[i].bit : *word | flags[i].bit;
		return;
	}
	errx(1, "unknown setting %s", arg);
}

static void set_size(const char *what, const char *number)
{
	unsigned short n = (unsigned short)parse_number(number, 0);
	struct winsize w = { 0 };

	ioctl(STDIN_FILENO, TIOCGWINSZ, &w);
	if (*what == 'r')
		w.ws_row = n;
	else
		w.ws_col = n;
	if (ioctl(STDIN_FILENO, TIOCSWINSZ, &w) < 0)
		err(1, "%s", what);
}

int stty_main(int argc, char **argv)
{
	struct termios t;
	int rows, cols;

	if (tcgetattr(STDIN_FILENO, &t) < 0)
		err(1, "standard input");
	if (argc < 2 || strcmp(argv[1], "-a") == 0) {
		print_all(&t);
		return 0;
	}
	while (*++argv) {
		if (strcmp(*argv, "size") == 0) {
			tty_size(STDIN_FILENO, &rows, &cols);
			printf("%d %d\n", rows, cols);
		} else if (strcmp(*argv, "sane") == 0 ||
			   strcmp(*argv, "cooked") == 0 ||
			   strcmp(*argv, "-raw") == 0) {
			make_sane(&t);
		} else if (strcmp(*argv, "raw") == 0) {
			make_raw(&t);
		} else if ((strcmp(*argv, "rows") == 0 ||
			    strncmp(*argv, "col", 3) == 0) &&
			   argv[1]) {
			set_size(argv[0], argv[1]);
			argv++;
		} else {
			set_flag(&t, *argv);
		}
	}
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t) < 0)
		err(1, "standard input");
	return 0;
}

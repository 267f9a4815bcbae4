/* SPDX-License-Identifier: MIT */
/*
 * The line editor. The terminal is in raw mode while a line is typed and
 * back in its own mode while commands run. A line longer than the screen is
 * shown through a window that follows the cursor, so there is never more
 * than one row to redraw.
 */
#include "sh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY	    200
#define KEY_CTRL(c) ((c)&0x1f)

enum {
	KEY_UP = 1000,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_DELETE,
	KEY_WORD_LEFT,
	KEY_WORD_RIGHT,
	KEY_NONE,
	KEY_EOF
};

static struct {
	const char *prompt;
	struct text line;
	size_t pos;
	size_t shown; /* index into the history, or its length */
	char *typed;  /* the new line while an old one is shown */
} ed;

static char *history[HISTORY];
static size_t nr_history;

void history_add(const char *line)
{
	if (!line[strspn(line, " \t")] ||
	    (nr_history && strcmp(history[nr_history - 1], line) == 0))
		return;
	if (nr_history == HISTORY) {
		free(history[0]);
		memmove(history, history + 1, (HISTORY - 1) * sizeof(*history));
		nr_history--;
	}
	history[nr_history++] = xstrdup(line);
}

int history_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < nr_history; i++)
		printf("%5zu  %s\n", i + 1, history[i]);
	return 0;
}

static void show(const char *s, size_t len)
{
	write_all(STDERR_FILENO, s, len);
}

static void show_string(const char *s)
{
	show(s, strlen(s));
}

static void redraw(void)
{
	size_t from = 0, len = ed.line.len, room, prompt = strlen(ed.prompt);
	struct text t = { 0 };
	char move[32];
	int rows, cols;

	tty_size(STDERR_FILENO, &rows, &cols);
	room = (size_t)cols > prompt + 10 ? (size_t)cols - prompt - 1 : 10;
	if (ed.pos > room)
		from = ed.pos - room;
	len -= from;
	if (len > room)
		len = room;
	text_char(&t, '\r');
	text_add(&t, ed.prompt, prompt);
	text_add(&t, ed.line.s + from, len);
	text_add(&t, ESC "K\r", 4);
	if (prompt + ed.pos - from) {
		snprintf(move, sizeof(move), ESC "%zuC",
			 prompt + ed.pos - from);
		text_add(&t, move, strlen(move));
	}
	show(t.s, t.len);
	free(t.s);
}

static int read_byte(void)
{
	unsigned char c;
	ssize_t n;

	while ((n = read(STDIN_FILENO, &c, 1)) < 0 && errno == EINTR)
		;
	return n == 1 ? c : KEY_EOF;
}

/* Behind ESC [ or ESC O: a letter, or a number and ~. */
static int read_sequence(void)
{
	int number = 0, c = read_byte();

	while ((c >= '0' && c <= '9') || c == ';') {
		number = c == ';' ? 0 : number * 10 + c - '0';
		c = read_byte();
	}
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return number == 5 ? KEY_WORD_RIGHT : KEY_RIGHT;
	case 'D':
		return number == 5 ? KEY_WORD_LEFT : KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return number == 1 || number == 7 ? KEY_HOME :
		       number == 4 || number == 8 ? KEY_END :
		       number == 3		  ? KEY_DELETE :
						    KEY_NONE;
	default:
		return c == KEY_EOF ? c : KEY_NONE;
	}
}

static int read_key(void)
{
	int c = read_byte();

	if (c != 27)
		return c;
	c = read_byte();
	if (c == '[' || c == 'O')
		return read_sequence();
	return c == 'b'	    ? KEY_WORD_LEFT :
	       c == 'f'	    ? KEY_WORD_RIGHT :
	       c == KEY_EOF ? c :
			      KEY_NONE;
}

static void insert(const char *s, size_t len)
{
	int at_end = ed.pos == ed.line.len;
	size_t tail = ed.line.len - ed.pos;

	text_add(&ed.line, s, len);
	memmove(ed.line.s + ed.pos + len, ed.line.s + ed.pos, tail);
	memcpy(ed.line.s + ed.pos, s, len);
	ed.pos += len;
	if (!at_end || len > 1) {
		redraw();
	} else {
		int rows, cols;

		tty_size(STDERR_FILENO, &rows, &cols);
		if (strlen(ed.prompt) + ed.line.len < (size_t)cols)
			show(s, 1);
		else
			redraw();
	}
}

static void erase(size_t from, size_t to)
{
	memmove(ed.line.s + from, ed.line.s + to, ed.line.len - to + 1);
	ed.line.len -= to - from;
	ed.pos = from;
}

static void replace(const char *s)
{
	ed.line.len = 0;
	text_add(&ed.line, s, strlen(s));
	ed.pos = ed.line.len;
}

static size_t word_left(void)
{
	size_t i = ed.pos;

	while (i && ed.line.s[i - 1] == ' ')
		i--;
	while (i && ed.line.s[i - 1] != ' ')
		i--;
	return i;
}

static size_t word_right(void)
{
	size_t i = ed.pos;

	while (i < ed.line.len && ed.line.s[i] == ' ')
		i++;
	while (i < ed.line.len && ed.line.s[i] != ' ')
		i++;
	return i;
}

static void browse(int up)
{
	if (up ? !ed.shown : ed.shown >= nr_history)
		return;
	if (ed.shown == nr_history) {
		free(ed.typed);
		ed.typed = xstrdup(ed.line.s);
	}
	ed.shown = up ? ed.shown - 1 : ed.shown + 1;
	replace(ed.shown == nr_history ? ed.typed : history[ed.shown]);
}

static void list_matches(char **words, size_t n)
{
	int rows, cols;
	size_t width = 1, per_line;

	tty_size(STDERR_FILENO, &rows, &cols);
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) + 2 > width)
			width = strlen(words[i]) + 2;
	per_line = (size_t)cols > width ? (size_t)cols / width : 1;
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s%-*s", i % per_line ? "" : "\n", (int)width,
			words[i]);
	show_string("\n");
}

/* Tab: go on as far as all matches agree; a second Tab lists them. */
static void complete_word(int again)
{
	size_t start, n, same;
	char **words;

	n = complete(ed.line.s, ed.pos, &start, &words);
	if (!n) {
		show_string("\a");
		return;
	}
	same = strlen(words[0]);
	for (size_t i = 1; i < n; i++)
		while (strncmp(words[0], words[i], same) != 0)
			same--;
	if (same > ed.pos - start)
		insert(words[0] + ed.pos - start, same - (ed.pos - start));
	else if (n > 1 && again)
		list_matches(words, n);
	if (n == 1 && words[0][same - 1] != '/')
		insert(" ", 1);
	if (n > 1)
		redraw();
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
}

static void edit_key(int key)
{
	switch (key) {
	case KEY_LEFT:
	case KEY_CTRL('B'):
		ed.pos -= ed.pos > 0;
		break;
	case KEY_RIGHT:
	case KEY_CTRL('F'):
		ed.pos += ed.pos < ed.line.len;
		break;
	case KEY_HOME:
	case KEY_CTRL('A'):
		ed.pos = 0;
		break;
	case KEY_END:
	case KEY_CTRL('E'):
		ed.pos = ed.line.len;
		break;
	case KEY_WORD_LEFT:
		ed.pos = word_left();
		break;
	case KEY_WORD_RIGHT:
		ed.pos = word_right();
		break;
	case KEY_UP:
	case KEY_CTRL('P'):
		browse(1);
		break;
	case KEY_DOWN:
	case KEY_CTRL('N'):
		browse(0);
		break;
	case KEY_DELETE:
	case KEY_CTRL('D'):
		if (ed.pos < ed.line.len)
			erase(ed.pos, ed.pos + 1);
		break;
	case 127:
	case KEY_CTRL('H'):
		if (ed.pos)
			erase(ed.pos - 1, ed.pos);
		break;
	case KEY_CTRL('K'):
		erase(ed.pos, ed.line.len);
		break;
	case KEY_CTRL('U'):
		erase(0, ed.pos);
		break;
	case KEY_CTRL('W'):
		erase(word_left(), ed.pos);
		break;
	case KEY_CTRL('L'):
		show_string(ESC "H" ESC "2J");
		break;
	default:
		return;
	}
	redraw();
}

/* => 1 when the line is complete, 0 at the end of input */
static int edit_loop(void)
{
	int key, last = 0;
	char c;

	for (;; last = key) {
		key = read_key();
		if (key == '\r' || key == '\n')
			break;
		if (key == KEY_EOF || (key == KEY_CTRL('D') && !ed.line.len))
			return 0;
		if (key == KEY_CTRL('C')) {
			show_string("^C");
			interrupted = 1;
			return 0;
		}
		c = (char)key;
		if (key == '\t')
			complete_word(last == '\t');
		else if (key >= ' ' && key < 256 && key != 127)
			insert(&c, 1);
		else
			edit_key(key);
	}
	return 1;
}

char *edit_line(const char *prompt)
{
	struct termios saved;
	int complete_line;

	ed.prompt = prompt;
	ed.shown = nr_history;
	replace("");
	if (tty_raw(STDIN_FILENO, &saved) < 0)
		return NULL;
	show_string(prompt);
	complete_line = edit_loop();
	show_string("\n");
	tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	return complete_line ? xstrdup(ed.line.s) : NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * Redirections: < > >> 2>&1 &> and here documents. For a program they are
 * made in its own process and stay. For a builtin they are made in the
 * shell, which keeps the old files above descriptor 10 and puts them back.
 */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The text of a here document as something to read from. */
static int here_fd(const char *text)
{
	size_t len = strlen(text);
	int fds[2];

	if (pipe(fds) < 0)
		return -1;
	if (len <= 4096) { /* a pipe holds that without a reader */
		write_all(fds[1], text, len);
	} else if (fork_shell() == 0) {
		close(fds[0]);
		_exit(write_all(fds[1], text, len) < 0);
	}
	close(fds[1]);
	return fds[0];
}

static int open_redir(struct arena *a, const struct redir *r)
{
	static const int modes[] = {
		[R_IN] = O_RDONLY,
		[R_OUT] = O_WRONLY | O_CREAT | O_TRUNC,
		[R_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
		[R_RDWR] = O_RDWR | O_CREAT,
		[R_BOTH] = O_WRONLY | O_CREAT | O_TRUNC,
	};
	const char *word;
	int fd;

	if (r->type == R_HERE || r->type == R_HERE_TABS)
		return here_fd(r->quoted ? r->word : expand_here(a, r->word));
	word = expand_one(a, r->word);
	if (r->type == R_DUP && strcmp(word, "-") == 0)
		return -2;
	if (r->type == R_DUP && *word >= '0' && *word <= '9' && !word[1]) {
		fd = fcntl(*word - '0', F_DUPFD, 10);
	} else {
		fd = open(word, modes[r->type == R_DUP ? R_BOTH : r->type],
			  0666);
	}
	if (fd < 0)
		shell_error("%s: %s", word, strerror(errno));
	return fd;
}

/* undo[fd]: where the old file is kept, -1 it was closed, -2 untouched */
static void keep_fd(int fd, int *undo)
{
	if (undo && undo[fd] == -2)
		undo[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

int apply_redirs(struct arena *a, struct redir *r, int *undo)
{
	for (int i = 0; undo && i < 10; i++)
		undo[i] = -2;
	if (r)
		fflush(stdout);
	for (; r; r = r->next) {
		int fd = open_redir(a, r);

		if (fd == -1 || sh.skip)
			return -1;
		keep_fd(r->fd, undo);
		if (fd == -2) {
			close(r->fd);
			continue;
		}
		if (r->type == R_BOTH) {
			keep_fd(2, undo);
			dup2(fd, 2);
		}
		if (fd != r->fd) {
			dup2(fd, r->fd);
			close(fd);
		}
	}
	return 0;
}

void undo_redirs(const int *undo)
{
	fflush(stdout);
	for (int fd = 0; fd < 10; fd++) {
		if (undo[fd] >= 0) {
			dup2(undo[fd], fd);
			close(undo[fd]);
		} else if (undo[fd] == -1) {
			close(fd);
		}
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * pty ROWS COLS KEYS COMMAND...: runs a command on a terminal of its own and prints what
 * comes out there. Each of the keys is pressed when the command has been quiet for a
 * moment; of these, ^ stands for Ctrl-C and / for Enter. When they are used up it waits
 * for the command, and its exit status is that of the command, 124 where that does not
 * end.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Milliseconds. */
#define QUIET	250
#define LONGEST	3000
#define AT_LAST	20000

/* Prints what comes within a time; returns whether anything did, or -1 at the end. */
static int pass_on(int fd, int ms)
{
	struct pollfd from = { .fd = fd, .events = POLLIN };
	char text[4096];
	ssize_t len;

	if (poll(&from, 1, ms) <= 0)
		return 0;
	len = read(fd, text, sizeof(text));
	if (len <= 0)
		return -1;
	return write(STDOUT_FILENO, text, len) == len ? 1 : -1;
}

/* Until it is quiet; what never is quiet gets its key after a while all the same. */
static int settle(int fd)
{
	int ret = pass_on(fd, LONGEST), waited;

	for (waited = 0; ret > 0 && waited < LONGEST; waited += QUIET / 5)
		ret = pass_on(fd, QUIET);
	return ret;
}

static void press(int fd, char key)
{
	if (key == '^')
		key = 3;
	else if (key == '/')
		key = '\r';
	if (write(fd, &key, 1) != 1)
		perror("pty: write");
}

static int drain(int fd)
{
	int waited;

	for (waited = 0; waited < AT_LAST; waited += 100)
		if (pass_on(fd, 100) < 0)
			return 0;
	return -1;
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int fd, status, ret = 0;
	const char *key;
	pid_t pid;

	if (argc < 5) {
		fprintf(stderr, "usage: pty ROWS COLS KEYS COMMAND...\n");
		return 2;
	}
	size.ws_row = atoi(argv[1]);
	size.ws_col = atoi(argv[2]);
	pid = forkpty(&fd, NULL, NULL, &size);
	if (!pid) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	if (pid < 0) {
		perror("pty: forkpty");
		return 2;
	}
	for (key = argv[3]; *key && ret >= 0; key++) {
		ret = settle(fd);
		if (ret >= 0)
			press(fd, *key);
	}
	if (ret >= 0 && drain(fd)) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return 124;
	}
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

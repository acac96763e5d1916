// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the folder for sockets: each user has one, also after root and after su,
 * and nobody else's folder or link is taken for it. KTAP on stdout. What needs a
 * second user runs as root only.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mirrorctl.h"
#include "rundir.h"

/* Nobody's number, so that his folder in /tmp is this test's alone. */
#define USER		64321
#define IN_TMP		"/tmp/mirrorctl-64321"

static char work[64];
static int count, failures;

static void expect(bool good, const char *what)
{
	count++;
	failures += !good;
	printf("%sok %d %s\n", good ? "" : "not ", count, what);
}

/* What a user with this environment is answered. */
struct question {
	uid_t uid;
	const char *session;	/* XDG_RUNTIME_DIR */
	const char *chosen;	/* MIRRORCTL_RUN_DIR */
	const char *path;	/* wanted; NULL for any */
	int err;		/* wanted from rundir_lock() */
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static bool is_private(const char *path, uid_t uid)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == uid &&
	       (st.st_mode & 0777) == 0700;
}

static bool answer(const struct question *q)
{
	int dir;

	set("XDG_RUNTIME_DIR", q->session);
	set("MIRRORCTL_RUN_DIR", q->chosen);
	if (q->path && strcmp(q->path, rundir_path()))
		return false;
	dir = rundir_lock(true);
	if (q->err)
		return dir == q->err;
	return dir >= 0 && is_private(rundir_path(), q->uid);
}

/* In a process of its own, which is that user. */
static bool ask(const struct question *q)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		if (q->uid != geteuid() && setresuid(q->uid, q->uid, q->uid))
			_exit(3);
		_exit(!answer(q));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* A folder below @work, which stands for more than one case. */
static const char *folder(const char *name, uid_t uid, mode_t mode)
{
	static char path[8][PATH_MAX];
	static unsigned int next;
	char *at = path[next++ % 8];

	snprintf(at, PATH_MAX, "%s/%s", work, name);
	if (mkdir(at, 0700) || chown(at, uid, -1) || chmod(at, mode))
		perror(at);
	return at;
}

static const char *below(const char *parent, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", parent, name);
	return path;
}

static void chosen_folders(void)
{
	uid_t me = geteuid();
	const char *mine = folder("mine", me, 0700);
	const char *open = folder("open", me, 0777);
	const char *sticky = folder("sticky", me, 01777);
	const char *shown = folder("shown", me, 0755);
	const char *in_open;
	char link[PATH_MAX];

	expect(ask(&(struct question){ .uid = me, .chosen = below(mine, "a/b") }),
	       "a folder that was asked for is made");
	expect(ask(&(struct question){ .uid = me, .chosen = below(sticky, "x") }),
	       "it may stand where others have theirs");
	in_open = below(open, "x");
	expect(ask(&(struct question){ .uid = me, .chosen = in_open, .err = -EPERM }),
	       "but not where others can rename it");
	expect(ask(&(struct question){ .uid = me, .chosen = shown, .err = -EPERM }),
	       "a folder that others can enter is refused");
	snprintf(link, sizeof(link), "%s/link", work);
	expect(!symlink(mine, link) &&
	       ask(&(struct question){ .uid = me, .chosen = link, .err = -ENOTDIR }),
	       "a link is refused");
}

static void own_folders(void)
{
	const char *his = folder("session", USER, 0700);
	const char *roots = folder("root-session", 0, 0755);
	const char *loose = folder("loose", USER, 0777);
	char path[PATH_MAX];

	rmdir(IN_TMP);
	snprintf(path, sizeof(path), "%s/mirrorctl", his);
	expect(ask(&(struct question){ .uid = USER, .session = his, .path = path }),
	       "a user's is in his session's folder");
	expect(ask(&(struct question){ .uid = USER, .path = IN_TMP }),
	       "without a session it is in /tmp");
	expect(ask(&(struct question){ .uid = USER, .session = roots, .path = IN_TMP }),
	       "after su the session's folder is another user's");
	expect(ask(&(struct question){ .uid = USER, .session = loose, .path = IN_TMP }),
	       "a session's folder that others can write is not taken");
	expect(ask(&(struct question){ .uid = USER, .session = "session", .path = IN_TMP }),
	       "nor one that is no path from the root");
	rmdir(IN_TMP);
}

static void traps(void)
{
	char private[PATH_MAX];

	rmdir(IN_TMP);
	snprintf(private, sizeof(private), "%s", folder("private", USER, 0700));
	expect(!symlink(private, IN_TMP) &&
	       ask(&(struct question){ .uid = USER, .path = IN_TMP, .err = -ENOTDIR }),
	       "a link that somebody put there is not followed");
	unlink(IN_TMP);
	expect(!mkdir(IN_TMP, 0777) && !chmod(IN_TMP, 0777) &&
	       ask(&(struct question){ .uid = USER, .path = IN_TMP, .err = -EPERM }),
	       "a folder that somebody put there is not used");
	rmdir(IN_TMP);
}

static void clean_up(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", work);
	if (system(command))
		perror(work);
}

int main(void)
{
	unsetenv("MIRRORCTL_RUN_DIR");
	snprintf(work, sizeof(work), "/tmp/mirrorctl-test-XXXXXX");
	printf("TAP version 13\n");
	if (!mkdtemp(work) || chmod(work, 01755)) {
		printf("Bail out! %s: %s\n", work, strerror(errno));
		return 1;
	}
	chosen_folders();
	if (!geteuid()) {
		own_folders();
		traps();
		/* The first question is the one that is remembered, so this is last. */
		expect(!strcmp(rundir_path(), "/run/mirrorctl"),
		       "root's is in /run");
	} else {
		printf("ok %d folders of several users # SKIP only for root\n", ++count);
	}
	clean_up();
	printf("1..%d\n", count);
	return failures;
}

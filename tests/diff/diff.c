// SPDX-License-Identifier: MIT
/* The frame of the scripts: runs the cases, shows what they see (diff.h). */
#include "diff.h"

#include <setjmp.h>
#include <stdarg.h>

extern const struct diff_case __start_diff_cases[], __stop_diff_cases[];

/* ---- output ---------------------------------------------------------------- */

int verbose;
static char out[1 << 16];
static size_t out_len;

static void flush_out(void)
{
	size_t done = 0;

	while (done < out_len) {
		ssize_t n = write(1, out + done, out_len - done);

		if (n <= 0)
			_exit(99);
		done += (size_t)n;
	}
	out_len = 0;
}

void say(const char *format, ...)
{
	va_list ap;

	if (out_len > sizeof(out) - 2048)
		flush_out();
	va_start(ap, format);
	out_len += (size_t)vsnprintf(out + out_len, 2000, format, ap);
	va_end(ap);
	while (out[out_len - 1] == ' ')
		out_len--;
	out[out_len++] = '\n';
}

static const char *where(unsigned long addr, char *buf)
{
	if (addr < B || addr > at(1UL << 20))
		sprintf(buf, "0x%lx", addr);
	else if (addr % P)
		sprintf(buf, "B+%lu:%lx", (addr - B) / P, addr % P);
	else
		sprintf(buf, "B+%lu", (addr - B) / P);
	return buf;
}

void result(const char *what, long value)
{
	char buf[64];

	if (value == -1)
		say("%s: %s", what, strerrorname_np(errno) ?: "?");
	else if (value >= -4096 && value < 4096)
		say("%s: %ld", what, value);
	else
		say("%s: %s", what, where((unsigned long)value, buf));
}

void must(long value)
{
	if (value != -1)
		return;
	say("setup failed: %s", strerrorname_np(errno));
	flush_out();
	_exit(98);
}

/* ---- accesses -------------------------------------------------------------- */

static sigjmp_buf jump;
static volatile sig_atomic_t got_sig, got_code;
static void *volatile got_addr;

static void on_signal(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	got_sig = sig;
	got_code = info->si_code;
	got_addr = info->si_addr;
	siglongjmp(jump, 1);
}

static void catch_faults(void)
{
	static char stack[1 << 16];
	struct sigaction sa = { .sa_sigaction = on_signal,
				.sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };

	memset(stack, 1, sizeof(stack));
	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
}

int quiet_access(unsigned long addr, int write)
{
	volatile unsigned char *p = (unsigned char *)addr;

	got_sig = 0;
	if (!sigsetjmp(jump, 1)) {
		if (write)
			*p = 'w';
		else
			return *p;
	}
	return got_sig ? -got_sig : 'w';
}

static const char *code_name(int sig, int code)
{
	static const char *const segv[] = { "?", "MAPERR", "ACCERR" };
	static const char *const bus[] = { "?", "ADRALN", "ADRERR", "OBJERR" };

	if (sig == SIGSEGV && code > 0 && code < 3)
		return segv[code];
	if (sig == SIGBUS && code > 0 && code < 4)
		return bus[code];
	return "other code";
}

static void access_result(const char *what, unsigned long addr, int value)
{
	char buf[64], buf2[64];

	if (value < 0)
		say("%s %s: SIG%s %s at %s", what, where(addr, buf),
		    sigabbrev_np(-value), code_name(-value, got_code),
		    where((unsigned long)got_addr, buf2));
	else if (value > ' ' && value < 127)
		say("%s %s: '%c'", what, where(addr, buf), value);
	else
		say("%s %s: %d", what, where(addr, buf), value);
}

void rd(unsigned long addr)
{
	access_result("read", addr, quiet_access(addr, 0));
}

void wr(unsigned long addr)
{
	access_result("write", addr, quiet_access(addr, 1));
}

void run_at(unsigned long addr)
{
	got_sig = 0;
	if (!sigsetjmp(jump, 1))
		((void (*)(void))addr)();
	access_result("run", addr, got_sig ? -got_sig : 0);
}

void rd_n(unsigned long page, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		quiet_access(at(page + i), 0);
}

void wr_n(unsigned long page, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		quiet_access(at(page + i), 1);
}

/* The first byte of each page. */
void bytes(unsigned long page, unsigned long n)
{
	char text[256];

	for (unsigned long i = 0; i < n; i++) {
		int c = quiet_access(at(page + i), 0);

		text[i] = c < 0 ? '!' : c < ' ' ? '.' : (char)c;
	}
	text[n] = 0;
	say("bytes: %s", text);
}

long minor_faults(void)
{
	struct rusage ru;

	syscall(SYS_getrusage, RUSAGE_SELF, &ru);
	return ru.ru_minflt;
}

/* ---- /proc ----------------------------------------------------------------- */

static char text[1 << 18];

static char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, len = 0;

	if (fd < 0)
		return NULL;
	while ((n = read(fd, text + len, sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	close(fd);
	text[len] = 0;
	return text;
}

static void show_map_line(const char *line)
{
	unsigned long from, to, off, ino;
	unsigned int major, minor;
	char perms[8];
	int name = 0;

	if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %n", &from, &to, perms,
		   &off, &major, &minor, &ino, &name) < 7)
		return;
	say("  %lu-%lu %s %lx %s %s", (from - B) / P, (to - B) / P, perms,
	    off / P, ino ? "file" : "-", line + name);
}

static int in_region(const char *line)
{
	unsigned long from;

	return sscanf(line, "%lx-", &from) == 1 && from >= B - P * 4096 &&
	       from < at(1UL << 20);
}

/* Cut the line off the rest of the text. => the rest */
static char *cut_line(char *line)
{
	char *end = strchr(line, '\n');

	if (!end)
		return line + strlen(line);
	*end = 0;
	return end + 1;
}

void maps(void)
{
	char *line = slurp("/proc/self/maps"), *next;

	say("maps:");
	for (; line && *line; line = next) {
		next = cut_line(line);
		if (in_region(line))
			show_map_line(line);
	}
}

int maps_named(const char *name, unsigned long *from, unsigned long *to)
{
	char *line = slurp("/proc/self/maps"), *next;
	int n = 0;

	for (; line && *line; line = next) {
		next = cut_line(line);
		if (strstr(line, name))
			n += sscanf(line, "%lx-%lx", from, to) == 2;
	}
	return n;
}

/* Not what the file says about itself, but about the pages. */
static int wanted_field(const char *key)
{
	return strcmp(key, "Size") && strcmp(key, "KernelPageSize") &&
	       strcmp(key, "MMUPageSize") && strcmp(key, "THPeligible");
}

/*
 * The next mapping in smaps, in one line; *line moves behind it.
 * => its start, 0 at the end
 */
static unsigned long next_smap(char **line, char *answer, unsigned long *end)
{
	unsigned long from = 0, to, start, kb;
	char *next, key[64];

	for (; **line; *line = next) {
		next = strchr(*line, '\n') + 1;
		if (sscanf(*line, "%lx-%lx ", &start, &to) == 2) {
			if (from)
				break;
			from = start;
			*end = to;
			answer += sprintf(answer, "%lu-%lu", (from - B) / P,
					  (to - B) / P);
		} else if (!strncmp(*line, "VmFlags:", 8)) {
			answer += sprintf(answer, " |%.*s",
					  (int)(next - *line - 9), *line + 8);
		} else if (sscanf(*line, "%63[^:]: %lu", key, &kb) == 2 && kb &&
			   wanted_field(key)) {
			answer += sprintf(answer, " %s %lu", key, kb);
		}
	}
	return from;
}

void smaps(unsigned long addr)
{
	char *line = slurp("/proc/self/smaps"), answer[1024];
	unsigned long from, end;

	while (line && (from = next_smap(&line, answer, &end)))
		if (addr >= from && addr < end) {
			say("smaps: %s", answer);
			return;
		}
	say("smaps: none");
}

static int inside(unsigned long addr)
{
	return addr >= B && addr < at(1UL << 20);
}

void smaps_all(void)
{
	char *line = slurp("/proc/self/smaps"), answer[1024];
	unsigned long from, end;

	while (line && (from = next_smap(&line, answer, &end)))
		if (inside(from))
			say("smaps: %s", answer);
}

static uint32_t hash_of(const char *p, size_t n, uint32_t hash)
{
	while (n--)
		hash = (hash ^ (unsigned char)*p++) * 16777619; /* FNV-1a */
	return hash;
}

/* Of all that smaps says about the region, rights, offset, name included. */
uint32_t region_hash(void)
{
	char *line = slurp("/proc/self/smaps"), *start = line, answer[1024];
	uint32_t hash = 2166136261U;
	unsigned long from, end;

	for (; line && (from = next_smap(&line, answer, &end)); start = line) {
		int rights = 0, device = 0, name = 0;

		if (!inside(from))
			continue;
		sscanf(start, "%*s %n%*s %*s %n%*s %*s %n", &rights, &device,
		       &name);
		hash = hash_of(answer, strlen(answer), hash);
		hash = hash_of(start + rights, (size_t)(device - rights), hash);
		hash = hash_of(start + name, strcspn(start + name, "\n"), hash);
	}
	return hash;
}

void core(unsigned long page, unsigned long n)
{
	unsigned char vec[512];
	char answer[513];

	if (mincore_(at(page), n * P, vec)) {
		say("mincore %lu+%lu: %s", page, n, strerrorname_np(errno));
		return;
	}
	for (unsigned long i = 0; i < n; i++)
		answer[i] = (char)('0' + vec[i]);
	answer[n] = 0;
	say("mincore %lu+%lu: %s", page, n, answer);
}

static struct {
	enum source source;
	const char *keys;
	long value[16];
} before;

static void read_keys(enum source source, const char *keys, long *value)
{
	static const char *const path[] = { "/proc/self/status",
					    "/proc/meminfo" };
	char key[64], *found;
	int used;

	if (source == MEMINFO)
		put("/proc/sys/vm/stat_refresh", "1");
	slurp(path[source]);
	for (; sscanf(keys, "%62s%n", key, &used) == 1; keys += used, value++) {
		strcat(key, ":");
		found = strstr(text, key);
		*value = found ? atol(found + strlen(key)) : -1;
	}
}

void keys_before(enum source source, const char *keys)
{
	before.source = source;
	before.keys = keys;
	read_keys(source, keys, before.value);
}

void keys_after(const char *what)
{
	long after[16], *now = after, *old = before.value;
	const char *keys = before.keys;
	char key[64];
	int used;

	read_keys(before.source, keys, after);
	say("%s:", what);
	for (; sscanf(keys, "%62s%n", key, &used) == 1; keys += used, now++)
		say("  %s %+ld", key, *now - *old++);
}

/* ---- processes and files --------------------------------------------------- */

int wait_for(pid_t pid)
{
	int status = -1;

	if (pid)
		waitpid(pid, &status, 0);
	return status;
}

void exit_case(void)
{
	flush_out();
	_exit(0);
}

int new_file(const char *path, unsigned long pages)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
	char page[P];

	must(fd);
	for (unsigned long i = 0; i < pages; i++) {
		memset(page, 'a' + (int)i, P);
		must(write(fd, page, P));
	}
	return fd;
}

long get(const char *path)
{
	char *s = slurp(path);

	return s ? atol(s) : -1;
}

int put(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, line, strlen(line)) == (ssize_t)strlen(line);
	close(fd);
	return ok ? 0 : -1;
}

void limit(int which, unsigned long soft)
{
	struct rlimit rl = { soft, RLIM_INFINITY };

	if (getuid()) {
		getrlimit(which, &rl);
		rl.rlim_cur = soft;
	}
	must(setrlimit(which, &rl));
}

void become_user(void)
{
	must(setresgid(1000, 1000, 1000));
	must(setresuid(1000, 1000, 1000));
}

/* ---- running --------------------------------------------------------------- */

/* So that no fault of ours is counted: own every page of the program. */
static void warm_up(void)
{
	extern char __executable_start[], edata[], end[], __data_start[];
	volatile char stack[1 << 16];

	for (char *p = __executable_start; p < edata; p += P)
		quiet_access((unsigned long)p, 0);
	for (char *p = __data_start; p < end; p += P)
		*(volatile char *)p = *(volatile char *)p;
	*(volatile char *)(end - 1) = end[-1];
	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 1;
	stack[sizeof(stack) - 1] = 1;
	minor_faults();
	(void)slurp("/proc/self/maps");
}

pid_t quiet_fork(void)
{
	pid_t pid;

	flush_out();
	pid = fork();
	if (!pid)
		warm_up();
	return pid;
}

/* Pass on how somebody else ended. */
void exit_with(int wait_status)
{
	flush_out();
	_exit(wait_status ? 97 : 0);
}

void child(void (*fn)(void))
{
	pid_t pid = quiet_fork();

	if (!pid) {
		fn();
		exit_case();
	}
	say("child ended: 0x%x", (unsigned int)wait_for(pid));
}

static void run_case(const struct diff_case *c)
{
	int status;
	pid_t pid;

	say("== %s", c->name);
	pid = quiet_fork();
	if (!pid) {
		alarm(20);
		c->run();
		exit_case();
	}
	status = wait_for(pid);
	if (status)
		say("case ended: 0x%x", (unsigned int)status);
}

/* random:FROM-TO are these; otherwise 1 to 30, if the name fits. */
static void run_random(const char *which)
{
	unsigned int last = 30;
	char name[32];
	struct diff_case c = { name, random_script };

	random_seed = 1;
	if (sscanf(which, "random:%u-%u", &random_seed, &last) == 2)
		which = "";
	for (; random_seed <= last; random_seed++) {
		sprintf(name, "random_%u", random_seed);
		if (strstr(name, which))
			run_case(&c);
	}
}

int main(int argc, char **argv)
{
	const struct diff_case *c;
	cpu_set_t one;

	if (argc > 1 && !strcmp(argv[1], "-exec")) {
		keys_before(STATUS, "VmLck");
		area(0, 2, RW);
		keys_after("mmap after exec");
		core(0, 2);
		maps();
		exit_case();
	}
	verbose = argc > 2 && !strcmp(argv[2], "-v");
	catch_faults();
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	mkdir("/tmp", 0777);
	for (c = __start_diff_cases; c < __stop_diff_cases; c++)
		if (argc < 2 || strstr(c->name, argv[1]))
			run_case(c);
	run_random(argc < 2 ? "" : argv[1]);
	say("== end");
	flush_out();
	return 0;
}

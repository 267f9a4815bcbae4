/* SPDX-License-Identifier: MIT */
/*
 * All system calls, in the order of their arm64 numbers.  Arguments are as
 * the user passed them: pointers are hostile, widths are Linux's.
 *
 * => result >= 0, or a negative errno (ERESTART* never reach the user)
 */
#ifndef PROC_SYSCALLS_H
#define PROC_SYSCALLS_H

#include <asm/uaccess.h>
#include <lib/types.h>
#include <proc/signal.h>
#include <proc/time.h>

struct arch_stack_t;
struct epoll_event;
struct iovec;
struct itimerval;
struct linux_dirent64;
struct msghdr;
struct pollfd;
struct rlimit;
struct robust_list_head;
struct rusage;
struct sigevent;
struct stat;
struct statfs;
struct statx;
struct sysinfo;
struct tms;
struct utsname;

typedef long (*syscall_fn_t)(u64, u64, u64, u64, u64, u64);
#define NR_SYSCALLS 451
extern const syscall_fn_t sys_call_table[NR_SYSCALLS];

/* names and directories: sys_namei.c */
long sys_getcwd(char __user *buf, size_t size);
long sys_mknodat(int dfd, const char __user *name, umode_t mode, u32 dev);
long sys_mkdirat(int dfd, const char __user *name, umode_t mode);
long sys_unlinkat(int dfd, const char __user *name, int flag);
long sys_symlinkat(const char __user *target, int dfd, const char __user *name);
long sys_linkat(int odfd, const char __user *oname, int ndfd,
		const char __user *nname, int flags);
long sys_renameat(int odfd, const char __user *oname, int ndfd,
		  const char __user *nname);
long sys_renameat2(int odfd, const char __user *oname, int ndfd,
		   const char __user *nname, unsigned int flags);
long sys_swapon(const char __user *name, int flags);
long sys_swapoff(const char __user *name);
long sys_umount2(const char __user *name, int flags);
long sys_mount(const char __user *source, const char __user *target,
	       const char __user *type, unsigned long flags,
	       const char __user *data);
long sys_chdir(const char __user *name);
long sys_fchdir(unsigned int fd);
long sys_chroot(const char __user *name);
long sys_umask(int mask);
long sys_readlinkat(int dfd, const char __user *name, char __user *buf,
		    int size);

/* attributes: sys_stat.c */
long sys_newfstatat(int dfd, const char __user *name, struct stat __user *st,
		    int flags);
long sys_fstat(unsigned int fd, struct stat __user *st);
long sys_statx(int dfd, const char __user *name, int flags, unsigned int mask,
	       struct statx __user *st);
long sys_statfs(const char __user *name, struct statfs __user *st);
long sys_fstatfs(unsigned int fd, struct statfs __user *st);
long sys_faccessat(int dfd, const char __user *name, int mode);
long sys_faccessat2(int dfd, const char __user *name, int mode, int flags);
long sys_fchmod(unsigned int fd, umode_t mode);
long sys_fchmodat(int dfd, const char __user *name, umode_t mode);
long sys_fchown(unsigned int fd, uid_t uid, gid_t gid);
long sys_fchownat(int dfd, const char __user *name, uid_t uid, gid_t gid,
		  int flags);
long sys_utimensat(int dfd, const char __user *name,
		   const struct timespec __user *times, int flags);
long sys_truncate(const char __user *name, loff_t len);
long sys_ftruncate(unsigned int fd, loff_t len);
long sys_fallocate(int fd, int mode, loff_t off, loff_t len);

/* open files: sys_file.c */
long sys_openat(int dfd, const char __user *name, int flags, umode_t mode);
long sys_close(unsigned int fd);
long sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
long sys_dup(unsigned int fd);
long sys_dup3(unsigned int oldfd, unsigned int newfd, int flags);
long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg);
long sys_flock(unsigned int fd, unsigned int cmd);
long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg);
long sys_pipe2(int __user *fds, int flags);
long sys_lseek(unsigned int fd, loff_t off, unsigned int whence);
long sys_read(unsigned int fd, char __user *buf, size_t n);
long sys_write(unsigned int fd, const char __user *buf, size_t n);
long sys_readv(unsigned long fd, const struct iovec __user *vec,
	       unsigned long n);
long sys_writev(unsigned long fd, const struct iovec __user *vec,
		unsigned long n);
long sys_pread64(unsigned int fd, char __user *buf, size_t n, loff_t pos);
long sys_pwrite64(unsigned int fd, const char __user *buf, size_t n,
		  loff_t pos);
long sys_preadv(unsigned long fd, const struct iovec __user *vec,
		unsigned long n, loff_t pos);
long sys_pwritev(unsigned long fd, const struct iovec __user *vec,
		 unsigned long n, loff_t pos);
long sys_preadv2(unsigned long fd, const struct iovec __user *vec,
		 unsigned long n, loff_t pos, unsigned long unused, int flags);
long sys_pwritev2(unsigned long fd, const struct iovec __user *vec,
		  unsigned long n, loff_t pos, unsigned long unused, int flags);
long sys_copy_file_range(int in, loff_t __user *inoff, int out,
			 loff_t __user *outoff, size_t n, unsigned int flags);
long sys_fadvise64(int fd, loff_t off, loff_t len, int advice);
long sys_readahead(int fd, loff_t off, size_t n);
long sys_sync_file_range(int fd, loff_t off, loff_t n, unsigned int flags);
long sys_syncfs(int fd);
long sys_sendfile(int out, int in, loff_t __user *off, size_t n);
long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *dirent,
		    unsigned int n);
long sys_fsync(unsigned int fd);
long sys_no_xattr(void);
long sys_sync(void);

/* waiting for files: sys_poll.c */
long sys_ppoll(struct pollfd __user *fds, unsigned int n,
	       struct timespec __user *ts, const u64 __user *mask,
	       size_t masksize);
long sys_pselect6(int n, unsigned long __user *in, unsigned long __user *out,
		  unsigned long __user *ex, struct timespec __user *ts,
		  void __user *sig);
long sys_epoll_create1(int flags);
long sys_epoll_ctl(int epfd, int op, int fd, struct epoll_event __user *ev);
long sys_epoll_pwait(int epfd, struct epoll_event __user *events, int max,
		     int timeout_ms, const u64 __user *mask, size_t masksize);
long sys_epoll_pwait2(int epfd, struct epoll_event __user *events, int max,
		      const struct timespec __user *timeout,
		      const u64 __user *mask, size_t masksize);
long sys_eventfd2(unsigned int count, int flags);
long sys_timerfd_create(int clock, int flags);
long sys_timerfd_settime(int fd, int flags, const struct itimerspec __user *uts,
			 struct itimerspec __user *uold);
long sys_timerfd_gettime(int fd, struct itimerspec __user *uts);

/* sockets: sys_socket.c */
long sys_socket(int family, int type, int protocol);
long sys_socketpair(int family, int type, int protocol, int __user *fds);
long sys_bind(int fd, const void __user *addr, int len);
long sys_listen(int fd, int backlog);
long sys_accept(int fd, void __user *addr, s32 __user *len);
long sys_accept4(int fd, void __user *addr, s32 __user *len, int flags);
long sys_connect(int fd, const void __user *addr, int len);
long sys_getsockname(int fd, void __user *addr, s32 __user *len);
long sys_getpeername(int fd, void __user *addr, s32 __user *len);
long sys_sendto(int fd, void __user *buf, size_t n, unsigned int flags,
		const void __user *addr, int addrlen);
long sys_recvfrom(int fd, void __user *buf, size_t n, unsigned int flags,
		  void __user *addr, s32 __user *addrlen);
long sys_setsockopt(int fd, int level, int name, const void __user *val,
		    int len);
long sys_getsockopt(int fd, int level, int name, void __user *val,
		    s32 __user *len);
long sys_shutdown(int fd, int how);
long sys_sendmsg(int fd, const struct msghdr __user *msg, unsigned int flags);
long sys_recvmsg(int fd, struct msghdr __user *msg, unsigned int flags);

/* memory: sys_mm.c */
long sys_brk(unsigned long brk);
long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot,
	      unsigned long flags, unsigned long fd, unsigned long off);
long sys_munmap(unsigned long addr, size_t len);
long sys_mprotect(unsigned long addr, size_t len, unsigned long prot);
long sys_mremap(unsigned long addr, unsigned long old_len,
		unsigned long new_len, unsigned long flags,
		unsigned long new_addr);
long sys_madvise(unsigned long addr, size_t len, int advice);
long sys_msync(unsigned long addr, size_t len, int flags);
long sys_mlock(unsigned long addr, size_t len);
long sys_mlock2(unsigned long addr, size_t len, int flags);
long sys_munlock(unsigned long addr, size_t len);
long sys_memfd_create(const char __user *name, unsigned int flags);
long sys_remap_file_pages(unsigned long start, size_t size, unsigned long prot,
			  unsigned long pgoff, unsigned long flags);
long sys_mlockall(int flags);
long sys_munlockall(void);
long sys_mincore(unsigned long start, size_t len, unsigned char __user *vec);
long sys_process_vm_readv(pid_t pid, const struct iovec __user *lvec,
			  unsigned long nr_local,
			  const struct iovec __user *rvec,
			  unsigned long nr_remote, unsigned long flags);
long sys_process_vm_writev(pid_t pid, const struct iovec __user *lvec,
			   unsigned long nr_local,
			   const struct iovec __user *rvec,
			   unsigned long nr_remote, unsigned long flags);

/* System V shared memory: shm.c */
long sys_shmget(int key, size_t size, int flags);
long sys_shmat(int id, unsigned long addr, int flags);
long sys_shmdt(unsigned long addr);
long sys_shmctl(int id, int cmd, void __user *buf);

/* processes: fork.c exec.c exit.c wait.c sys_proc.c sys_sched.c */
long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
	       unsigned long tls, int __user *child_tid);
long sys_clone3(const void __user *uargs, size_t size);
long sys_execve(const char __user *filename,
		const char __user *const __user *argv,
		const char __user *const __user *envp);
long sys_exit(int code);
long sys_exit_group(int code);
long sys_wait4(pid_t pid, int __user *status, int options,
	       struct rusage __user *ru);
long sys_waitid(int which, pid_t id, struct siginfo __user *info, int options,
		struct rusage __user *ru);
long sys_set_tid_address(int __user *tidptr);
long sys_getpid(void);
long sys_gettid(void);
long sys_getppid(void);
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_setuid(uid_t uid);
long sys_setgid(gid_t gid);
long sys_setreuid(uid_t ruid, uid_t euid);
long sys_setregid(gid_t rgid, gid_t egid);
long sys_setresuid(uid_t ruid, uid_t euid, uid_t suid);
long sys_getresuid(uid_t __user *ruid, uid_t __user *euid, uid_t __user *suid);
long sys_setresgid(gid_t rgid, gid_t egid, gid_t sgid);
long sys_getresgid(gid_t __user *rgid, gid_t __user *egid, gid_t __user *sgid);
long sys_setfsuid(uid_t uid);
long sys_setfsgid(gid_t gid);
long sys_getgroups(int n, gid_t __user *list);
long sys_setgroups(int n, const gid_t __user *list);
long sys_setpgid(pid_t pid, pid_t pgid);
long sys_getpgid(pid_t pid);
long sys_getsid(pid_t pid);
long sys_setsid(void);
long sys_prctl(int option, unsigned long arg2, unsigned long arg3,
	       unsigned long arg4, unsigned long arg5);
long sys_personality(unsigned int persona);
long sys_getrlimit(unsigned int res, struct rlimit __user *rlim);
long sys_setrlimit(unsigned int res, const struct rlimit __user *rlim);
long sys_prlimit64(pid_t pid, unsigned int res, const struct rlimit __user *new,
		   struct rlimit __user *old);
long sys_capget(void __user *header, void __user *data);
long sys_sched_yield(void);
long sys_sched_setaffinity(pid_t pid, unsigned int len,
			   const unsigned long __user *mask);
long sys_sched_getaffinity(pid_t pid, unsigned int len,
			   unsigned long __user *mask);
long sys_sched_getscheduler(pid_t pid);
long sys_sched_getparam(pid_t pid, int __user *param);
long sys_sched_setparam(pid_t pid, const int __user *param);
long sys_sched_setscheduler(pid_t pid, int policy, const int __user *param);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_rr_get_interval(pid_t pid, struct timespec __user *ts);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int nice);
long sys_getcpu(unsigned int __user *cpu, unsigned int __user *node,
		void __user *unused);

/* signals: sys_signal.c */
long sys_kill(pid_t pid, int sig);
long sys_tkill(pid_t pid, int sig);
long sys_tgkill(pid_t tgid, pid_t pid, int sig);
long sys_sigaltstack(const struct arch_stack_t __user *uss,
		     struct arch_stack_t __user *uoss);
long sys_rt_sigsuspend(const u64 __user *set, size_t size);
long sys_rt_sigaction(int sig, const struct k_sigaction __user *act,
		      struct k_sigaction __user *oact, size_t size);
long sys_rt_sigprocmask(int how, const u64 __user *set, u64 __user *oset,
			size_t size);
long sys_rt_sigpending(u64 __user *set, size_t size);
long sys_rt_sigtimedwait(const u64 __user *set, struct siginfo __user *info,
			 const struct timespec __user *ts, size_t size);
long sys_rt_sigqueueinfo(pid_t pid, int sig, const struct siginfo __user *info);
long sys_rt_tgsigqueueinfo(pid_t tgid, pid_t pid, int sig,
			   const struct siginfo __user *info);
long sys_rt_sigreturn(void);

/* time: sys_time.c itimer.c posix_timer.c */
long sys_nanosleep(const struct timespec __user *rqtp,
		   struct timespec __user *rmtp);
long sys_getitimer(int which, struct itimerval __user *value);
long sys_setitimer(int which, const struct itimerval __user *value,
		   struct itimerval __user *ovalue);
long sys_timer_create(int clock, const struct sigevent __user *ev,
		      s32 __user *id);
long sys_timer_gettime(int id, struct itimerspec __user *ts);
long sys_timer_getoverrun(int id);
long sys_timer_settime(int id, int flags, const struct itimerspec __user *ts,
		       struct itimerspec __user *old);
long sys_timer_delete(int id);
/* clock_nanosleep on a process's CPU clock */
long cpu_clock_sleep(int clock, bool absolute, u64 ns,
		     struct timespec __user *rmtp);
long sys_clock_settime(int clock, const struct timespec __user *tp);
long sys_clock_gettime(int clock, struct timespec __user *tp);
long sys_clock_getres(int clock, struct timespec __user *tp);
long sys_clock_nanosleep(int clock, int flags,
			 const struct timespec __user *rqtp,
			 struct timespec __user *rmtp);
long sys_restart_syscall(void);
long sys_times(struct tms __user *tms);
long sys_getrusage(int who, struct rusage __user *ru);
long sys_gettimeofday(struct timeval __user *tv, void __user *tz);
long sys_settimeofday(const struct timeval __user *tv, const void __user *tz);

/* futex.c */
long sys_futex(u32 __user *uaddr, int op, u32 val,
	       const struct timespec __user *timeout, u32 __user *uaddr2,
	       u32 val3);
long sys_set_robust_list(struct robust_list_head __user *head, size_t len);
long sys_get_robust_list(int pid, struct robust_list_head __user *__user *head,
			 size_t __user *len);

/* the system: sys_info.c */
long sys_uname(struct utsname __user *name);
long sys_sethostname(const char __user *name, int len);
long sys_setdomainname(const char __user *name, int len);
long sys_sysinfo(struct sysinfo __user *info);
long sys_syslog(int type, char __user *buf, int len);
long sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg);
long sys_getrandom(char __user *buf, size_t n, unsigned int flags);

#endif /* PROC_SYSCALLS_H */

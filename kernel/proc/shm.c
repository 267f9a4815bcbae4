// SPDX-License-Identifier: MIT
/*
 * System V shared memory: segments with a number that outlive their maker.
 *
 *	key --shmget--> id --shmat--> VMA          id = seq << 15 | index
 *	                 |             |
 *	           shm_segs[index]     | vm_private_data
 *	                 |             v
 *	               struct shm_segment --file--> pages (fs/tmpfs)
 *
 * A segment is a file without a name; attaching maps it. vm_ops->open and
 * close count the VMAs, so that fork, exit, munmap and mremap count, too.
 * IPC_RMID only marks a segment that is attached (SHM_DEST); the last
 * detach then frees it.
 *
 * Lock: shm_mutex guards the table and all fields but the constant ones; it
 * nests inside mmap_lock. Order: mmap_lock > shm_mutex.
 *
 * Lock key: (c) constant after creation, (m) shm_mutex
 */
#include <base/bug.h>
#include <base/clock.h>
#include <fs/proc_fs.h>
#include <fs/tmpfs.h>
#include <lib/printf.h>
#include <mm/phys/slab.h>
#include <mm/phys/vmalloc.h>
#include <mm/vm/mm.h>
#include <proc/at_name.h>
#include <proc/process.h>
#include <proc/syscalls.h>
#include <uapi/shm.h>

#define SHMMNI	   4096 /* slots in the table */
#define SHMMNI_MIN 64	/* numbers are not reused sooner than that */
#define SEQ_SHIFT  15
#define SHMMAX	   (ULONG_MAX - (1UL << 24))

struct shm_segment {
	struct ipc64_perm perm;	 /* (m) but seq (c) */
	int id;			 /* (c) */
	size_t size;		 /* (c) bytes as asked for */
	unsigned long nattch;	 /* (m) */
	s64 atime, dtime, ctime; /* (m) seconds since 1970 */
	pid_t cpid;		 /* (c) */
	pid_t lpid;		 /* (m) last to attach or detach */
	struct file *file;	 /* (c) */
};

static DEFINE_MUTEX(shm_mutex);
static struct shm_segment **shm_segs; /* (m) SHMMNI slots */
static int shm_used, shm_last;	      /* (m) segments; last index given */
static unsigned int shm_seq;	      /* (m) */
static unsigned long shm_tot;	      /* (m) pages of all segments */

static unsigned long shm_ctlmax = SHMMAX, shm_ctlall = SHMMAX;
static int shm_ctlmni = SHMMNI, shm_rmid_forced;

static s64 now_seconds(void)
{
	return (s64)(ktime_get_real_ns() / NSEC_PER_SEC);
}

static unsigned long seg_pages(const struct shm_segment *seg)
{
	return PAGE_ALIGN(seg->size) >> PAGE_SHIFT;
}

/* --- permissions --- */

static bool in_group(const struct cred *cred, gid_t gid)
{
	if (cred->egid == gid)
		return true;
	for (unsigned int i = 0; i < cred->ngroups; i++)
		if (cred->groups[i] == gid)
			return true;
	return false;
}

/* want: rwx bits in any of the three places of a mode */
static bool may(const struct shm_segment *seg, unsigned int want)
{
	const struct cred *cred = current_cred();
	unsigned int mode = seg->perm.mode;

	want |= want >> 3 | want >> 6;
	if (!cred->euid)
		return true;
	if (cred->euid == seg->perm.cuid || cred->euid == seg->perm.uid)
		mode >>= 6;
	else if (in_group(cred, seg->perm.cgid) ||
		 in_group(cred, seg->perm.gid))
		mode >>= 3;
	return !(want & ~mode & 7);
}

static bool owner(const struct shm_segment *seg)
{
	uid_t uid = current_cred()->euid;

	return !uid || uid == seg->perm.cuid || uid == seg->perm.uid;
}

/* --- the table; shm_mutex is held --- */

static struct shm_segment *seg_at(int id)
{
	unsigned int index = (unsigned int)id & ((1U << SEQ_SHIFT) - 1);

	return id >= 0 && index < SHMMNI ? shm_segs[index] : NULL;
}

/* => the segment of that number, or NULL: never was or is gone */
static struct shm_segment *seg_by_id(int id)
{
	struct shm_segment *seg = seg_at(id);

	return seg && seg->id == id ? seg : NULL;
}

static struct shm_segment *seg_by_key(int key)
{
	for (int i = 0; i < SHMMNI; i++)
		if (shm_segs[i] && shm_segs[i]->perm.key == key)
			return shm_segs[i];
	return NULL;
}

/* Indexes go round, so that a number just freed does not come back soon. */
static int new_index(void)
{
	int limit = min(max(shm_used * 3 / 2, SHMMNI_MIN), SHMMNI);

	if (shm_used >= shm_ctlmni)
		return -ENOSPC;
	for (int n = 1; n <= limit; n++) {
		int index = (shm_last + n) % limit;

		if (shm_segs[index])
			continue;
		if (index <= shm_last)
			shm_seq = (shm_seq + 1) & 0xffff;
		shm_last = index;
		return index;
	}
	return -ENOSPC;
}

static bool may_destroy(const struct shm_segment *seg)
{
	return !seg->nattch && (shm_rmid_forced || (seg->perm.mode & SHM_DEST));
}

/* Takes the segment out and unlocks; the pages go with their last user. */
static void destroy_and_unlock(struct shm_segment *seg)
{
	BUG_ON(seg->nattch);
	shm_segs[seg->id & ((1 << SEQ_SHIFT) - 1)] = NULL;
	shm_used--;
	shm_tot -= seg_pages(seg);
	mutex_unlock(&shm_mutex);
	fput(seg->file);
	kfree(seg);
}

static void detach_and_unlock(struct shm_segment *seg)
{
	BUG_ON(!seg->nattch);
	seg->nattch--;
	if (may_destroy(seg))
		destroy_and_unlock(seg);
	else
		mutex_unlock(&shm_mutex);
}

/* --- mappings --- */

static void shm_open(struct vm_area_struct *vma)
{
	struct shm_segment *seg = vma->vm_private_data;

	guard(mutex)(&shm_mutex);
	seg->nattch++;
	seg->lpid = current->tgid;
	seg->atime = now_seconds();
}

static void shm_close(struct vm_area_struct *vma)
{
	struct shm_segment *seg = vma->vm_private_data;

	mutex_lock(&shm_mutex);
	seg->lpid = current->tgid;
	seg->dtime = now_seconds();
	detach_and_unlock(seg);
}

static const struct vm_operations_struct shm_vm_ops = {
	.open = shm_open,
	.close = shm_close,
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
};

static void shm_file_get(struct file *file)
{
	get_file(file);
}

/* --- shmget --- */

static struct file *make_file(int key, size_t size, int flags)
{
	struct walk_ctx ctx __cleanup(walk_ctx_put) = current_walk_ctx();
	char name[16];

	snprintf(name, sizeof(name), "SYSV%08x", (unsigned int)key);
	return shmem_file_setup(name, (loff_t)size,
				!(flags & SHM_NORESERVE) ||
					sysctl_overcommit_memory ==
						OVERCOMMIT_NEVER,
				&ctx);
}

static void init_segment(struct shm_segment *seg, int key, size_t size,
			 int flags)
{
	const struct cred *cred = current_cred();

	seg->perm.key = key;
	seg->perm.uid = seg->perm.cuid = cred->euid;
	seg->perm.gid = seg->perm.cgid = cred->egid;
	seg->perm.mode = (unsigned int)flags & S_IRWXUGO;
	seg->size = size;
	seg->cpid = current->tgid;
	seg->ctime = now_seconds();
}

/* => id or -errno; shm_mutex held */
static int new_segment(int key, size_t size, int flags)
{
	unsigned long pages = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct shm_segment *seg;
	int index;

	if (size < 1 || size > shm_ctlmax || (flags & SHM_HUGETLB))
		return -EINVAL;
	if (!pages || shm_tot + pages < shm_tot || shm_tot + pages > shm_ctlall)
		return -ENOSPC;
	seg = kzalloc(sizeof(*seg), GFP_KERNEL);
	if (!seg)
		return -ENOMEM;
	init_segment(seg, key, size, flags);
	seg->file = size > S64_MAX ? ERR_PTR(-EINVAL) :
				     make_file(key, size, flags);
	index = IS_ERR(seg->file) ? (int)PTR_ERR(seg->file) : new_index();
	if (index < 0) {
		if (!IS_ERR(seg->file))
			fput(seg->file);
		kfree(seg);
		return index;
	}
	seg->perm.seq = (u16)shm_seq;
	seg->id = (int)(shm_seq << SEQ_SHIFT) | index;
	file_inode(seg->file)->i_ino = (ino_t)seg->id;
	shm_segs[index] = seg;
	shm_used++;
	shm_tot += pages;
	return seg->id;
}

static int get_segment(int key, size_t size, int flags)
{
	struct shm_segment *seg = key ? seg_by_key(key) : NULL;

	if (!seg)
		return key && !(flags & IPC_CREAT) ?
			       -ENOENT :
			       new_segment(key, size, flags);
	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	if (seg->size < size)
		return -EINVAL;
	return may(seg, (unsigned int)flags & S_IRWXUGO) ? seg->id : -EACCES;
}

SYSCALL(sys_shmget, int key, size_t size, int flags)
{
	guard(mutex)(&shm_mutex);
	return get_segment(key, size, flags);
}

/* --- shmat, shmdt --- */

/* The address and its MAP_ flags. => 0, -EINVAL */
static int place(unsigned long *addr, int flags, unsigned long *map)
{
	*map = MAP_SHARED;
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (offset_in_page(*addr)) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*addr &= PAGE_MASK;
		if (!*addr && (flags & SHM_REMAP))
			return -EINVAL;
	}
	*map |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	return 0;
}

/* seg cannot go away: it is counted as attached. => address or -errno */
static long map_segment(struct shm_segment *seg, unsigned long addr,
			unsigned long map, int flags)
{
	const struct vm_backing b = {
		.file = seg->file,
		.mapping = seg->file->f_mapping,
		.ops = &shm_vm_ops,
		.get = shm_file_get,
		.put = fput,
		.private_data = seg,
		.may_read = true,
		.may_write = !(flags & SHM_RDONLY),
		.may_exec = true,
	};
	unsigned long prot = PROT_READ;
	long ret;

	if (!(flags & SHM_RDONLY))
		prot |= PROT_WRITE;
	if (flags & SHM_EXEC)
		prot |= PROT_EXEC;
	if (addr && addr + seg->size < addr)
		return -EINVAL;
	ret = do_mmap(current->mm, addr, seg->size, prot, map, 0, &b);
	return ret == -EEXIST ? -EINVAL : ret;
}

SYSCALL(sys_shmat, int id, unsigned long addr, int flags)
{
	unsigned int want = flags & SHM_RDONLY ? S_IRUGO : S_IRUGO | S_IWUGO;
	struct shm_segment *seg;
	unsigned long map;
	long ret;

	if (id < 0 || place(&addr, flags, &map))
		return -EINVAL;
	if (flags & SHM_EXEC)
		want |= S_IXUGO;
	mutex_lock(&shm_mutex);
	seg = seg_by_id(id);
	ret = !seg ? -EINVAL : may(seg, want) ? 0 : -EACCES;
	if (!ret)
		seg->nattch++;
	mutex_unlock(&shm_mutex);
	if (ret)
		return ret;
	ret = map_segment(seg, addr, map, flags);
	mutex_lock(&shm_mutex);
	detach_and_unlock(seg);
	return ret;
}

/* The pieces of the mapping that was attached at addr. */
static int unmap_pieces(struct mm_struct *mm, unsigned long addr)
{
	unsigned long end = ULONG_MAX, next;
	const struct file *file = NULL;
	struct vm_area_struct *vma = find_vma(mm, addr);

	for (; vma && vma->vm_end <= end; vma = find_vma(mm, next)) {
		next = vma->vm_end;
		if (vma->vm_ops != &shm_vm_ops || vma->vm_start < addr ||
		    (vma->vm_start - addr) >> PAGE_SHIFT != vma->vm_pgoff ||
		    (file && vma->vm_file != file))
			continue;
		if (!file) {
			file = vma->vm_file;
			end = addr +
			      PAGE_ALIGN(
				      (unsigned long)file_inode(file)->i_size);
		}
		__do_munmap(mm, vma->vm_start, next - vma->vm_start);
	}
	return file ? 0 : -EINVAL;
}

SYSCALL(sys_shmdt, unsigned long addr)
{
	struct mm_struct *mm = current->mm;

	if (offset_in_page(addr))
		return -EINVAL;
	guard(rwsem_write)(&mm->mmap_lock);
	return unmap_pieces(mm, addr);
}

/* --- shmctl --- */

static void fill_stat(const struct shm_segment *seg, struct shmid64_ds *ds)
{
	*ds = (struct shmid64_ds){
		.perm = seg->perm,
		.segsz = seg->size,
		.atime = seg->atime,
		.dtime = seg->dtime,
		.ctime = seg->ctime,
		.cpid = seg->cpid,
		.lpid = seg->lpid,
		.nattch = seg->nattch,
	};
}

/* IPC_STAT wants a number, SHM_STAT an index and returns the number. */
static long shm_stat(int id, int cmd, struct shmid64_ds __user *buf)
{
	struct shm_segment *seg;
	struct shmid64_ds ds;
	long ret = -EINVAL;

	mutex_lock(&shm_mutex);
	seg = cmd == IPC_STAT ? seg_by_id(id) : seg_at(id);
	if (seg)
		ret = cmd == SHM_STAT_ANY || may(seg, S_IRUGO) ? 0 : -EACCES;
	if (!ret) {
		fill_stat(seg, &ds);
		ret = cmd == IPC_STAT ? 0 : seg->id;
	}
	mutex_unlock(&shm_mutex);
	if (ret >= 0 && copy_to_user(buf, &ds, sizeof(ds)))
		return -EFAULT;
	return ret;
}

/* The largest index in use, 0 if there is none. */
static int max_index(void)
{
	int i = SHMMNI - 1;

	while (i > 0 && !shm_segs[i])
		i--;
	return i;
}

static long shm_limits(struct shminfo64 __user *buf)
{
	const struct shminfo64 info = {
		.shmmax = shm_ctlmax,
		.shmmin = 1,
		.shmmni = (unsigned long)shm_ctlmni,
		.shmseg = (unsigned long)shm_ctlmni,
		.shmall = shm_ctlall,
	};
	long ret;

	mutex_lock(&shm_mutex);
	ret = max_index();
	mutex_unlock(&shm_mutex);
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : ret;
}

static void count_pages(const struct address_space *m, struct shm_info *info)
{
	info->shm_rss += READ_ONCE(m->nrpages);
	info->shm_swp += READ_ONCE(m->nrswapped);
}

static long shm_totals(struct shm_info __user *buf)
{
	struct shm_info info = {};
	long ret;

	mutex_lock(&shm_mutex);
	ret = max_index();
	info.used_ids = shm_used;
	info.shm_tot = shm_tot;
	for (int i = 0; i < SHMMNI; i++)
		if (shm_segs[i])
			count_pages(shm_segs[i]->file->f_mapping, &info);
	mutex_unlock(&shm_mutex);
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : ret;
}

static void remove_and_unlock(struct shm_segment *seg)
{
	seg->perm.key = IPC_PRIVATE; /* nobody finds it any more */
	seg->perm.mode |= SHM_DEST;
	if (may_destroy(seg))
		destroy_and_unlock(seg);
	else
		mutex_unlock(&shm_mutex);
}

static void set_perm(struct shm_segment *seg, const struct shmid64_ds *ds)
{
	seg->perm.uid = ds->perm.uid;
	seg->perm.gid = ds->perm.gid;
	seg->perm.mode = (seg->perm.mode & ~(unsigned int)S_IRWXUGO) |
			 (ds->perm.mode & S_IRWXUGO);
	seg->ctime = now_seconds();
}

/* What only the owner may do; ds for IPC_SET. */
static long shm_change(int id, int cmd, const struct shmid64_ds *ds)
{
	struct shm_segment *seg;
	long ret = 0;

	mutex_lock(&shm_mutex);
	seg = seg_by_id(id);
	if (!seg)
		ret = -EINVAL;
	else if (!owner(seg))
		ret = -EPERM;
	else if (cmd == IPC_SET && (!~ds->perm.uid || !~ds->perm.gid))
		ret = -EINVAL;
	else if (cmd == IPC_SET)
		set_perm(seg, ds);
	else if (cmd == SHM_LOCK)
		seg->perm.mode |= SHM_LOCKED;
	else if (cmd == SHM_UNLOCK)
		seg->perm.mode &= ~(unsigned int)SHM_LOCKED;
	if (!ret && cmd == IPC_RMID)
		remove_and_unlock(seg);
	else
		mutex_unlock(&shm_mutex);
	return ret;
}

SYSCALL(sys_shmctl, int id, int cmd, void __user *buf)
{
	struct shmid64_ds ds;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return shm_limits(buf);
	case SHM_INFO:
		return shm_totals(buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return shm_stat(id, cmd, buf);
	case IPC_SET:
		if (copy_from_user(&ds, buf, sizeof(ds)))
			return -EFAULT;
		fallthrough;
	case IPC_RMID:
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_change(id, cmd, &ds);
	default:
		return -EINVAL;
	}
}

/* --- /proc --- */

static void show_segment(struct seq_buf *s, const struct shm_segment *seg)
{
	const struct ipc64_perm *p = &seg->perm;

	seq_buf_printf(s,
		       "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u "
		       "%10llu %10llu %10llu %21lu %21lu\n",
		       p->key, seg->id, p->mode, seg->size, seg->cpid,
		       seg->lpid, seg->nattch, p->uid, p->gid, p->cuid, p->cgid,
		       (u64)seg->atime, (u64)seg->dtime, (u64)seg->ctime,
		       READ_ONCE(seg->file->f_mapping->nrpages) << PAGE_SHIFT,
		       READ_ONCE(seg->file->f_mapping->nrswapped)
			       << PAGE_SHIFT);
}

static void sysvipc_show(struct seq_buf *s)
{
	seq_buf_puts(s, "       key      shmid perms                  size  "
			"cpid  lpid nattch   uid   gid  cuid  cgid      atime"
			"      dtime      ctime                   rss"
			"                  swap\n");
	guard(mutex)(&shm_mutex);
	for (int i = 0; i < SHMMNI; i++)
		if (shm_segs[i])
			show_segment(s, shm_segs[i]);
}

void shm_init(void)
{
	static const struct pseudo_file file = { "sysvipc/shm", 0444,
						 .show = sysvipc_show };
	static struct ctl_table knobs[] = {
		{ "sys/kernel/shmmax", 0644, CTL_ULONG, &shm_ctlmax,
		  .max = -1L },
		{ "sys/kernel/shmall", 0644, CTL_ULONG, &shm_ctlall,
		  .max = -1L },
		{ "sys/kernel/shmmni", 0644, CTL_INT, &shm_ctlmni,
		  .max = SHMMNI },
		{ "sys/kernel/shm_rmid_forced", 0644, CTL_INT, &shm_rmid_forced,
		  .max = 1 },
	};

	shm_segs = kvzalloc(SHMMNI * sizeof(*shm_segs), GFP_KERNEL);
	BUG_ON(!shm_segs);
	shm_last = -1;
	proc_create(&file, 1);
	register_sysctls(knobs, ARRAY_SIZE(knobs));
}

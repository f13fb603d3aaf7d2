// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * How long operations of ext4 take. There are tracepoints for fsync, not for the others: those are system calls on
 * descriptors of plain files whose file system says that it is ext4.
 *
 *     fsync             ext4_sync_file_enter ─▶ ext4_sync_file_exit, whoever asks for it: a write with O_SYNC, too
 *     read, write       sys_enter(descriptor of a plain ext4 file) ─▶ sys_exit
 *     open              sys_enter ─▶ sys_exit(descriptor of a plain ext4 file)
 *
 * So what goes another way is not seen: mapped memory, io_uring, sendfile, splice and copy_file_range, 32-bit programs,
 * an open that fails. ext2 and ext3 have the same magic number, and are nearly always mounted by ext4's own code.
 *
 * Target: the file system's device, major << 20 | minor. Operation: enum ext4_operation.
 */
#define IN_FLIGHT_SLOTS 2
#include "../include/in-flight-threads.h"
#include "../include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Order is that of EXT4_OPERATIONS in the agent. */
enum ext4_operation {
	EXT4_READ = 0,
	EXT4_WRITE = 1,
	EXT4_OPEN = 2,
	EXT4_FSYNC = 3,
	EXT4_NONE = 4,
};

/* An fsync may be within a write. */
#define SLOT_CALL 0
#define SLOT_FSYNC 1

/* include/uapi/linux/magic.h */
#define EXT4_SUPER_MAGIC 0xEF53
/* include/uapi/linux/stat.h */
#define S_IFMT 00170000
#define S_IFREG 0100000

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
} __attribute__((preserve_access_index));

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
} __attribute__((preserve_access_index));

struct file {
	struct inode *f_inode;
} __attribute__((preserve_access_index));

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} __attribute__((preserve_access_index));

struct files_struct {
	struct fdtable *fdt;
} __attribute__((preserve_access_index));

struct task_struct___files {
	struct files_struct *files;
} __attribute__((preserve_access_index));

/*
 * Most descriptors are sockets and pipes: what they are is asked before where they are, and what the verifier follows by
 * type is read without a helper's call.
 * @returns whether the descriptor is one of a plain file on ext4, and then its device in `target`
 */
static __always_inline bool is_on_ext4(struct task_struct *task, u32 descriptor, u32 *target)
{
	struct fdtable *table = ((struct task_struct___files *)task)->files->fdt;
	struct super_block *super;
	struct inode *inode = NULL;
	struct file *file = NULL;

	if (descriptor >= table->max_fds)
		return false;
	bpf_probe_read_kernel(&file, sizeof(file), &table->fd[descriptor]);
	if (!file)
		return false;
	bpf_core_read(&inode, sizeof(inode), &file->f_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFREG)
		return false;
	super = BPF_CORE_READ(inode, i_sb);
	if (BPF_CORE_READ(super, s_magic) != EXT4_SUPER_MAGIC)
		return false;
	*target = BPF_CORE_READ(super, s_dev);
	return true;
}

static __always_inline enum ext4_operation operation_of(u32 number)
{
	switch (number) {
	case __NR_read:
	case __NR_pread64:
	case __NR_readv:
	case __NR_preadv:
	case __NR_preadv2:
		return EXT4_READ;
	case __NR_write:
	case __NR_pwrite64:
	case __NR_writev:
	case __NR_pwritev:
	case __NR_pwritev2:
		return EXT4_WRITE;
#ifdef __NR_open
	case __NR_open:
	case __NR_creat:
#endif
	case __NR_openat:
	case __NR_openat2:
		return EXT4_OPEN;
	default:
		return EXT4_NONE;
	}
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long call)
{
	enum ext4_operation operation = operation_of((u32)call & ~X32_SYSCALL_BIT);
	struct task_struct *task;
	u32 target = 0;

	if (operation == EXT4_NONE)
		return 0;
	task = bpf_get_current_task_btf();
	if (is_32_bit_call(task))
		return 0;
	if (operation == EXT4_OPEN || is_on_ext4(task, first_argument(regs), &target))
		begin_of_thread(task, SLOT_CALL, operation, target);
	else
		pass_over_of_thread(task, SLOT_CALL);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	enum ext4_operation operation = operation_of(syscall_number(regs));
	struct thread_operation *begun;
	struct task_struct *task;
	u64 now_ns;

	if (operation == EXT4_NONE)
		return 0;
	now_ns = bpf_ktime_get_ns();
	task = bpf_get_current_task_btf();
	if (is_32_bit_call(task))
		return 0;
	begun = begun_of_thread(task, SLOT_CALL);
	if (!begun)
		return 0;
	if (begun->operation == EXT4_OPEN && (result < 0 || !is_on_ext4(task, result, &begun->target)))
		return 0;
	finish_of_thread(task, begun, now_ns);
	return 0;
}

SEC("tp_btf/ext4_sync_file_enter")
int BPF_PROG(ext4_sync_file_enter, struct file *file)
{
	begin_of_thread(bpf_get_current_task_btf(), SLOT_FSYNC, EXT4_FSYNC, file->f_inode->i_sb->s_dev);
	return 0;
}

SEC("tp_btf/ext4_sync_file_exit")
int BPF_PROG(ext4_sync_file_exit, struct inode *inode, int result)
{
	u64 now_ns = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_operation *begun = begun_of_thread(task, SLOT_FSYNC);

	if (begun)
		finish_of_thread(task, begun, now_ns);
	return 0;
}

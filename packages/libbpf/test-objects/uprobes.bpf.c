// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* Counts calls and returns of whatever its two programs are attached to, by the cookie of the attachment. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target_tgid;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} calls SEC(".maps");

static __always_inline int count(void *ctx)
{
	__u32 slot = bpf_get_attach_cookie(ctx);
	__u64 *total = bpf_map_lookup_elem(&calls, &slot);

	if (total && bpf_get_current_pid_tgid() >> 32 == target_tgid)
		__sync_fetch_and_add(total, 1);
	return 0;
}

SEC("uprobe")
int lib_on_call(struct pt_regs *ctx)
{
	return count(ctx);
}

SEC("uretprobe")
int lib_on_return(struct pt_regs *ctx)
{
	return count(ctx);
}

/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * Short fixed-width names for BPF C over those of linux/types.h, and bool and NULL, which no header gives a BPF target.
 */
#ifndef STALLSCOPE_FIXED_WIDTH_H
#define STALLSCOPE_FIXED_WIDTH_H

#ifndef _LINUX_TYPES_H
#include <linux/types.h>
#endif

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef _Bool bool;

#define true 1
#define false 0
#ifndef NULL
#define NULL ((void *)0)
#endif

#endif

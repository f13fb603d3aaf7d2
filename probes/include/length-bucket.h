/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The buckets that lengths of time are counted in: octaves of four geometric parts, 18.9 % wide each. A length is counted in
 * ticks of 125/128 ns, so that 1 us is 1,024 of them and octaves from 1 us up are those of the bcc tools. The same as
 * bucketOf() of packages/latency, to the nanosecond.
 */
#ifndef STALLSCOPE_LENGTH_BUCKET_H
#define STALLSCOPE_LENGTH_BUCKET_H

#include "fixed-width.h"

/* The last is open above: it begins at 2^39 ticks, nine minutes. */
#define LENGTH_OCTAVES 40
#define LENGTH_QUARTERS 4
#define LENGTH_BUCKETS (LENGTH_OCTAVES * LENGTH_QUARTERS)

/* Longest length that ticks are made of without going over 64 bits; four years. */
#define MAX_LENGTH_NS (1ULL << 57)

static __always_inline u64 length_ticks(u64 ns)
{
	if (ns >= MAX_LENGTH_NS)
		ns = MAX_LENGTH_NS - 1;
	return ns * 128 / 125;
}

/* floor(log2 ticks), LENGTH_OCTAVES - 1 at most. */
static __always_inline u32 octave_of_ticks(u64 ticks)
{
	u32 octave = 0;

	if (ticks >> 32) {
		ticks >>= 32;
		octave += 32;
	}
	if (ticks >> 16) {
		ticks >>= 16;
		octave += 16;
	}
	if (ticks >> 8) {
		ticks >>= 8;
		octave += 8;
	}
	if (ticks >> 4) {
		ticks >>= 4;
		octave += 4;
	}
	if (ticks >> 2) {
		ticks >>= 2;
		octave += 2;
	}
	octave += ticks >> 1;
	return octave < LENGTH_OCTAVES ? octave : LENGTH_OCTAVES - 1;
}

static __always_inline u32 length_octave(u64 ns)
{
	return octave_of_ticks(length_ticks(ns));
}

/* The part of its octave that a length is in, 0 to 3: 2^31 x 2^(1/4), 2^(2/4), 2^(3/4), rounded up, are where they begin. */
static __always_inline u32 length_quarter(u64 ns)
{
	u64 ticks = length_ticks(ns), scaled;
	u32 octave = octave_of_ticks(ticks);

	if (ticks >> LENGTH_OCTAVES)
		return LENGTH_QUARTERS - 1;
	scaled = octave > 31 ? ticks >> (octave - 31) : ticks << (31 - octave);
	return (scaled >= 0x9837f052) + (scaled >= 0xb504f334) + (scaled >= 0xd744fccb);
}

static __always_inline u32 length_bucket(u64 ns)
{
	return length_octave(ns) * LENGTH_QUARTERS + length_quarter(ns);
}

#endif

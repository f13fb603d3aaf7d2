/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws of a workload that takes a seed: splitmix64, so the same seed gives the same lengths on every host. Not for
 * anything but tests.
 */
#ifndef STALLSCOPE_SEEDED_H
#define STALLSCOPE_SEEDED_H

#include <stdint.h>

static inline uint64_t draw(uint64_t *seed)
{
	uint64_t word = *seed += 0x9e3779b97f4a7c15ull;

	word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ull;
	word = (word ^ (word >> 27)) * 0x94d049bb133111ebull;
	return word ^ (word >> 31);
}

/* low to high, both included, each as likely. */
static inline uint64_t draw_between(uint64_t *seed, uint64_t low, uint64_t high)
{
	return low + draw(seed) % (high - low + 1);
}

/* low to high, each octave as likely: as many short waits as long ones. */
static inline uint64_t draw_length(uint64_t *seed, uint64_t low, uint64_t high)
{
	uint64_t octaves = 0, from;

	while (low << (octaves + 1) <= high)
		octaves++;
	from = low << draw_between(seed, 0, octaves);
	return draw_between(seed, from, from * 2 < high ? from * 2 : high);
}

#endif

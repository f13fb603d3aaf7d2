/** Owns how large the probe's maps are; each a knob with the reason for its default. Entries, not bytes. */

export interface MapSizes {
  /** Distinct row keys a window, twice (two windows): 16,384 × 96 B × 2 = 3 MiB. A busy host of 1,000 threads makes about 5,000. */
  rows: number;
  /** Distinct stacks the kernel holds before the agent clears what it has read: 16,384 × 1 KiB = 16 MiB. */
  stacks: number;
  /** Distinct wakers (thread and stack): 16,384 × 56 B = 1 MiB. */
  links: number;
  /** Distinct chains of wakers: 16,384 × 144 B = 2.5 MiB. */
  chains: number;
  /** Threads that may exit in one window with their exact counters kept, twice: 4,096 × 600 B × 2 = 5 MiB. */
  exitedThreads: number;
  /** Threads and kinds of wait whose lengths are told apart in one window, twice: 4,096 × 700 B × 2 = 5.5 MiB. A busy host of 1,000 threads has about 2,000. */
  lengths: number;
  /** Distinct samples of CPUs a window; absent: by the number of CPUs and the rate, see CpuCollector. */
  cpuRows?: number;
}

export const DEFAULT_MAP_SIZES: MapSizes = {
  rows: 16_384,
  stacks: 16_384,
  links: 16_384,
  chains: 16_384,
  exitedThreads: 4_096,
  lengths: 4_096,
};

import { defineConfig } from 'vitest/config';

/** One file at a time: each loads BPF programs that see the whole host, and loads of one would show in the other. */
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['{apps,packages}/*/{src,truth}/**/*.kernel.test.ts'],
    globalSetup: ['./probes/test-setup.mjs'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

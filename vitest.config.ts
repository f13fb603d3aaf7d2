import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: [
      '{apps,packages}/*/src/**/*.test.{ts,tsx}',
      '{apps,packages}/*/{setup,rooms,truth}/**/*.test.{ts,mjs}',
      'e2e/bench/*.test.mjs',
    ],
    exclude: ['**/*.kernel.test.ts', '**/node_modules/**', '**/dist/**'],
  },
});

/** Owns where the compiled probes are: in the room that owns them. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** @throws Error when it is not built */
export function probePath(probe: string): string {
  const room = dirname(createRequire(import.meta.url).resolve('@stallscope/probes/package.json'));
  const path = join(room, 'build', `${probe}.bpf.o`);
  if (!existsSync(path)) {
    throw new Error(`loading the ${probe} probe: ${path} is not built; run: npm run build`);
  }
  return path;
}

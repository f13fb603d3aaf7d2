/** Owns where the build of the web room is; apart from what runs the hub, so that `up` need not load the hub to know. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function webRoot(): string {
  return join(dirname(fileURLToPath(import.meta.resolve('@stallscope/web/package.json'))), 'out');
}

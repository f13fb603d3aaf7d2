#!/usr/bin/env node
/** The `stallscope` command. All it knows is where the built program is, and what to say when there is none. */
import { existsSync } from 'node:fs';

const program = new URL('../dist/index.js', import.meta.url);
if (existsSync(program)) {
  const { main } = await import(program.href);
  await main(process.argv.slice(2));
} else {
  console.error(
    'stallscope is not built yet. In the clone, run: npm start (sets up, builds, starts) or: npm run build',
  );
  process.exitCode = 1;
}

/**
 * Owns what set-up knows about the clone that it runs in: where it is, and as whom files in it should be made.
 * Under sudo, files made as root would lock their owner out of the next `npm install`, so set-up works as the owner.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLONE = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** No tool that set-up runs reports to its maker. */
const QUIET_TOOLS = { TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

/** Options for a child process that writes into the clone. */
export function asOwner() {
  const env = { ...process.env, ...QUIET_TOOLS };
  if (process.getuid?.() !== 0) return { cwd: CLONE, env };
  const { uid, gid } = statSync(CLONE);
  const home = uid === 0 ? undefined : homeOf(uid);
  if (home === undefined || !mayWrite(uid, gid)) return { cwd: CLONE, env };
  return { cwd: CLONE, env: { ...env, HOME: home }, uid, gid };
}

function homeOf(uid) {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => Number(fields[2]) === uid);
  return entry?.[5];
}

/** The owner must reach the clone and run this Node, which a folder above either may forbid. */
function mayWrite(uid, gid) {
  const script = 'require("node:fs").accessSync(process.argv[1], 2)';
  return (
    spawnSync(process.execPath, ['-e', script, CLONE], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

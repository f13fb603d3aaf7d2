/** Owns what the kernel counts of the host and of a process, as the bench reads it. */
import { readdirSync, readFileSync } from 'node:fs';

const CLOCK_TICKS_A_SECOND = 100;

/** Context switches of the host since it started. */
export function readSwitches() {
  return Number(/^ctxt (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))[1]);
}

/** CPU time of a process with the threads that it had, s, to a hundredth. */
export function readCpuSeconds(pid) {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_A_SECOND;
}

export function readRssBytes(pid) {
  return Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
}

/** The child of a process whose command line has `words` in it. @throws when there is none */
export function findChild(parent, words) {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Number(statFields(name)[1]) !== parent) continue;
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(words)) return Number(name);
    } catch (error) {
      // A process that has gone since it was listed is not the one.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    }
  }
  throw new Error(`process ${parent} has no child that runs ${words}`);
}

/** From the state on: the name before it may have anything in it. */
function statFields(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/**
 * Owns what the agent of `up` may do: root's uid with only the capabilities that tracing and naming need, and no way to
 * gain others. setpriv(1) of util-linux takes the rest away before the agent's first instruction.
 */
import { execFileSync } from 'node:child_process';

/** How a part is started: `execPath ...execArgv SCRIPT`. */
export interface Launcher {
  execPath: string;
  execArgv: readonly string[];
}

/** capabilities(7), each with what the agent does with it. */
export const AGENT_CAPABILITIES: Readonly<Record<string, string>> = {
  bpf: 'load programs, make and read maps',
  perfmon: 'attach to tracepoints',
  syslog: 'read the addresses in /proc/kallsyms',
  sys_ptrace: 'read /proc/PID/maps of other users',
  checkpoint_restore: 'open deleted files through /proc/PID/map_files',
  setuid: 'become nobody in the process that reads debug information',
  setgid: 'the same, of its groups',
  dac_read_search: 'read executables whatever their mode',
};

/** And with what it asks JVMs for the names of code that they compiled, where it does: see `hotspot-attach`. */
export const JAVA_CAPABILITIES: Readonly<Record<string, string>> = {
  kill: 'send a JVM of another user the SIGQUIT by which it opens its socket',
  dac_override: 'connect to that socket, which only its owner may write to',
};

/** @param asksJava whether the agent is to ask JVMs. undefined where there is nothing to take away (not root), or setpriv is missing or too old to know these names. */
export function findAgentLauncher(
  asksJava: boolean,
  runs: (command: string, args: readonly string[]) => boolean = runsQuietly,
  uid = process.getuid?.(),
): Launcher | undefined {
  if (uid !== 0) return undefined;
  const keep = Object.keys({ ...AGENT_CAPABILITIES, ...(asksJava ? JAVA_CAPABILITIES : {}) }).map(
    (name) => `+${name}`,
  );
  const args = [`--bounding-set=-all,${keep.join(',')}`, '--no-new-privs'];
  if (!runs('setpriv', [...args, 'true'])) return undefined;
  return { execPath: 'setpriv', execArgv: [...args, process.execPath] };
}

/** Longer than setpriv ever takes. */
const TRIAL_TIMEOUT_MS = 5_000;

function runsQuietly(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: TRIAL_TIMEOUT_MS });
    return true;
  } catch {
    // Whatever the reason, it cannot be used; the caller says what that means.
    return false;
  }
}

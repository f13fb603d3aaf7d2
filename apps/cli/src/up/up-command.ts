/** `stallscope up`: from flags to the running parts, or to what is missing and the demo in its place. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { enableRunTimeStats } from '@stallscope/libbpf';
import { CommandError } from '../command-error.js';
import type { UpFlags } from '../command-line.js';
import { toDataConfig } from '../data-directory.js';
import type { Finding } from '../doctor/findings.js';
import { missingMeans } from '../doctor/means.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { Interrupts, pause } from '../interrupts.js';
import { assertTokensDiffer, assertTokensFor, readToken } from '../token-source.js';
import { webRoot } from '../web-root.js';
import { findAgentLauncher } from './agent-launcher.js';
import { findLesserIdentity } from './give-up-root.js';
import { startPart } from './part.js';
import { up } from './up.js';

const DEMO_RECORDING = fileURLToPath(new URL('../../demo/demo.stallscope', import.meta.url));

/** 15 minutes of one busy host at 100 kB a window; with the agent and the page's files about 300 MB in all. */
const ONE_HOST_RETAIN_BYTES = 96 * 1024 * 1024;

export async function upCommand(flags: UpFlags): Promise<ExitCode> {
  const missing = flags.demo ? [] : missingMeans();
  const demo = flags.demo || (missing.length > 0 && (await wantsDemo(missing)));
  if (demo && !existsSync(DEMO_RECORDING)) {
    throw new CommandError(
      `read ${DEMO_RECORDING}: the recorded demo is not there`,
      'It is part of the clone: git checkout -- apps/cli/demo',
    );
  }
  const browserToken = readToken('--browser-token-file', flags.browserTokenFile, 'STALLSCOPE_BROWSER_TOKEN');
  await assertTokensFor(flags.host, { '--browser-token-file': browserToken });
  const givenAgentToken = readToken('--agent-token-file', flags.agentTokenFile, 'STALLSCOPE_AGENT_TOKEN');
  assertTokensDiffer(givenAgentToken, browserToken);
  // Without one, any user of this host could pretend to be its agent.
  const agentToken = givenAgentToken ?? randomBytes(32).toString('hex');
  const identity = findLesserIdentity();
  const data = toDataConfig(flags);
  const launcher = demo ? undefined : findAgentLauncher(flags.asksJava);
  if (launcher === undefined && !demo && process.getuid?.() === 0) {
    process.stdout.write(
      'The agent keeps all of root’s capabilities: setpriv (util-linux 2.36 or later) is not there.\n',
    );
  }
  const interrupts = new Interrupts();
  try {
    if (demo) process.stdout.write('Showing a recording, not this host.\n');
    const asked = await up(
      {
        hub: {
          host: flags.host,
          port: flags.port,
          agentToken,
          webRoot: webRoot(),
          allowedOrigins: [],
          retainBytes: ONE_HOST_RETAIN_BYTES,
          ...(browserToken !== undefined && { browserToken }),
          ...(data !== undefined && { data }),
          ...(identity !== undefined && { identity }),
        },
        agent: {
          windowMs: flags.windowMs,
          tauNs: flags.tauNs,
          asksJava: flags.asksJava,
          cpuHz: flags.cpuHz,
          history: flags.history,
          commandLine: flags.commandLine,
          token: agentToken,
          ...(demo && { recording: DEMO_RECORDING }),
        },
      },
      {
        startHub: (config) => startPart('hub', config),
        startAgent: (config) => startPart('agent', config, launcher),
        countRunTimes: enableRunTimeStats,
        pause,
        nowMs: Date.now,
        say: (line) => process.stdout.write(`${line.trimEnd()}\n`),
        interrupted: interrupts.first,
        tgid: process.pid,
      },
    );
    return asked ? EXIT.ok : EXIT.failed;
  } finally {
    interrupts.close();
  }
}

/** Says what is missing; asks on a terminal, and elsewhere ends with the offer. */
async function wantsDemo(missing: readonly Finding[]): Promise<boolean> {
  const lacks = missing.map(({ name, detail, remedy }) => `  ${name}: ${detail}\n    → ${remedy}`).join('\n');
  const offer =
    'To look around without it, there is a recorded demo: npm start -- --demo   (or: npx stallscope up --demo)';
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CommandError(`This host cannot be traced as it is:\n${lacks}`, offer);
  }
  process.stdout.write(`This host cannot be traced as it is:\n${lacks}\n`);
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question('Show the recorded demo instead? [Y/n] ');
  lines.close();
  if (!/^(?:y|yes|)$/i.test(answer.trim())) throw new CommandError('Nothing was started.', offer);
  return true;
}

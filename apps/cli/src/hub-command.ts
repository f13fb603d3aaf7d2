/** `stallscope hub`: one hub, for agents elsewhere. */
import type { HubFlags } from './command-line.js';
import { toDataConfig } from './data-directory.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { runHub } from './hub-run.js';
import { Interrupts } from './interrupts.js';
import { assertTokensDiffer, assertTokensFor, readToken } from './token-source.js';
import { findLesserIdentity } from './up/give-up-root.js';
import { webRoot } from './web-root.js';

export async function hubCommand(flags: HubFlags): Promise<ExitCode> {
  const agentToken = readToken('--agent-token-file', flags.agentTokenFile, 'STALLSCOPE_AGENT_TOKEN');
  const browserToken = readToken('--browser-token-file', flags.browserTokenFile, 'STALLSCOPE_BROWSER_TOKEN');
  await assertTokensFor(flags.host, {
    '--agent-token-file': agentToken,
    '--browser-token-file': browserToken,
  });
  assertTokensDiffer(agentToken, browserToken);
  const identity = findLesserIdentity();
  const data = toDataConfig(flags);
  const interrupts = new Interrupts();
  try {
    await runHub(
      {
        host: flags.host,
        port: flags.port,
        retainMs: flags.retainMs,
        retainBytes: flags.retainBytes,
        allowedOrigins: flags.allowedOrigins,
        webRoot: webRoot(),
        ...(agentToken !== undefined && { agentToken }),
        ...(browserToken !== undefined && { browserToken }),
        ...(data !== undefined && { data }),
        ...(identity !== undefined && { identity }),
      },
      interrupts.first,
      {
        onListening: ({ where }) => process.stdout.write(`The hub is at ${where}   (Ctrl-C stops it)\n`),
        onNotice: (text) => process.stdout.write(`${text}\n`),
        onLog: (line) => process.stderr.write(`${line}\n`),
      },
    );
    return EXIT.ok;
  } finally {
    interrupts.close();
  }
}

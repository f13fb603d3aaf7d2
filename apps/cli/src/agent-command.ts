/** `stallscope agent`: one agent, for a hub elsewhere. */
import { runAgent } from './agent-run.js';
import { CommandError } from './command-error.js';
import type { AgentFlags } from './command-line.js';
import { missingMeans } from './doctor/means.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { Interrupts } from './interrupts.js';
import { readToken } from './token-source.js';

export async function agentCommand(flags: AgentFlags): Promise<ExitCode> {
  const missing = flags.recording === undefined ? missingMeans() : [];
  if (missing.length > 0) {
    throw new CommandError(
      `agent: this host cannot be traced as it is\n${missing.map(({ name, detail }) => `  ${name}: ${detail}`).join('\n')}`,
      missing.map(({ remedy }) => remedy).join('\n'),
    );
  }
  const token = readToken('--token-file', flags.tokenFile, 'STALLSCOPE_AGENT_TOKEN');
  const interrupts = new Interrupts();
  try {
    await runAgent(
      {
        hubUrl: flags.hub,
        windowMs: flags.windowMs,
        tauNs: flags.tauNs,
        asksJava: flags.asksJava,
        cpuHz: flags.cpuHz,
        history: flags.history,
        commandLine: flags.commandLine,
        ...(token !== undefined && { token }),
        ...(flags.recording !== undefined && { recording: flags.recording }),
        excludeTgids: [],
      },
      interrupts.first,
      { onFirstDelivered: () => process.stderr.write('agent: the hub has the first window\n') },
    );
    return EXIT.ok;
  } finally {
    interrupts.close();
  }
}

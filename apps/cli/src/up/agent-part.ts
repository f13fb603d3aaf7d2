/** The agent as a part of `up`. */
import { type AgentRunConfig, runAgent } from '../agent-run.js';
import { describeFailure } from '../command-error.js';
import { runAsPart } from './part.js';

runAsPart<AgentRunConfig>(
  (config, stopped, tell) =>
    runAgent(config, stopped, {
      onFirstWindow: () => tell({ type: 'ready' }),
      // Its capabilities do not allow it: see agent-launcher.ts.
      askForRunTimes: (isWanted) => tell({ type: 'costs', isWanted }),
    }),
  describeFailure,
);

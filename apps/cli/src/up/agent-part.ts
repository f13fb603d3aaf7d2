/** The agent as a part of `up`. */
import { type AgentRunConfig, runAgent } from '../agent-run.js';
import { describeFailure } from '../command-error.js';
import { runAsPart } from './part.js';

runAsPart<AgentRunConfig>(
  (config, stopped, tell) => runAgent(config, stopped, { onFirstWindow: () => tell({ type: 'ready' }) }),
  describeFailure,
);

/** The hub as a part of `up`. */
import { describeFailure } from '../command-error.js';
import { type HubRunConfig, runHub } from '../hub-run.js';
import { runAsPart } from './part.js';

runAsPart<HubRunConfig>(
  (config, stopped, tell) =>
    runHub(config, stopped, {
      onListening: ({ url, where }) => tell({ type: 'ready', url, where }),
      onNotice: (text) => tell({ type: 'notice', text }),
      onFirstWindow: () => tell({ type: 'first-window' }),
    }),
  describeFailure,
);

/**
 * The program: reads the command line, runs one command, turns how it ended into an exit code.
 * Each command is loaded when it is run, so that help and mistakes answer at once.
 */
import { readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { describeFailure } from './command-error.js';
import { type Actions, buildProgram } from './command-line.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { findNearest } from './nearest.js';

export async function main(argv: readonly string[]): Promise<void> {
  // A reader that goes away early (`| head`) has what it wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  let exitCode: ExitCode = EXIT.ok;
  const run = async (command: Promise<ExitCode>) => {
    exitCode = await command;
  };
  const actions: Actions = {
    up: async (flags) => run((await import('./up/up-command.js')).upCommand(flags)),
    agent: async (flags) => run((await import('./agent-command.js')).agentCommand(flags)),
    hub: async (flags) => run((await import('./hub-command.js')).hubCommand(flags)),
    record: async (flags) => run((await import('./record/record-command.js')).recordCommand(flags)),
    heatmap: async (flags) => run((await import('./heatmap/heatmap-command.js')).heatmapCommand(flags)),
    open: async (flags) => run((await import('./open/open-command.js')).openCommand(flags)),
    convert: async (flags) => run((await import('./convert/convert-command.js')).convertCommand(flags)),
    diff: async (flags) => run((await import('./convert/diff-command.js')).diffCommand(flags)),
    doctor: async (flags) => run((await import('./doctor/doctor-command.js')).doctorCommand(flags)),
  };
  const usageFailure = await runProgram(argv, actions);
  process.exitCode = usageFailure ?? exitCode;
}

/** Runs one command line; the exit code when it did not get to run or failed. */
export async function runProgram(
  argv: readonly string[],
  actions: Actions,
  output: { out(text: string): void; err(text: string): void } = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  },
): Promise<ExitCode | undefined> {
  const program = buildProgram(readVersion(), actions);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(false)
      .configureOutput({
        writeOut: output.out,
        writeErr: output.err,
        outputError: (text, write) => write(withNearest(text, command)),
      });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return undefined;
  } catch (error) {
    // Help and version end the same way as mistakes; commander tells them apart by code 0. It has printed them.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    output.err(describeFailure(error));
    return EXIT.failed;
  }
}

/** Adds the nearest right flag or command to what commander says of an unknown one. */
function withNearest(text: string, command: Command): string {
  const [, what, word] = /unknown (option|command) '([^'=]*)/.exec(text) ?? [];
  if (word === undefined) return text;
  const known =
    what === 'command'
      ? command.commands.map((other) => other.name())
      : [...command.createHelp().visibleOptions(command)].flatMap(({ short, long }) => [short, long]);
  const nearest = findNearest(
    word,
    known.filter((name) => name !== undefined),
  );
  return nearest === undefined ? text : `${text.trimEnd()}\n(Did you mean ${nearest}?)\n`;
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

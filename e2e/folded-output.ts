/** Owns reading folded stacks as any other tool would: `frame;frame;… microseconds`, a line each. */
export interface FoldedStack {
  frames: string[];
  us: number;
}

/** @throws Error for a line that is none */
export function readFolded(text: string): FoldedStack[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^(.+) (\d+)$/.exec(line);
      if (match === null) throw new Error(`no folded stack: ${JSON.stringify(line)}`);
      return { frames: match[1]!.split(';'), us: Number(match[2]) };
    });
}

export function foldedSumNs(stacks: readonly FoldedStack[]): number {
  return stacks.reduce((sum, { us }) => sum + us * 1000, 0);
}

import { FRAME_KINDS, type FrameKind } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { codeKindOf, codeKindsIn } from './code-kinds.js';
import { treeOfStacks } from './fixtures.js';
import { frameWords } from './flame-words.js';

describe('what made the code of a frame', () => {
  const tree = treeOfStacks([
    {
      frames: [
        { label: 'app', role: 'comm' },
        { label: 'main', role: 'user' },
        { label: 'std::sort', role: 'user' },
        { label: 'vfs::read', role: 'kernel' },
      ],
      ns: 1,
    },
  ]);
  const node = (label: string): number =>
    Array.from({ length: tree.nodeCount }, (_, n) => n).find((n) => tree.labels[tree.label[n]!] === label)!;

  test('by the agent where it knows, by the name for C++ and Rust, of user frames alone', () => {
    expect(['app', 'main', 'std::sort', 'vfs::read'].map((label) => codeKindOf(tree, node(label)))).toEqual([
      undefined,
      undefined,
      'cpp',
      undefined,
    ]);
    for (const kind of ['jit', 'interpreted', 'inlined', 'stub'] satisfies FrameKind[]) {
      const frameKind = tree.frameKind.map((_, n) =>
        n === node('std::sort') ? FRAME_KINDS.indexOf(kind) : 0,
      );
      const of = { ...tree, frameKind: Uint8Array.from(frameKind) };
      expect(codeKindOf(of, node('std::sort'))).toBe(kind);
      expect(codeKindsIn(of)).toEqual([kind]);
    }
    const unnamed = { ...tree, unnamed: tree.unnamed.map(() => 1) };
    expect(codeKindOf(unnamed, node('std::sort'))).toBeUndefined();
  });

  test('is said in words too', () => {
    const options = { rootLabel: 'all', totalValue: 1, unit: 'nanoseconds', diff: undefined } as const;
    expect(frameWords(tree, node('std::sort'), options).role).toBe('user frame, C++ or Rust');
    expect(frameWords(tree, node('main'), options).role).toBe('user frame');
  });
});

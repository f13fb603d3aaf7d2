/**
 * Owns the rule for tests that load BPF: where the host cannot, they are skipped and say why; in CI, as root, they fail
 * instead, so that a green run there always ran them.
 *
 *     const onKernel = kernelSuites({ describe, test }, () => { const access = probeBpf(); return access.ok ? undefined : access.cause; });
 *     onKernel('maps', () => { test('drain', …) });
 *
 * Vitest's functions come in as arguments: this room is also read outside of Vitest.
 */
import { existsSync, readFileSync } from 'node:fs';

export interface SuiteFunctions {
  describe(name: string, body: () => void): void;
  test: {
    (name: string, body: () => void): void;
    skip(name: string, body: () => void): void;
  };
}

export interface KernelFacts {
  isRoot: boolean;
  hasBtf: boolean;
  /** Why bpf(2) is refused; undefined when it is not. */
  bpfRefusal: string | undefined;
  /** CI is 'true' in the environment. */
  isCi: boolean;
}

export type KernelVerdict = { run: true } | { run: false; fails: boolean; reason: string };

/** `describe` for kernel tests. `probeBpf` returns why BPF is refused, beyond what the process's capabilities tell. */
export function kernelSuites(
  { describe, test }: SuiteFunctions,
  probeBpf: () => string | undefined = () => undefined,
): (name: string, body: () => void) => void {
  const verdict = judgeKernel(readKernelFacts(probeBpf));
  return (name, body) => {
    if (verdict.run) {
      describe(name, body);
      return;
    }
    const { reason } = verdict;
    if (verdict.fails) {
      test(`${name}: needs the kernel`, () => {
        throw new Error(`this host cannot run kernel tests, and in CI a skip is a failure: ${reason}`);
      });
      return;
    }
    console.warn(`skipped ${name}: ${reason}`);
    test.skip(`${name} (skipped: ${reason})`, () => {});
  };
}

export function judgeKernel(facts: KernelFacts): KernelVerdict {
  const reason = !facts.isRoot
    ? 'not root'
    : !facts.hasBtf
      ? 'the kernel has no BTF (/sys/kernel/btf/vmlinux)'
      : facts.bpfRefusal;
  if (reason === undefined) return { run: true };
  return { run: false, fails: facts.isCi && facts.isRoot, reason };
}

export function readKernelFacts(probeBpf: () => string | undefined): KernelFacts {
  return {
    isRoot: process.geteuid?.() === 0,
    hasBtf: existsSync('/sys/kernel/btf/vmlinux'),
    bpfRefusal: missingCapability() ?? probeBpf(),
    isCi: process.env.CI === 'true',
  };
}

const CAP_SYS_ADMIN = 21n;
const CAP_BPF = 39n;

/** Root in a container may lack what BPF needs. */
function missingCapability(): string | undefined {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (effective === undefined) return undefined;
  const capabilities = BigInt(`0x${effective}`);
  const has = (capability: bigint): boolean => ((capabilities >> capability) & 1n) === 1n;
  return has(CAP_BPF) || has(CAP_SYS_ADMIN) ? undefined : 'BPF is refused: no CAP_BPF and no CAP_SYS_ADMIN';
}

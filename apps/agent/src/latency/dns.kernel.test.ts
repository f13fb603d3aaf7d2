import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeBpf } from '@stallscope/libbpf';
import { kernelSuites, RuntimeProcess, startWorkload, workloadPath } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { ProcessRegistry } from '../process-registry.js';
import { toDnsRoute } from './dns-route.js';
import { LatencyProbe } from './latency-probe.js';
import { countsOf, faultsOf, type MeasuredLatencies, totalsOf, truthOf } from './latency-truth.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : `BPF is refused: ${access.cause}`;
});

/** A trap into the kernel for the call and one for the return, on a machine that has other things to do. */
const OUTSIDE_NS = 100_000;
const TIMES = 10;
/** Its loader is the library; a distribution keeps it where it likes. */
const MUSL = /ld-musl-[\w-]+\.so\.1|musl\/libc\.so/;

onKernel('name look-ups', () => {
  const closers: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const closer of closers.splice(0).reverse()) await closer.close();
  });

  function opened(): {
    probe: LatencyProbe;
    route: ReturnType<typeof toDnsRoute>;
    registry: ProcessRegistry;
  } {
    const registry = ProcessRegistry.open();
    closers.push(registry);
    const route = toDnsRoute(registry);
    const probe = LatencyProbe.open(route, { excludeTgids: [] });
    closers.push(probe);
    return { probe, route, registry };
  }

  function expectTruth(
    { probe, route }: { probe: LatencyProbe; route: ReturnType<typeof toDnsRoute> },
    truth: MeasuredLatencies,
  ): void {
    probe.flip();
    const { latencies, losses } = probe.drain();
    expect(losses).toEqual({});
    const seen = countsOf(route, latencies, truth.tgid);
    const measured = truthOf(truth);
    expect(totalsOf(seen)).toEqual(totalsOf(measured));
    expect(faultsOf(seen, measured, { outsideNs: OUTSIDE_NS, shareHeld: 0.95 })).toEqual([]);
  }

  test('of glibc are counted by function and length, as those who call measure them', async () => {
    const host = opened();
    expectTruth(host, await startWorkload<MeasuredLatencies>('lookups', TIMES).ended);
    expect(host.probe.detail).toMatch(/^uprobes on getaddrinfo, .* of \S*libc\.so\.6/);
  });

  test('of musl, which a process begins to use while the probe runs, are counted from the next look-up on', async () => {
    expect(
      existsSync(workloadPath('lookups-musl')),
      'musl-tools is installed and the workloads are built',
    ).toBe(true);
    const host = opened();
    const before = host.probe.detail;
    // Has musl mapped, and looks up nothing yet.
    const early = startWorkload<MeasuredLatencies>('lookups-musl', 40);
    await expect.poll(() => host.probe.detail, { interval: 10 }).toMatch(MUSL);
    expectTruth(host, await startWorkload<MeasuredLatencies>('lookups-musl', TIMES).ended);
    await early.stop();
    // Nobody has it mapped any more, unless somebody had before.
    await expect
      .poll(() => {
        host.probe.flip();
        host.probe.drain();
        return host.probe.detail;
      })
      .toBe(before);
  });

  test('in a container, by a C library that is nowhere on the host, are counted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stallscope-root-'));
    closers.push({ close: () => rmSync(folder, { recursive: true, force: true }) });
    const host = opened();
    // A root of its own in memory, in mounts of its own: what it has mapped has no path here.
    const script = [
      `mount -t tmpfs tmpfs ${folder}`,
      `cd ${folder} && mkdir -p etc tmp bin $(dirname ${libraries(workloadPath('lookups')).join(' ')} | sed s,^/,,)`,
      ...libraries(workloadPath('lookups')).map((path) => `cp -L ${path} .${path}`),
      `cp ${workloadPath('lookups')} bin/lookups`,
      'touch etc/resolv.conf etc/nsswitch.conf; echo "127.0.0.1 localhost" > etc/hosts',
      // One that keeps the library in use while the probe comes to know it, and the one that is looked at.
      `(chroot ${folder} /bin/lookups 100 > /dev/null & read go; chroot ${folder} /bin/lookups ${TIMES}; kill $!; wait)`,
    ].join(' && ');
    const container = new RuntimeProcess('unshare', ['-m', 'sh', '-c', script]);
    closers.push({ close: () => container.end() });
    const libc = libraries(workloadPath('lookups')).find((path) => path.endsWith('/libc.so.6'))!;
    await expect.poll(() => host.probe.detail, { interval: 10 }).toContain(` ${libc}`);
    container.child.stdin!.write('go\n');
    const truth = JSON.parse(await container.line()) as MeasuredLatencies;
    expectTruth(host, truth);
    expect(existsSync(join(folder, 'bin'))).toBe(false);
  });
});

/** What the dynamic loader maps for a program, and the loader. */
function libraries(program: string): string[] {
  return [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(
    ([, path]) => path!,
  );
}

import { describe, expect, test } from 'vitest';
import { MAX_LIBCS, type UsedLibcSources, UsedLibcs } from './used-libcs.js';

/** `1: 10 /lib/libc.so.6, 11 /bin/cat`: a process and what it has mapped, by inode. */
class MadeHost implements UsedLibcSources {
  readonly maps = new Map<number, string[]>();
  /** Processes whose maps were read. */
  readonly read: number[] = [];
  /** Links of other processes may not be followed. */
  hidesMapped = false;
  readonly proc = {
    stat: () => undefined,
    maps: (tgid: number) => {
      this.read.push(tgid);
      return this.maps
        .get(tgid)
        ?.map((line, at) => {
          const [inode, path] = line.split(' ');
          return `${(at + 1) * 1000}-${(at + 1) * 1000 + 500} r-xp 00000000 fe:00 ${inode}  ${path}\n`;
        })
        .join('');
    },
    mappedFilePlaces: (tgid: number, start: number, _end: number, path: string) => [
      { path: `/proc/${tgid}/map_files/${start}`, isCertain: true, root: `/proc/${tgid}/root` },
      { path, isCertain: false, root: '' },
    ],
    vdso: () => undefined,
  };

  tgids(): number[] {
    return [...this.maps.keys()];
  }

  isMapped({ tgid }: { tgid: number }): boolean | undefined {
    return this.hidesMapped ? undefined : this.maps.has(tgid);
  }
}

const GLIBC = '10 /usr/lib/x86_64-linux-gnu/libc.so.6';
const MUSL = '20 /lib/ld-musl-x86_64.so.1';

function paths(libcs: readonly { path: string }[]): string[] {
  return libcs.map(({ path }) => path);
}

describe('C libraries in use', () => {
  test('are one a file, whoever has it mapped, by whatever name C libraries have', () => {
    const host = new MadeHost();
    host.maps.set(1, ['9 /usr/sbin/init', GLIBC]);
    host.maps.set(2, [GLIBC]);
    host.maps.set(3, [MUSL]);
    host.maps.set(4, [
      '30 /lib/x86_64-linux-gnu/libc-2.31.so',
      '31 /usr/lib/libcap.so.2',
      '32 /opt/libc.so.old',
    ]);
    host.maps.set(5, ['40 /usr/lib/libc.so', '0 /memfd:libc.so.6']);
    const libcs = new UsedLibcs(host);
    expect(paths(libcs.readAll())).toEqual([
      '/usr/lib/x86_64-linux-gnu/libc.so.6',
      '/lib/ld-musl-x86_64.so.1',
      '/lib/x86_64-linux-gnu/libc-2.31.so',
      '/usr/lib/libc.so',
    ]);
    expect(libcs.readAll()).toEqual([]);
  });

  test('are opened by way of those who have them mapped, never by a path of this mount namespace', () => {
    const host = new MadeHost();
    host.maps.set(7, [GLIBC]);
    const [libc] = new UsedLibcs(host).readAll();
    expect(libc!.places()).toEqual(['/proc/7/map_files/4096']);
  });

  test('come with the first that is told of, and stay while a fork has them that nobody told of', () => {
    const host = new MadeHost();
    const libcs = new UsedLibcs(host);
    const mapping = {
      start: 4096,
      end: 8192,
      fileOffset: 0,
      device: 'fe:00',
      inode: 20n,
      path: '/lib/ld-musl-x86_64.so.1',
      isDeleted: false,
    };
    host.maps.set(50, [MUSL]);
    expect(libcs.told(50, mapping)?.path).toBe('/lib/ld-musl-x86_64.so.1');
    expect(libcs.told(51, mapping)).toBeUndefined();
    host.maps.set(52, [MUSL]);
    host.maps.delete(50);
    expect(libcs.look()).toEqual({ come: [], gone: [] });
    host.maps.delete(52);
    expect(paths(libcs.look().gone)).toEqual(['/lib/ld-musl-x86_64.so.1']);
    expect(libcs.all).toEqual([]);
  });

  test.each([false, true])(
    'are not looked for in all processes while a witness lives (hidden: %s)',
    (hides) => {
      const host = new MadeHost();
      host.hidesMapped = hides;
      for (let tgid = 1; tgid <= 30; tgid++) host.maps.set(tgid, [GLIBC]);
      const libcs = new UsedLibcs(host);
      libcs.readAll();
      host.read.length = 0;
      for (let gone = 1; gone <= 5; gone++) host.maps.delete(gone);
      expect(libcs.look()).toEqual({ come: [], gone: [] });
      expect(host.read.length).toBeLessThanOrEqual(6);
    },
  );

  test('are bounded, and those beyond are counted', () => {
    const host = new MadeHost();
    for (let tgid = 1; tgid <= MAX_LIBCS + 3; tgid++) host.maps.set(tgid, [`${tgid} /lib/libc.so.6`]);
    const libcs = new UsedLibcs(host);
    expect(libcs.readAll()).toHaveLength(MAX_LIBCS);
    expect(libcs.beyondCount).toBe(3);
  });
});

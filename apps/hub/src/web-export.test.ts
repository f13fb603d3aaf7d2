import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadWebExport, toContentSecurityPolicy, type WebExport } from './web-export.js';

let root: string;
let web: WebExport;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'stallscope-web-'));
  await mkdir(join(root, 'host'));
  await mkdir(join(root, '_next/static/chunks'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html><title>hosts</title>');
  await writeFile(join(root, 'host/index.html'), '<!doctype html><title>host</title>');
  await writeFile(join(root, '404.html'), '<!doctype html><title>no</title>');
  await writeFile(join(root, '_next/static/chunks/[a] b.js'), 'let a = 1;\n'.repeat(500));
  await symlink('/etc/passwd', join(root, 'passwd.txt'));
  const loaded = await loadWebExport(root);
  if (loaded === undefined) throw new Error('the export was not found');
  web = loaded;
});

afterAll(() => rm(root, { recursive: true }));

function kindOf(pathname: string): string {
  const found = web.find(pathname);
  return found.kind === 'redirect' ? `redirect ${found.to}` : found.kind;
}

describe('web export', () => {
  it.each([
    ['/', 'asset'],
    ['/index.html', 'asset'],
    ['/host/', 'asset'],
    ['/host', 'redirect /host/'],
    ['/_next/static/chunks/%5Ba%5D%20b.js', 'asset'],
    ['/404', 'asset'],
    ['/nothing', 'missing'],
    ['/passwd.txt', 'missing'],
    ['/../../etc/passwd', 'missing'],
    ['/%2e%2e/%2e%2e/etc/passwd', 'missing'],
    ['/host/..', 'missing'],
    ['/%', 'missing'],
    ['/index.html%00', 'missing'],
    ['//host/', 'missing'],
    ['/constructor', 'missing'],
  ])('%s is %s', (pathname, kind) => {
    expect(kindOf(pathname)).toBe(kind);
  });

  it('keeps what is named by its content, and compresses text', async () => {
    const found = web.find('/_next/static/chunks/[a] b.js');
    if (found.kind !== 'asset') throw new Error('missing');
    const plain = await found.asset.body('identity');
    expect(found.asset.cacheControl).toContain('immutable');
    expect(brotliDecompressSync(await found.asset.body('br'))).toEqual(plain);
    expect(gunzipSync(await found.asset.body('gzip'))).toEqual(plain);
    expect(await found.asset.body('br')).toBe(await found.asset.body('br'));
  });

  it('is undefined where nothing is built', async () => {
    expect(await loadWebExport(join(root, 'no-such'))).toBeUndefined();
    expect(await loadWebExport(join(root, '_next'))).toBeUndefined();
  });
});

describe('content security policy', () => {
  it('names the inline scripts of the page and nothing unsafe', () => {
    const inline = 'self.__next_f.push([1,"<b>"])';
    const policy = toContentSecurityPolicy(
      `<script src="/a.js"></script><script>${inline}</script><script id="x">\n1\n</script>`,
    );
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toContain(`script-src 'self' ${hash(inline)} ${hash('\n1\n')};`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain("frame-ancestors 'none'");
  });
});

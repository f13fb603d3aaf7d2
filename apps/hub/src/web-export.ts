/**
 * Owns the web build as served: all files in memory, found by exact path, with the headers each needs.
 *
 *     out/index.html            → /
 *     out/host/index.html       → /host/     (/host redirects there)
 *     out/_next/static/ab.js    → /_next/static/ab.js, immutable: its name changes with its content
 *     out/404.html              → everything else
 *
 * Invariant: a request never reaches the file system, so no path can leave the export.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { MAX_WEB_BYTES, MAX_WEB_FILES } from './limits.js';

export interface Asset {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Of pages and scripts; other files run nothing of their own. */
  readonly contentSecurityPolicy: string | undefined;
  readonly etag: string;
  body(encoding: Encoding): Promise<Buffer>;
  readonly isCompressible: boolean;
}

export type Encoding = 'br' | 'gzip' | 'identity';

export type WebFound =
  | { kind: 'asset'; asset: Asset }
  | { kind: 'redirect'; to: string }
  | { kind: 'missing' };

export interface WebExport {
  find(pathname: string): WebFound;
  readonly notFound: Asset | undefined;
}

/** Undefined when there is no build at `root`. Throws when it is larger than can be held. */
export async function loadWebExport(root: string): Promise<WebExport | undefined> {
  const found = new Map<string, WebFound>();
  let bytes = 0;
  for (const path of await listFiles(root)) {
    const content = await readFile(join(root, path));
    bytes += content.length;
    if (bytes > MAX_WEB_BYTES || found.size > MAX_WEB_FILES * 2) {
      throw new Error(
        `hub: the web build at ${root} has more than ${MAX_WEB_BYTES / 2 ** 20} MiB or ${MAX_WEB_FILES} files; ` +
          'is it another directory?',
      );
    }
    const asset = toAsset(path, content);
    const url = `/${path}`;
    found.set(url, { kind: 'asset', asset });
    if (url.endsWith('/index.html')) {
      const directory = url.slice(0, -'index.html'.length);
      found.set(directory, { kind: 'asset', asset });
      if (directory !== '/') found.set(directory.slice(0, -1), { kind: 'redirect', to: directory });
    } else if (url.endsWith('.html') && !found.has(url.slice(0, -'.html'.length))) {
      found.set(url.slice(0, -'.html'.length), { kind: 'asset', asset });
    }
  }
  if (!found.has('/')) return undefined;
  const notFound = found.get('/404.html');
  return {
    find: (pathname) => found.get(decodePath(pathname)) ?? { kind: 'missing' },
    notFound: notFound?.kind === 'asset' ? notFound.asset : undefined,
  };
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Text compresses; images and fonts already are. */
const COMPRESSIBLE = /^(text\/|application\/(json|manifest\+json|wasm)|image\/svg)/;

/** Below this many bytes the headers of compression cost more than it wins. */
const MIN_COMPRESSED_BYTES = 1024;

/** Of 11: a tenth of the time of the highest, within a few percent of its size. */
const BROTLI_QUALITY = 6;

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

/** Relative paths with forward slashes, in order; links are left out, as they may lead elsewhere. */
async function listFiles(root: string): Promise<string[]> {
  const pending = [''];
  const files: string[] = [];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    let entries: Awaited<ReturnType<typeof readDirectory>>;
    try {
      entries = await readDirectory(join(root, directory));
    } catch (error) {
      // No build yet is an answer, not a failure.
      if (directory === '' && error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
    for (const entry of entries) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile()) files.push(path);
      if (files.length > MAX_WEB_FILES) {
        throw new Error(
          `hub: the web build at ${root} has more than ${MAX_WEB_FILES} files; is it another directory?`,
        );
      }
    }
  }
  return files.sort();
}

function readDirectory(path: string) {
  return readdir(path, { withFileTypes: true });
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    // Not a path of ours, whatever it means.
    return pathname;
  }
}

function toAsset(path: string, content: Buffer): Asset {
  const contentType = CONTENT_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const isCompressible = COMPRESSIBLE.test(contentType) && content.length >= MIN_COMPRESSED_BYTES;
  const compressed = new Map<Encoding, Promise<Buffer>>();
  return {
    contentType,
    isCompressible,
    cacheControl: path.startsWith('_next/static/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    contentSecurityPolicy: contentType.startsWith('text/html')
      ? toContentSecurityPolicy(content.toString('utf8'))
      : contentType.startsWith('text/javascript')
        ? WORKER_CONTENT_POLICY
        : undefined,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    body(encoding) {
      if (encoding === 'identity' || !isCompressible) return Promise.resolve(content);
      let body = compressed.get(encoding);
      if (body === undefined) {
        body =
          encoding === 'br'
            ? toBrotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
            : toGzip(content);
        compressed.set(encoding, body);
      }
      return body;
    },
  };
}

/** A worker obeys the policy that its own script came with, not that of the page which started it. */
const WORKER_CONTENT_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/**
 * Only what the hub serves runs, and the inline scripts of this very page, named by their hashes.
 * Inline styles are allowed: React writes style attributes, and a style runs nothing.
 * Workers may be blobs: the bundler starts a worker through one, and only a script of ours can make it.
 */
export function toContentSecurityPolicy(html: string): string {
  const hashes = new Set<string>();
  for (const [, attributes, content] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    if (/\bsrc\s*=/i.test(attributes ?? '') || content === undefined || content === '') continue;
    hashes.add(`'sha256-${createHash('sha256').update(content).digest('base64')}'`);
  }
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * Owns the pages that viewers are measured on: built by Vite as for production into a folder of their own, and served on
 * a loopback port beside speedscope's released build. No route of the product is for measuring.
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const PAGES = join(dirname(fileURLToPath(import.meta.url)), 'viewer-page');
const MEDIA_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

/** @returns {Promise<{ url: string, folder: string, close: () => Promise<void> }>} files put into `folder` are served too */
export async function servePages() {
  const folder = await mkdtemp(join(tmpdir(), 'stallscope-viewer-'));
  await build({
    configFile: false,
    root: PAGES,
    base: './',
    logLevel: 'error',
    resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
    define: { 'process.env.NODE_ENV': '"production"' },
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { input: [join(PAGES, 'ours.html'), join(PAGES, 'd3.html')] },
    },
  });
  const speedscope = join(
    dirname(createRequire(import.meta.url).resolve('speedscope/package.json')),
    'dist',
    'release',
  );
  const server = createServer((request, response) => {
    void respond(request, response).catch((error) => {
      response.statusCode = error.code === 'ENOENT' ? 404 : 500;
      response.end(String(error));
    });
  });
  async function respond(request, response) {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const [root, rest] = path.startsWith('/speedscope/')
      ? [speedscope, path.slice('/speedscope/'.length)]
      : [folder, path];
    const file = join(root, rest);
    await stat(file);
    response.setHeader('content-type', MEDIA_TYPES[extname(file)] ?? 'application/octet-stream');
    await pipeline(createReadStream(file), response);
  }
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    folder,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

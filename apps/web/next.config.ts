import path from 'node:path';
import type { NextConfig } from 'next';

/** Static export: the hub serves `out/` as plain files, so nothing here may need a server. */
const config: NextConfig = {
  output: 'export',
  trailingSlash: true,
  reactStrictMode: true,
  images: { unoptimized: true },
  turbopack: { root: path.join(import.meta.dirname, '../..') },
};

export default config;

import './globals.css';
import type { Metadata, Viewport } from 'next';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactElement, ReactNode } from 'react';
import { FileDrop } from '../controls/file-drop';

export const metadata: Metadata = {
  title: 'Stallscope',
  description: 'Shows why hosts stall, live.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function RootLayout({ children }: { children: ReactNode }): ReactElement {
  return (
    // theme.js sets data-theme before React takes over.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script src="/theme.js" />
      </head>
      <body>
        <NuqsAdapter>{children}</NuqsAdapter>
        <FileDrop />
      </body>
    </html>
  );
}

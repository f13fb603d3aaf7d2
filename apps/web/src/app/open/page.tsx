import type { Metadata } from 'next';
import { type ReactElement, Suspense } from 'react';
import { OpenPage } from '../../still/open-page';

export const metadata: Metadata = { title: 'Open a file · Stallscope' };

export default function Page(): ReactElement {
  return (
    <Suspense fallback={<p className="p-4 text-dull">Loading…</p>}>
      <OpenPage />
    </Suspense>
  );
}

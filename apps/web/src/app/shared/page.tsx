import type { Metadata } from 'next';
import { type ReactElement, Suspense } from 'react';
import { SharedPage } from '../../snapshots/shared-page';

export const metadata: Metadata = { title: 'Shared snapshot · Stallscope' };

export default function Page(): ReactElement {
  return (
    <Suspense fallback={<p className="p-4 text-dull">Loading…</p>}>
      <SharedPage />
    </Suspense>
  );
}

import type { Metadata } from 'next';
import { type ReactElement, Suspense } from 'react';
import { SnapshotsPage } from '../../snapshots/snapshots-page';

export const metadata: Metadata = { title: 'Snapshots · Stallscope' };

export default function Page(): ReactElement {
  return (
    <Suspense fallback={<p className="p-4 text-dull">Loading…</p>}>
      <SnapshotsPage />
    </Suspense>
  );
}

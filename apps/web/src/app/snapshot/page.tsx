import type { Metadata } from 'next';
import { type ReactElement, Suspense } from 'react';
import { SnapshotPage } from '../../snapshots/snapshot-page';

export const metadata: Metadata = { title: 'Snapshot · Stallscope' };

export default function Page(): ReactElement {
  return (
    <Suspense fallback={<p className="p-4 text-dull">Loading…</p>}>
      <SnapshotPage />
    </Suspense>
  );
}

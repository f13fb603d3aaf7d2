import type { Metadata } from 'next';
import { type ReactElement, Suspense } from 'react';
import { DashboardsPage } from '../../dashboards/dashboards-page';

export const metadata: Metadata = { title: 'Dashboards · Stallscope' };

export default function Page(): ReactElement {
  return (
    <Suspense fallback={<p className="p-4 text-dull">Loading…</p>}>
      <DashboardsPage />
    </Suspense>
  );
}

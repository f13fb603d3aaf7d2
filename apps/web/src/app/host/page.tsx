import type { Metadata } from 'next';
import { type ReactElement, Suspense } from 'react';
import { HostPage } from '../../host/host-page';

export const metadata: Metadata = { title: 'Host · Stallscope' };

export default function Page(): ReactElement {
  // The query string is known only in the browser: the exported page says that it is loading.
  return (
    <Suspense fallback={<p className="p-4 text-dull">Loading…</p>}>
      <HostPage />
    </Suspense>
  );
}

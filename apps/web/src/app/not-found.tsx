import Link from 'next/link';
import type { ReactElement } from 'react';

export default function NotFound(): ReactElement {
  return (
    <main className="mx-auto flex max-w-md flex-col gap-2 p-8">
      <h1 className="text-title font-semibold">No such page</h1>
      <p className="text-dull">
        Stallscope has a page of hosts and one for each host, a list of snapshots, and a page that opens
        files.
      </p>
      <Link href="/" className="text-accent underline">
        All hosts
      </Link>
    </main>
  );
}

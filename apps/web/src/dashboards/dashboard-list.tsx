'use client';
/** Owns the choice of dashboards: those that are ready, one's own, and what the hub keeps. */
import Link from 'next/link';
import type { ReactElement, ReactNode } from 'react';
import { LAYOUTS, READY_LAYOUTS } from './ready-layouts';

export function toDashboardUrl(query: Record<string, string | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) search.set(name, value);
  return `/dashboards/?${search}`;
}

export function DashboardList({
  host,
  children,
}: {
  /** Of the address: goes on with the choice. */
  host: string | null;
  /** What the hub keeps. */
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="flex w-full max-w-[1200px] flex-col gap-4">
      <section aria-label="Ready dashboards" className="flex flex-col gap-2">
        <h2 className="heading text-lead">Ready made</h2>
        <ul className="grid grid-cols-1 gap-2 sm:grid-cols-2 lg:grid-cols-3">
          {LAYOUTS.map((layout) => (
            <Card
              key={layout}
              href={toDashboardUrl({ layout, host })}
              title={READY_LAYOUTS[layout].title}
              help={READY_LAYOUTS[layout].help}
            />
          ))}
          <Card
            href={toDashboardUrl({ layout: 'own', host })}
            title="Your own"
            help="Empty: add panels, and keep it in its address or by name on this hub."
          />
        </ul>
      </section>
      {children}
    </div>
  );
}

function Card({ href, title, help }: { href: string; title: string; help: string }): ReactElement {
  return (
    <li className="panel relative flex flex-col gap-0.5 p-3 hover:border-line-strong">
      <Link href={href} className="font-semibold text-accent after:absolute after:inset-0 hover:underline">
        {title}
      </Link>
      <span className="text-dull">{help}</span>
    </li>
  );
}

'use client';
/** Owns the bar of the product's sections, and at its right what can be done with what is shown. */
import Link from 'next/link';
import type { ReactElement, ReactNode } from 'react';

export type Section = 'hosts' | 'dashboards' | 'snapshots' | 'open';

const SECTIONS: readonly { section: Section; name: string; href: string }[] = [
  { section: 'hosts', name: 'Hosts', href: '/' },
  { section: 'dashboards', name: 'Dashboards', href: '/dashboards/' },
  { section: 'snapshots', name: 'Snapshots', href: '/snapshots/' },
  { section: 'open', name: 'Open a file', href: '/open/' },
];

export function SectionBar({
  current,
  filters,
  dashboardsHref,
  children,
}: {
  /** `hidden`: for a reader who is shown this page alone. */
  current: Section | null | 'hidden';
  /** What narrows what is shown, where the bar has room for it: here it comes and goes and moves nothing. */
  filters?: ReactNode;
  /** Where “Dashboards” leads from here, with what is selected; default: to the list of them. */
  dashboardsHref?: string;
  /** Acts on what is shown. */
  children?: ReactNode;
}): ReactElement {
  return (
    <div className="row-of-controls border-line border-b bg-surface px-2 py-1 sm:px-3">
      <nav aria-label="Sections" className="flex items-center sm:gap-1">
        {(current === 'hidden' ? [] : SECTIONS).map(({ section, name, href }) => (
          <Link
            key={section}
            href={section === 'dashboards' ? (dashboardsHref ?? href) : href}
            aria-current={section === current ? 'page' : undefined}
            className="whitespace-nowrap rounded-chip px-1.5 sm:px-2 py-0.5 text-dull hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-semibold aria-[current=page]:text-ink"
          >
            {name}
          </Link>
        ))}
      </nav>
      {filters && <div className="min-w-0 flex-1 basis-0">{filters}</div>}
      <div className="ml-auto flex items-center gap-1.5">{children}</div>
    </div>
  );
}

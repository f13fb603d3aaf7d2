'use client';
/** Owns going from one dashboard to another, with what is selected: the ready ones, those of the hub, and the list of all. */
import Link from 'next/link';
import { DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { toRefusalWords } from '../controls/ask-hub';
import { toDashboardUrl, useDashboardList } from './dashboard-list';
import { LAYOUTS, READY_LAYOUTS } from './ready-layouts';

export interface DashboardPickerProps {
  title: string;
  isChanged: boolean;
  /** The query string of the present address. */
  rest: URLSearchParams;
}

export function DashboardPicker({ title, isChanged, rest }: DashboardPickerProps): ReactElement {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        className="control max-w-64 font-semibold"
        aria-label={`Dashboard: ${title}${isChanged ? ', changed' : ''}`}
      >
        <span className="min-w-0 truncate">{title}</span>
        {isChanged && <span className="font-normal text-dull text-small">changed</span>}
        <span aria-hidden="true">▾</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="panel z-30 max-h-[80vh] w-64 max-w-[calc(100vw-16px)] overflow-y-auto bg-raised py-1 shadow-lg"
        >
          {LAYOUTS.map((layout) => (
            <Choice key={layout} href={toDashboardUrl({ layout }, rest)}>
              {READY_LAYOUTS[layout].title}
            </Choice>
          ))}
          <Choice href={toDashboardUrl({ layout: 'own' }, rest)}>Your own, empty</Choice>
          <OnHub rest={rest} />
          <DropdownMenu.Separator className="my-1 border-line border-t" />
          <Choice href="/dashboards/">All dashboards</Choice>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Asked for when the menu opens. */
function OnHub({ rest }: { rest: URLSearchParams }): ReactElement | null {
  const { state } = useDashboardList();
  if (state.step === 'listed' && state.list.dashboards.length === 0) return null;
  return (
    <>
      <DropdownMenu.Separator className="my-1 border-line border-t" />
      <DropdownMenu.Label className="px-3 py-1 text-dull text-small">
        {state.step === 'asking' && 'Asking the hub…'}
        {state.step === 'refused' && toRefusalWords(state.error)}
        {state.step === 'listed' && 'On this hub'}
      </DropdownMenu.Label>
      {state.step === 'listed' &&
        state.list.dashboards.map(({ id, name }) => (
          <Choice key={id} href={toDashboardUrl({ saved: id }, rest)}>
            {name}
          </Choice>
        ))}
    </>
  );
}

function Choice({ href, children }: { href: string; children: ReactNode }): ReactElement {
  return (
    <DropdownMenu.Item asChild>
      <Link href={href} className="block truncate px-3 py-1 outline-none data-[highlighted]:bg-accent-soft">
        {children}
      </Link>
    </DropdownMenu.Item>
  );
}

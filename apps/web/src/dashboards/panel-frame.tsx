'use client';
/**
 * Owns what is around each panel: its title, whose data it is where that is not plain, what it costs, and what can be done
 * with it. What is in it is another's.
 */
import { DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import type { GripProps } from './dash-grid-view';
import type { DashPanel } from './dash-panel';

export interface PanelHost {
  id: string;
  name: string;
}

export interface PanelFrameProps {
  panel: DashPanel;
  title: string;
  help: string;
  /** Where the panel's host is not the dashboard's: its name. */
  hostName: string | null;
  /** What it costs to collect, in a few words and in whole ones; null where nothing is known of it. */
  cost: { words: string; title: string } | null;
  /** Why the host cannot show it; its content is grey then. */
  refused: string | null;
  hosts: readonly PanelHost[];
  acts: PanelActs;
  grips: { move: GripProps; resize: GripProps };
  children: ReactNode;
}

export interface PanelActs {
  toHost(panel: DashPanel, host: string | null): void;
  duplicate(panel: DashPanel): void;
  remove(panel: DashPanel): void;
  /** Of a note. */
  edit(panel: DashPanel): void;
}

export function PanelFrame(props: PanelFrameProps): ReactElement {
  const { title, help, hostName, cost, refused, grips, children } = props;
  const name = hostName === null ? title : `${title}, ${hostName}`;
  return (
    <section
      aria-label={name}
      className="panel group/panel relative flex h-full min-h-0 flex-col overflow-hidden"
    >
      <header className="flex min-h-8 items-center gap-1 border-line border-b pl-0.5">
        <button
          type="button"
          aria-label={`Move ${name}`}
          title="Drag to move. With the keyboard: arrows move, Shift and arrows resize, Delete removes"
          className="flex h-7 w-6 shrink-0 cursor-grab touch-none items-center justify-center rounded-chip text-dull hover:bg-sunken active:cursor-grabbing"
          {...grips.move}
        >
          <span aria-hidden="true">⠿</span>
        </button>
        <h2 className="heading min-w-0 truncate" title={help}>
          {title}
        </h2>
        {hostName !== null && (
          <span className="min-w-0 max-w-40 shrink truncate text-accent">{hostName}</span>
        )}
        <span className="ml-auto" />
        {cost !== null && (
          <span className="min-w-0 shrink truncate text-dull text-small" title={cost.title}>
            {cost.words}
          </span>
        )}
        <PanelMenu {...props} name={name} />
      </header>
      <div className={`relative min-h-0 flex-1 ${refused === null ? '' : 'bg-sunken'}`}>
        {refused === null ? (
          children
        ) : (
          <p role="note" className="h-full overflow-y-auto p-3 text-dull">
            {refused}
          </p>
        )}
      </div>
      <button
        type="button"
        aria-label={`Resize ${name}`}
        title="Drag to resize, or use the arrow keys"
        className="absolute right-0 bottom-0 z-10 flex h-5 w-5 cursor-nwse-resize touch-none items-end justify-end rounded-chip p-1 text-dull opacity-40 hover:opacity-100 focus-visible:opacity-100 pointer-coarse:h-8 pointer-coarse:w-8"
        {...grips.resize}
      >
        <svg aria-hidden="true" width="9" height="9" viewBox="0 0 9 9" fill="none" stroke="currentColor">
          <path d="M8.5 0.5 L0.5 8.5 M8.5 4.5 L4.5 8.5" />
        </svg>
      </button>
    </section>
  );
}

function PanelMenu({ panel, name, hosts, acts }: PanelFrameProps & { name: string }): ReactElement {
  const isNote = panel.kind === 'note';
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={`Menu of ${name}`}
        className="flex h-7 w-7 shrink-0 items-center justify-center rounded-chip text-dull hover:bg-sunken hover:text-ink"
      >
        <span aria-hidden="true">⋯</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="panel z-30 max-h-[80vh] w-64 max-w-[calc(100vw-16px)] overflow-y-auto bg-raised py-1 shadow-lg"
        >
          {isNote && <Item onSelect={() => acts.edit(panel)}>Edit</Item>}
          <Item onSelect={() => acts.duplicate(panel)}>Duplicate</Item>
          <Item onSelect={() => acts.remove(panel)}>Remove</Item>
          {!isNote && (
            <>
              <DropdownMenu.Separator className="my-1 border-line border-t" />
              <DropdownMenu.Label className="px-3 py-1 text-dull text-small">Host</DropdownMenu.Label>
              <DropdownMenu.RadioGroup
                value={panel.host ?? ''}
                onValueChange={(host) => acts.toHost(panel, host === '' ? null : host)}
              >
                <HostItem value="">the dashboard’s host</HostItem>
                {panel.host !== null && !hosts.some(({ id }) => id === panel.host) && (
                  <HostItem value={panel.host}>{panel.host} (not known to the hub)</HostItem>
                )}
                {hosts.map(({ id, name: hostName }) => (
                  <HostItem key={id} value={id}>
                    {hostName || id}
                  </HostItem>
                ))}
              </DropdownMenu.RadioGroup>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const ITEM =
  'flex w-full cursor-pointer items-center gap-2 px-3 py-1 outline-none data-[highlighted]:bg-accent-soft';

function Item({ onSelect, children }: { onSelect: () => void; children: ReactNode }): ReactElement {
  return (
    <DropdownMenu.Item className={ITEM} onSelect={onSelect}>
      {children}
    </DropdownMenu.Item>
  );
}

function HostItem({ value, children }: { value: string; children: ReactNode }): ReactElement {
  return (
    <DropdownMenu.RadioItem value={value} className={ITEM}>
      <span className="inline-block w-3 text-accent">
        <DropdownMenu.ItemIndicator>●</DropdownMenu.ItemIndicator>
      </span>
      <span className="min-w-0 truncate">{children}</span>
    </DropdownMenu.RadioItem>
  );
}

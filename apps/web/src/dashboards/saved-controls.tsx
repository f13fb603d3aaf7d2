'use client';
/**
 * Owns keeping a dashboard on the hub: save, save as, rename, delete, and what to do where somebody else has kept another
 * version meanwhile. What is not kept there is in the address all the same.
 */
import type { Dashboard } from '@stallscope/protocol';
import { DropdownMenu } from 'radix-ui';
import { type ReactElement, type ReactNode, useState } from 'react';
import { ActWord } from '../controls/act-word';
import { HubRefusal, toRefusalWords } from '../controls/ask-hub';
import { copyText } from '../controls/copy-text';
import { toast } from '../controls/toast';
import { readAuthor } from '../snapshots/author';
import { changeDashboard, deleteDashboard, findDashboard, keepDashboard } from './dashboard-api';
import { ConflictDialog, DeleteDialog, NameDialog } from './saved-dialogs';

export interface SavedControlsProps {
  /** As the hub has it; null where the address names none, or it is not known. */
  saved: Dashboard | null;
  /** The revision that what is shown was made from. */
  revision: number | null;
  /** For a name to begin with. */
  title: string;
  isChanged: boolean;
  /** Or another host is looked at, which is kept too. */
  isToSave: boolean;
  /** What is shown, to be kept. */
  view: () => string;
  /** It is what is shown now, under this id. */
  onKept: (dashboard: Dashboard) => void;
  /** Back to what the hub, or the ready layout, has. */
  onDiscard: () => void;
  /** Somebody else's version in the place of what is shown. */
  onTheirs: (dashboard: Dashboard) => void;
  onDeleted: () => void;
}

type Asking = 'nothing' | 'name' | 'rename' | 'delete';

export function SavedControls(props: SavedControlsProps): ReactElement {
  const { saved, revision, title, isChanged, view, onKept } = props;
  const [asking, setAsking] = useState<Asking>('nothing');
  const [theirs, setTheirs] = useState<Dashboard | null>(null);
  const [isSaving, setSaving] = useState(false);

  function kept(dashboard: Dashboard, words: string): void {
    setAsking('nothing');
    setTheirs(null);
    onKept(dashboard);
    toast(words);
  }

  /** Of the version that the changes were made from: the hub refuses it where there is a later one. */
  async function save(of: Dashboard, from: number): Promise<void> {
    setSaving(true);
    try {
      const change = { name: of.name, author: readAuthor(), view: view(), revision: from };
      kept(await changeDashboard(of.id, change), `“${of.name}” is saved`);
    } catch (error) {
      const isRefused = error instanceof HubRefusal && error.status === 409;
      const now = isRefused ? await findDashboard(of.id).catch(() => null) : null;
      if (now !== null && now.revision !== from) setTheirs(now);
      else toast(`Not saved: ${toRefusalWords(error)}`);
    } finally {
      setSaving(false);
    }
  }

  async function saveAs(name: string, author: string): Promise<void> {
    kept(await keepDashboard({ name, author, view: view() }), `“${name}” is saved`);
  }

  async function rename(of: Dashboard, name: string, author: string): Promise<void> {
    const renamed = await changeDashboard(of.id, { name, author, view: of.view, revision: of.revision });
    setAsking('nothing');
    onKept(renamed);
    toast(`It is called “${name}” now`);
  }

  return (
    <>
      {saved === null ? (
        <button
          type="button"
          className="control"
          title="Keep this dashboard by name on this hub, for all who use it"
          onClick={() => setAsking('name')}
        >
          <ActWord sign="◉" word="Save as…" />
        </button>
      ) : (
        <button
          type="button"
          className="control"
          disabled={!props.isToSave || isSaving}
          title={props.isToSave ? `Keep the changes to “${saved.name}”` : 'Nothing has been changed'}
          onClick={() => void save(saved, revision ?? saved.revision)}
        >
          <ActWord sign="◉" word={isSaving ? 'Saving…' : 'Save'} />
        </button>
      )}
      <DropdownMenu.Root>
        <DropdownMenu.Trigger aria-label="Menu of this dashboard" className="control w-8 justify-center">
          <span aria-hidden="true">⋯</span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            collisionPadding={8}
            className="panel z-30 w-60 max-w-[calc(100vw-16px)] bg-raised py-1 shadow-lg"
          >
            {saved !== null && <Item onSelect={() => setAsking('name')}>Save as…</Item>}
            {saved !== null && <Item onSelect={() => setAsking('rename')}>Rename…</Item>}
            {isChanged && <Item onSelect={props.onDiscard}>Discard changes</Item>}
            <Item onSelect={() => void copyAddress()}>Copy address</Item>
            {saved !== null && <Item onSelect={() => setAsking('delete')}>Delete…</Item>}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <NameDialog
        title="Save dashboard"
        act="Save"
        name={saved === null ? title : `${title} 2`}
        isOpen={asking === 'name'}
        onClose={() => setAsking('nothing')}
        onName={saveAs}
      />
      <NameDialog
        title="Rename dashboard"
        act="Rename"
        name={saved?.name ?? ''}
        isOpen={asking === 'rename' && saved !== null}
        onClose={() => setAsking('nothing')}
        onName={(name, author) => (saved === null ? Promise.resolve() : rename(saved, name, author))}
      />
      <DeleteDialog
        dashboard={asking === 'delete' ? saved : null}
        onClose={() => setAsking('nothing')}
        onDelete={async ({ id, name }) => {
          await deleteDashboard(id);
          setAsking('nothing');
          props.onDeleted();
          toast(`“${name}” is deleted`);
        }}
      />
      <ConflictDialog
        theirs={theirs}
        onClose={() => setTheirs(null)}
        onShow={() => {
          if (theirs !== null) props.onTheirs(theirs);
          setTheirs(null);
        }}
        onOverwrite={(now) => void save(now, now.revision)}
        onSaveAs={() => {
          setTheirs(null);
          setAsking('name');
        }}
      />
    </>
  );
}

async function copyAddress(): Promise<void> {
  const isCopied = await copyText(location.href);
  toast(isCopied ? 'The address is copied' : 'The browser did not let the address be copied');
}

function Item({ onSelect, children }: { onSelect: () => void; children: ReactNode }): ReactElement {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className="flex w-full cursor-pointer items-center gap-2 px-3 py-1 outline-none data-[highlighted]:bg-accent-soft"
    >
      {children}
    </DropdownMenu.Item>
  );
}

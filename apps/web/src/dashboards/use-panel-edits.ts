'use client';
/** Owns changing the panels of a dashboard: each change in words, within its bounds, and where the eye goes next. */
import { useState } from 'react';
import { toast } from '../controls/toast';
import { plural } from '../words/words';
import { findRoom, settle } from './dash-grid';
import { type DashPanel, MAX_PANELS, MAX_PANELS_CHARS } from './dash-panel';
import { FIRST_SIZE, KIND_TITLES, type PanelChoice, titleOf } from './panel-choices';
import { newPanelId } from './panel-code';
import type { PanelActs } from './panel-frame';
import type { DashActs } from './use-dashboard';

export interface PanelEdits extends PanelActs {
  /** What was done last, for who cannot see it. */
  words: string;
  /** Note that is written now. */
  editedId: string | null;
  add(choice: PanelChoice): void;
  lay(panels: readonly DashPanel[], words: string, step: 'go' | 'amend'): void;
  /** null: as it was. */
  write(note: DashPanel, text: string | null): void;
}

export function usePanelEdits(
  panels: readonly DashPanel[],
  acts: DashActs,
  hostNameOf: (hostId: string) => string,
): PanelEdits {
  const [words, setWords] = useState('');
  const [editedId, setEditedId] = useState<string | null>(null);

  function change(next: readonly DashPanel[], said: string, step: 'go' | 'amend' = 'go'): boolean {
    const fits = acts.setPanels(next, step);
    if (fits) setWords(said);
    else toast(`Not done: the address would have more than ${MAX_PANELS_CHARS} characters. Shorten a note.`);
    return fits;
  }

  function hasRoom(): boolean {
    if (panels.length < MAX_PANELS) return true;
    toast(`A dashboard has at most ${plural(MAX_PANELS, 'panel')}: remove one first`);
    return false;
  }

  return {
    words,
    editedId,
    add: ({ kind, arg }) => {
      if (!hasRoom()) return;
      const id = newPanelId(panels);
      const panel: DashPanel = { id, kind, arg, host: null, ...findRoom(panels, FIRST_SIZE[kind]) };
      if (!change(settle([...panels, panel]), `${titleOf(panel)} is added`)) return;
      if (kind === 'note') setEditedId(id);
      showPanel(id, kind !== 'note');
    },
    lay: (next, said, step) => void change(next, said, step),
    write: (note, text) => {
      setEditedId(null);
      if (text === null || text === note.arg) return;
      const next = panels.map((one) => (one.id === note.id ? { ...one, arg: text } : one));
      change(next, `${KIND_TITLES.note} is written`);
    },
    toHost: (panel, host) => {
      const next = panels.map((one) => (one.id === panel.id ? { ...one, host } : one));
      change(next, `${titleOf(panel)} shows ${host === null ? 'the dashboard’s host' : hostNameOf(host)}`);
    },
    duplicate: (panel) => {
      if (!hasRoom()) return;
      const id = newPanelId(panels);
      if (
        change(
          settle([...panels, { ...panel, id, ...findRoom(panels, panel) }]),
          `${titleOf(panel)} is there twice`,
        )
      ) {
        showPanel(id, true);
      }
    },
    remove: (panel) => {
      const next = settle(panels.filter(({ id }) => id !== panel.id));
      if (change(next, `${titleOf(panel)} is removed`))
        toast(`${titleOf(panel)} is removed; Back brings it again`);
    },
    edit: (panel) => setEditedId(panel.id),
  };
}

/** Long enough for a dialog or menu to give the focus back to its button, and for the panel to be there, ms. */
const SHOWN_AFTER_MS = 80;

function showPanel(id: string, takesFocus: boolean): void {
  setTimeout(() => {
    const frame = document.querySelector<HTMLElement>(`[data-panel="${id}"]`);
    frame?.scrollIntoView({ block: 'nearest' });
    if (takesFocus) frame?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
  }, SHOWN_AFTER_MS);
}

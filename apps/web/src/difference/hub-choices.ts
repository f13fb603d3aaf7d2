'use client';
/** Owns what the hub has to choose a base from: its hosts and snapshots, asked once a panel; or why it does not say. */
import { readHubToBrowser, type Snapshot } from '@stallscope/protocol';
import { useEffect, useState } from 'react';
import { listSnapshots } from '../snapshots/snapshot-api';

export interface HubChoices {
  hosts: readonly { id: string; name: string }[];
  snapshots: readonly Snapshot[];
  /** Why there are no snapshots; null where the hub said which there are. */
  why: string | null;
}

const NONE_YET: HubChoices = { hosts: [], snapshots: [], why: null };

export function useHubChoices({ hasHub, asksHosts }: { hasHub: boolean; asksHosts: boolean }): HubChoices {
  const [choices, setChoices] = useState(NONE_YET);
  useEffect(() => {
    if (!hasHub) return;
    let isWanted = true;
    const add = (part: Partial<HubChoices>): void => {
      if (isWanted) setChoices((before) => ({ ...before, ...part }));
    };
    listSnapshots('', []).then(
      ({ snapshots }) => add({ snapshots, why: null }),
      (error: unknown) => add({ why: error instanceof Error ? error.message : String(error) }),
    );
    // A hub that lists no hosts is told of with the snapshots.
    if (asksHosts)
      listHosts().then(
        (hosts) => add({ hosts }),
        () => add({ hosts: [] }),
      );
    return () => {
      isWanted = false;
    };
  }, [hasHub, asksHosts]);
  return choices;
}

async function listHosts(): Promise<HubChoices['hosts']> {
  const response = await fetch('/api/hosts', { credentials: 'same-origin', cache: 'no-store' });
  const { hosts } = (await response.json()) as { hosts: unknown };
  // What a stream says of hosts, checked as it is there.
  const message = readHubToBrowser(JSON.stringify({ type: 'hosts', hosts }));
  return message.type === 'hosts' ? message.hosts.map(({ host }) => host) : [];
}

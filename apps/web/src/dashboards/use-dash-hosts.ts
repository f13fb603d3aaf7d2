'use client';
/**
 * Owns what a dashboard draws of the list of hosts, by name. The list comes with every window, and most of it changes each
 * time; this is replaced only when something of it did.
 */
import type { Capability } from '@stallscope/protocol';
import { useRef } from 'react';
import type { PanelsSnapshot } from '../panels/panels-store';
import { usePanelsOf } from '../panels/use-panels';

export interface DashHost {
  id: string;
  name: string;
  /** How its agent runs, ms. */
  windowMs: number;
  isRecording: boolean;
  capabilities: readonly Capability[];
}

const hostsOf = ({ hosts }: PanelsSnapshot) => hosts;

export function useDashHosts(): readonly DashHost[] {
  const listed = usePanelsOf(hostsOf);
  const before = useRef<{ text: string; hosts: readonly DashHost[] }>({ text: '[]', hosts: [] });
  const hosts = (listed ?? [])
    .map(
      ({ host, windowMs, recording }): DashHost => ({
        id: host.id,
        name: host.name,
        windowMs,
        isRecording: recording !== null,
        capabilities: host.capabilities,
      }),
    )
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
  const text = JSON.stringify(hosts);
  if (text !== before.current.text) before.current = { text, hosts };
  return before.current.hosts;
}

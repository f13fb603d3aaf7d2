'use client';
/** Owns what a panel's frame says of its collection: follows what the agent of its host says, so that nothing else is drawn again. */
import type { Capability } from '@stallscope/protocol';
import type { ReactElement } from 'react';
import { panelNeeds } from '../panels/panel-needs';
import { usePanelsOf } from '../panels/use-panels';
import { PanelFrame, type PanelFrameProps } from './panel-frame';
import { toPanelCost, toRefusal } from './panel-standing';

export function StandingFrame({
  hostId,
  capabilities,
  isRecording,
  ...props
}: Omit<PanelFrameProps, 'cost' | 'refused'> & {
  /** Of the panel, else of the dashboard. */
  hostId: string | null;
  /** Of that host; undefined where it is not known. */
  capabilities: readonly Capability[] | undefined;
  isRecording: boolean;
}): ReactElement {
  const standing = usePanelsOf(({ standing: all }) => (hostId === null ? undefined : all.get(hostId)));
  if (props.panel.kind === 'note') return <PanelFrame {...props} cost={null} refused={null} />;
  const needs = panelNeeds(props.panel);
  return (
    <PanelFrame
      {...props}
      cost={toPanelCost(needs, standing)}
      refused={toRefusal(needs, capabilities, standing, isRecording)}
    />
  );
}

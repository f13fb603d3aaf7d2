'use client';
/** Owns the details of one frame of a difference: both values, the change, the shares, and the whole path. */
import {
  formatChange,
  formatCount,
  formatExactValue,
  formatPercent,
  formatValue,
  ROLE_WORDS,
  roleOf,
} from '@stallscope/charts';
import { pathOf } from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { ReadyDifference } from '../live/labelled-trees';

export function DiffDetails({
  difference,
  node,
  why,
}: {
  difference: ReadyDifference;
  node: number;
  /** How the frame came here: `selected`, … */
  why: string;
}): ReactElement {
  const { tree, unit, scale } = difference;
  const before = tree.baseTotalValue[node]! * scale;
  const after = tree.totalValue[node]!;
  const selfBefore = tree.baseSelfValue[node]! * scale;
  const selfAfter = tree.selfValue[node]!;
  const allBefore = tree.baseTotalValue[0]! * scale;
  const allAfter = tree.totalValue[0]!;
  const module = tree.labels[tree.module[node]!]!;
  const path = pathOf(tree, node);
  const rows = [
    ['in it and below', before, after],
    ['in itself', selfBefore, selfAfter],
  ] as const;
  return (
    <aside aria-label="Frame details" className="flex min-h-0 w-full min-w-0 flex-col gap-2 p-3">
      <div>
        <p className="text-dull text-small">
          {ROLE_WORDS[roleOf(tree.role[node]!)]} · {why}
        </p>
        <h3 className="break-all font-mono font-semibold">
          {node === 0 ? 'all' : tree.labels[tree.label[node]!] || '(no name)'}
        </h3>
        {module !== '' && <p className="break-all text-dull text-small">{module}</p>}
      </div>
      <table className="w-full text-right">
        <thead className="text-dull text-small">
          <tr>
            <td />
            <th scope="col" className="font-normal">
              before
            </th>
            <th scope="col" className="font-normal">
              after
            </th>
            <th scope="col" className="font-normal">
              change
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, from, to]) => (
            <tr key={name}>
              <th scope="row" className="text-left font-normal text-dull">
                {name}
              </th>
              <td title={formatExactValue(from, unit)}>{formatValue(from, unit)}</td>
              <td title={formatExactValue(to, unit)}>{formatValue(to, unit)}</td>
              <td className="font-semibold" title={formatExactValue(to - from, unit)}>
                {formatChange(to - from, unit)}
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="text-left font-normal text-dull">
              of all
            </th>
            <td>{share(before, allBefore)}</td>
            <td>{share(after, allAfter)}</td>
            <td title="Percentage points: the difference of both shares">
              {points(before, allBefore, after, allAfter)}
            </td>
          </tr>
          <tr>
            <th scope="row" className="text-left font-normal text-dull">
              {unit === 'nanoseconds' ? 'waits' : 'samples'}
            </th>
            <td>{formatCount(Math.round(tree.baseTotalCount[node]!))}</td>
            <td>{formatCount(Math.round(tree.totalCount[node]!))}</td>
            <td />
          </tr>
        </tbody>
      </table>
      {path.length > 0 && (
        <div className="flex min-h-0 flex-1 flex-col">
          <h4 className="text-dull text-small">
            path, {path.length} {path.length === 1 ? 'step' : 'steps'} from the root
          </h4>
          <ol className="min-h-0 flex-1 overflow-y-auto font-mono text-small" aria-label="Path">
            {path.map((step, index) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: a path has no other identity, and labels repeat in it
                key={index}
                className={`break-all ${step.role === 'separator' ? 'text-dull' : ''} ${
                  index === path.length - 1 ? 'font-semibold' : ''
                }`}
              >
                {step.label === '' ? '(no name)' : step.label}
              </li>
            ))}
          </ol>
        </div>
      )}
    </aside>
  );
}

function share(value: number, of: number): string {
  return of > 0 ? formatPercent(value / of) : '–';
}

function points(before: number, allBefore: number, after: number, allAfter: number): string {
  if (allBefore === 0 || allAfter === 0) return '–';
  const change = 100 * (after / allAfter - before / allBefore);
  return `${change > 0 ? '+' : change < 0 ? '−' : ''}${Math.abs(change).toFixed(1)} pp`;
}

'use client';
/** Owns the details of one frame of the graph: the exact numbers, the whole stack, and why it has no name if it has none. */
import { formatCount, formatExactNs, formatNs, formatPercent, ROLE_WORDS } from '@stallscope/charts';
import { type FlameTree, pathOf, ROLES, UNNAMED } from '@stallscope/profile';
import type { ReactElement, ReactNode } from 'react';
import { UNNAMED_WORDS } from '../words/view-help';

export function FrameDetails({
  tree,
  node,
  why,
}: {
  tree: FlameTree;
  node: number;
  /** How the frame came here: `under the pointer`, `selected`, … */
  why: string;
}): ReactElement {
  const role = ROLES[tree.role[node]!]!;
  const label = node === 0 ? 'all' : tree.labels[tree.label[node]!]!;
  const module = tree.labels[tree.module[node]!]!;
  const unnamed = UNNAMED[tree.unnamed[node]!]!;
  const ns = tree.totalValue[node]!;
  const allNs = tree.totalValue[0]!;
  const parent = tree.parent[node]!;
  const count = tree.totalCount[node]!;
  const path = pathOf(tree, node);
  return (
    <aside aria-label="Frame details" className="flex min-h-0 w-full min-w-0 flex-col gap-2 p-3">
      <div>
        <p className="text-dull text-small">
          {ROLE_WORDS[role]} · {why}
        </p>
        <h3 className="break-all font-mono font-semibold">{label === '' ? '(no name)' : label}</h3>
        {module !== '' && <p className="break-all text-dull text-small">{module}</p>}
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
        <Fact name="time" title={formatExactNs(ns)}>
          <strong>{formatNs(ns)}</strong>
        </Fact>
        <Fact name="of all">{share(ns, allNs)}</Fact>
        {node !== 0 && <Fact name="of its parent">{share(ns, tree.totalValue[parent]!)}</Fact>}
        <Fact name="in itself">{formatNs(tree.selfValue[node]!)}</Fact>
        <Fact name="waits" title="Estimated from the samples">
          {formatCount(Math.round(count))}
        </Fact>
        <Fact name="on average">{count > 0 ? formatNs(ns / count) : '–'}</Fact>
      </dl>
      {unnamed !== 'named' && (
        <p className="rounded-chip bg-warn-soft px-2 py-1 text-small">
          <strong>No name.</strong> {UNNAMED_WORDS[unnamed]}
        </p>
      )}
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

function Fact({
  name,
  title,
  children,
}: {
  name: string;
  title?: string;
  children: ReactNode;
}): ReactElement {
  return (
    <>
      <dt className="text-dull">{name}</dt>
      <dd className="text-right" title={title}>
        {children}
      </dd>
    </>
  );
}

function share(ns: number, ofNs: number): string {
  return ofNs > 0 ? formatPercent(ns / ofNs) : '–';
}

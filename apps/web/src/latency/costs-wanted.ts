/** Owns whether something on the page that shows a host wants to know what collecting costs: the kernel counts it only then. */
let wanting = 0;
const listeners = new Set<() => void>();

/** @returns takes it back; once. */
export function wantCosts(): () => void {
  let isWanted = true;
  wanting++;
  tell();
  return () => {
    if (!isWanted) return;
    isWanted = false;
    wanting--;
    tell();
  };
}

export function areCostsWanted(): boolean {
  return wanting > 0;
}

export function onCostsWanted(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Owns waiting for time and for conditions. */
const POLL_MS = 20;

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @throws naming `what` when it did not come true in time */
export async function untilTrue(condition, withinMs, what) {
  const untilMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(POLL_MS);
  }
}

/** Owns the hub's log: one line an event, `what key=value …`. Never a token, a cookie or what a peer sent as text. */
export type Log = (line: string) => void;

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export function toLogLine(event: string, fields: LogFields = {}): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${toLogValue(value)}`);
  return [event, ...parts].join(' ');
}

/** Quoted where a reader could be misled: a host's name comes from the network. */
function toLogValue(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  return /^[\w.:@/-]{1,128}$/.test(value) ? value : JSON.stringify(value.slice(0, 256));
}

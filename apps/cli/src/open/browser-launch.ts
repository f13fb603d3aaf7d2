/**
 * Owns showing an address in the user's browser without telling it to others: arguments of a process can be read by every
 * user of the host, so the browser is given a page of the user's own that leads on.
 *
 *     /tmp/stallscope-open-x7Q2/open.html   0600, in a folder 0700; removed at the end
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether there is a screen, and a user of it: root's browser is nobody's. */
export function canShow(
  environment: NodeJS.ProcessEnv = process.env,
  self: { platform: string; getuid?(): number; stdout: { isTTY?: boolean } } = process,
): boolean {
  if (self.stdout.isTTY !== true || self.getuid?.() === 0) return false;
  return (
    self.platform === 'darwin' ||
    (environment.DISPLAY ?? '') !== '' ||
    (environment.WAYLAND_DISPLAY ?? '') !== ''
  );
}

export class BrowserLaunch {
  #folder: string | undefined;

  /** Where it cannot be shown the address on the terminal is all there is, which has been printed. */
  show(address: string): void {
    this.#folder = mkdtempSync(join(tmpdir(), 'stallscope-open-'));
    const page = join(this.#folder, 'open.html');
    writeFileSync(page, toPage(address), { mode: 0o600 });
    const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
    const child = spawn(opener, [page], { stdio: 'ignore', detached: true });
    child.on('error', () => process.stderr.write(`No browser was opened: ${opener} cannot be run.\n`));
    child.unref();
  }

  end(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}

/** `address` is of our own making: a loopback URL and base64url. */
function toPage(address: string): string {
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${address}"><title>Stallscope</title><a href="${address}">Open in Stallscope</a>\n`;
}

/**
 * Owns giving up root in the process that reads the network. After it the process cannot get root back: all user and
 * group ids are changed, and with them Linux clears every capability.
 */

/** Whom to become; the user behind sudo, else `nobody`. */
export interface Identity {
  uid: number;
  gid: number;
}

/** `nobody` and `nogroup` on Debian and Ubuntu, and the kernel's overflow ids everywhere. */
const NOBODY: Identity = { uid: 65_534, gid: 65_534 };

/** The part of `process` that it needs. */
export interface IdentityProcess {
  getuid?(): number;
  setgroups?(groups: number[]): void;
  setgid?(gid: number): void;
  setuid?(uid: number): void;
}

/** undefined when there is no root to give up. */
export function findLesserIdentity(
  environment: NodeJS.ProcessEnv = process.env,
  self: IdentityProcess = process,
): Identity | undefined {
  if (self.getuid?.() !== 0) return undefined;
  const uid = Number(environment.SUDO_UID);
  const gid = Number(environment.SUDO_GID);
  return Number.isInteger(uid) && uid > 0 && Number.isInteger(gid) && gid > 0 ? { uid, gid } : NOBODY;
}

/** @throws when root is not really gone afterwards: better no hub than one that is root. */
export function giveUpRoot({ uid, gid }: Identity, self: IdentityProcess = process): void {
  self.setgroups?.([]);
  self.setgid?.(gid);
  self.setuid?.(uid);
  let regained = true;
  try {
    self.setuid?.(0);
  } catch {
    // Being refused is the point.
    regained = false;
  }
  if (regained || self.getuid?.() === 0)
    throw new Error(`give up root for user ${uid}: root could be had back`);
}

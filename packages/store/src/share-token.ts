/**
 * Owns the token of a share link: where to look, and a secret that is compared in constant time.
 *
 *     q1w2e3r4t5y6u7i8o9p0as.W2x…43 characters     128 bits that name the link, 256 that open it
 *
 * Only the secret's hash is stored. A secret for a link that does not exist is compared as well, with a hash that
 * nothing gives, so that the answer takes as long.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface NewShareToken {
  shareId: string;
  token: string;
  secretHash: string;
}

/** 128 random bits in base64url: of snapshots and links alike. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

export function newShareToken(): NewShareToken {
  const shareId = newId();
  const secret = randomBytes(32).toString('base64url');
  return { shareId, token: `${shareId}.${secret}`, secretHash: toHash(secret).toString('base64url') };
}

/** undefined for what is no token at all: its shape is no secret. */
export function readShareToken(token: string): { shareId: string; secret: string } | undefined {
  const [, shareId, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(token) ?? [];
  return shareId === undefined || secret === undefined ? undefined : { shareId, secret };
}

/** @param secretHash undefined when there is no such link */
export function isSecretOf(secret: string, secretHash: string | undefined): boolean {
  const stored = secretHash === undefined ? HASH_OF_NOTHING : Buffer.from(secretHash, 'base64url');
  const isEqual = timingSafeEqual(toHash(secret), stored);
  return isEqual && secretHash !== undefined;
}

const HASH_OF_NOTHING = randomBytes(32);

function toHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

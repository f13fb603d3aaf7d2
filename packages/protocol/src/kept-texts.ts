/** Owns the forms of texts, instants and ids in what a hub keeps: the same for snapshots and dashboards. */
import { z } from 'zod';
import { MAX_CLOCK_MS } from './limits.js';

/** Whole characters only, and none that moves the cursor or hides text. */
export const line = (maximumChars: number) =>
  z
    .string()
    .max(maximumChars)
    .regex(/^[^\p{Cc}\p{Cs}\p{Bidi_Control}]*$/u, 'has control characters');
export const paragraphs = (maximumChars: number) =>
  z
    .string()
    .max(maximumChars)
    .regex(/^(?:[^\p{Cc}\p{Cs}\p{Bidi_Control}]|[\n\t])*$/u, 'has control characters');
export const clockMs = z.number().min(0).max(MAX_CLOCK_MS);
export const wholeNumber = z.number().int().min(0);
/** 128 random bits in base64url. */
export const identifier = z.string().regex(/^[\w-]{22}$/, 'is no id');

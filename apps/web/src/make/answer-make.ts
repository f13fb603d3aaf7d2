/** Owns that a request to make something is always answered: what goes wrong in it becomes words, not silence. */
import type { Made } from './make-messages';

export async function answerMake(make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', message: `It could not be made: ${reason}.`, hint: '' };
  }
}

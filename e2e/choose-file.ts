/** Owns how a user chooses a file of their own on the page that opens one. */
import { basename } from 'node:path';
import { expect, type Page } from '@playwright/test';

export type ChosenFile = string | { name: string; mimeType: string; buffer: Buffer };

/** Chooses a file that can be read, by its path or as it is. */
export async function chooseFile(page: Page, file: ChosenFile): Promise<void> {
  const name = typeof file === 'string' ? basename(file) : file.name;
  // Again if the page did not run yet: what is chosen before it does is not taken.
  await expect(async () => {
    await page.locator('input[type=file]').first().setInputFiles(file);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name, { timeout: 2000 });
  }).toPass();
}

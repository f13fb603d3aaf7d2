/** Owns giving the reader a file. */

/** The browser has taken the address of a download by then, ms. */
const REVOKE_AFTER_MS = 10_000;

export function download(bytes: Uint8Array<ArrayBuffer>, mediaType: string, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}

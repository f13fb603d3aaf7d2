/** Owns putting text on the clipboard, also where the page came over plain HTTP from another host and has no clipboard. */

/** False when the browser refuses either way. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      // Refused by a permission or for want of focus: the older way asks for neither.
      if (!(error instanceof DOMException)) throw error;
    }
  }
  const box = document.createElement('textarea');
  box.value = text;
  box.style.position = 'fixed';
  box.style.opacity = '0';
  const focused = document.activeElement;
  document.body.append(box);
  box.select();
  const isCopied = document.execCommand('copy');
  box.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}

/** Owns how long a name in a list of bases may be: a list is as wide as its longest. */
const MAX_OPTION_CHARS = 60;

export function shortOption(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_OPTION_CHARS
    ? text
    : `${characters.slice(0, MAX_OPTION_CHARS - 1).join('')}…`;
}

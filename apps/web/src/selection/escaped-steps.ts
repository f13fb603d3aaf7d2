/** Owns writing a list as text with one separator, so that any text can be in it: `!` escapes the separator and itself. */

export function joinSteps(steps: readonly string[], separator: string): string {
  return steps
    .map((step) => step.replaceAll('!', '!!').replaceAll(separator, `!${separator}`))
    .join(separator);
}

/** Undefined for text that ends within an escape, which nothing wrote. */
export function splitSteps(text: string, separator: string): string[] | undefined {
  const steps = [''];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === separator) {
      steps.push('');
      continue;
    }
    if (text[at] === '!' && ++at === text.length) return undefined;
    steps[steps.length - 1] += text[at]!;
  }
  return steps;
}

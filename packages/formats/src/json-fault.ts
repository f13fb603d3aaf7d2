/**
 * Owns finding where a text stops being JSON: the platform's parser refuses it, but says where in one form or another,
 * or not at all. Only for texts that were refused; without recursion, so that depth is no matter.
 */

export interface JsonFault {
  /** Index into the text. */
  at: number;
  what: string;
}

/** The first fault; undefined when there is none. */
export function findJsonFault(text: string): JsonFault | undefined {
  /** Brackets that are open. */
  const open: ('{' | '[')[] = [];
  let expects: Expectation = 'value';
  let at = 0;
  for (;;) {
    at = skipped(WHITE, text, at);
    const letter = text[at];
    if (letter === undefined) {
      if (expects === 'end') return undefined;
      return { at, what: `ends where ${EXPECTED[expects]} should be` };
    }
    const fault = (): JsonFault => ({
      at,
      what: `${JSON.stringify(letter)} where ${EXPECTED[expects]} should be`,
    });
    if (letter === '}' || letter === ']') {
      const isFirst: Expectation = letter === '}' ? 'first-name' : 'first-value';
      if (expects !== 'comma' && expects !== isFirst) return fault();
      if (open.at(-1) !== (letter === '}' ? '{' : '[')) return fault();
      open.pop();
      at++;
      expects = open.length === 0 ? 'end' : 'comma';
    } else if (expects === 'comma') {
      if (letter !== ',') return fault();
      at++;
      expects = open.at(-1) === '{' ? 'name' : 'value';
    } else if (expects === 'colon') {
      if (letter !== ':') return fault();
      at++;
      expects = 'value';
    } else if (expects === 'end') {
      return fault();
    } else if (expects === 'name' || expects === 'first-name') {
      if (letter !== '"') return fault();
      const end = endOfText(text, at);
      if (end === at)
        return {
          at,
          what: 'a text that is not closed, or has an escape or a control character that JSON has not',
        };
      at = end;
      expects = 'colon';
    } else if (letter === '{' || letter === '[') {
      open.push(letter);
      at++;
      expects = letter === '{' ? 'first-name' : 'first-value';
    } else {
      const end = letter === '"' ? endOfText(text, at) : skipped(SCALAR, text, at);
      if (end === at) return fault();
      at = end;
      expects = open.length === 0 ? 'end' : 'comma';
    }
  }
}

type Expectation = 'value' | 'first-value' | 'name' | 'first-name' | 'colon' | 'comma' | 'end';

const EXPECTED: Readonly<Record<Expectation, string>> = {
  value: 'a value',
  'first-value': 'a value or ]',
  name: 'a name in quotes',
  'first-name': 'a name in quotes or }',
  colon: 'a colon',
  comma: 'a comma or the closing bracket',
  end: 'the end',
};

const WHITE = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;

/** Where a match of `pattern` that begins at `at` ends; `at` when there is none. */
function skipped(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Where the text in quotes that begins at `at` ends; `at` when there is none. A pattern would need a stack as long. */
function endOfText(text: string, begin: number): number {
  if (text[begin] !== '"') return begin;
  for (let at = begin + 1; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return begin;
    if (code !== 0x5c) {
      at++;
      continue;
    }
    const end = skipped(ESCAPE, text, at);
    if (end === at) return begin;
    at = end;
  }
  return begin;
}

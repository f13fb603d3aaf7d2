/**
 * Owns the names that Rust made until 2025 (and makes by default on older compilers): C++'s nested names, with a hash for
 * the last part and escapes for what C++ names may not hold. The hash is left out.
 *
 *     _ZN4core3fmt5write17h0123456789abcdefE                      → core::fmt::write
 *     _ZN55_$LT$app..Job$u20$as$u20$app..Run$GT$3run17h…E        → <app::Job as app::Run>::run
 */
const HASHED = /^_ZN.*17h[0-9a-f]{16}E(\.[\w.$@]*)?$/;
const ESCAPES: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

export function isRustLegacy(mangled: string): boolean {
  return HASHED.test(mangled);
}

/** undefined when it is no such name. */
export function demangleRustLegacy(mangled: string): string | undefined {
  const parts: string[] = [];
  let at = 3;
  while (mangled[at] !== 'E') {
    const digits = /^[1-9]\d{0,4}/.exec(mangled.slice(at, at + 5))?.[0];
    if (digits === undefined) return undefined;
    at += digits.length;
    const end = at + Number(digits);
    if (end >= mangled.length) return undefined;
    parts.push(mangled.slice(at, end));
    at = end;
  }
  const hash = parts.pop();
  if (hash === undefined || !/^h[0-9a-f]{16}$/.test(hash) || parts.length === 0) return undefined;
  return parts.map(unescaped).join('::') + mangled.slice(at + 1);
}

function unescaped(part: string): string {
  // An escape may not begin a part, so a `_` is put before it.
  const text = part.startsWith('_$') ? part.slice(1) : part;
  return text.replace(/\$(\w{1,8})\$|\.\./g, (whole, code: string | undefined) => {
    if (code === undefined) return '::';
    const known = ESCAPES[code];
    if (known !== undefined) return known;
    const hex = /^u([0-9a-f]{1,6})$/.exec(code)?.[1];
    const character = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
    return character >= 0x20 && character <= 0x10_ffff && !(character >= 0xd800 && character < 0xe000)
      ? String.fromCodePoint(character)
      : whole;
  });
}

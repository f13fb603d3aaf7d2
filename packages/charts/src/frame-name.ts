/**
 * Owns what of a frame's name can be left out, and in which order: what tells least goes first, the function's own name
 * stays to the last.
 *
 *     std::map<int, Order>::find(int const&) const     std::map<…>::find   std::map::find   map::find   find
 *     github.com/acme/api/store.(*Table).Scan          store.(*Table).Scan   (*Table).Scan   Scan
 *     <Vec<T> as Extend<T>>::extend::h0123456789abcdef  Vec<…>::extend   Vec::extend   extend
 *     java.util.concurrent.locks.LockSupport.park      LockSupport.park   park
 *     JS:*handle /srv/app/src/server.js:120:7          JS:*handle server.js:120:7   JS:*handle   handle
 *     futex_wait.constprop.0                           futex_wait
 *
 * Invariant: each form is shorter than the one before it, and the last one names the function.
 */

/** What compilers and linkers append: a copy for constants, a cold part, a hash, a symbol's version. */
const SUFFIX =
  /(?: \[clone [^\]]*\]|\.(?:isra|constprop|part|cold|lto_priv|llvm)(?:\.\d+)*|::h[0-9a-f]{16}|@@?[A-Z]+_[\d.]+|\[abi:\w+\])+$/;
/** Of a member function, after its arguments. */
const QUALIFIERS = /(?: const| volatile| noexcept| &&?)+$/;
/** A path with at least one folder, up to the file. */
const FOLDERS = /(?:file:\/\/)?(?:[\w.@+~-]*\/)+(?=[^/\s]+$|[^/\s]+\)$)/;
/** `java.util.List.add`, `pkg.Type.method`: three words or more, the last of which is no file's ending. */
const DOTTED = /^[\w$]+(?:\.[\w$<>]+){2,}$/;
const FILE_ENDING = /\.(?:so|js|mjs|cjs|ts|py|rb|pl|dll|exe|dylib)(?:\.\d+)*$/;
/** Longer names are only cut: the patterns above look back from each place. */
const MAX_NAME_CHARS = 1000;
/** Names of other shapes than a function's: separators, markers, modules with an offset. */
const NOT_A_FUNCTION = /^[[\]-]|\+0x[0-9a-f]+$/;

/** Shorter forms of a name, longest first; none where nothing can be left out. */
export function shorterForms(name: string): string[] {
  const forms: string[] = [];
  if (name.length > MAX_NAME_CHARS || NOT_A_FUNCTION.test(name)) return forms;
  let at = name;
  const take = (form: string): void => {
    const trimmed = form.trim();
    if (trimmed.length >= at.length || !/[\p{L}\p{N}_]/u.test(trimmed)) return;
    forms.push(trimmed);
    at = trimmed;
  };
  take(at.replace(SUFFIX, ''));
  take(at.replace(FOLDERS, ''));
  // A place in a file, after the function: `handle server.js:120:7`, `handle (server.js:120:7)`.
  take(at.replace(/ \(?[^\s()]+:\d+\)?$/, ''));
  take(withoutArguments(at));
  take(ofTrait(at));
  take(withoutTemplates(at, '<…>'));
  take(withoutTemplates(at, ''));
  take(withoutReturnType(at));
  for (const part of qualifiedParts(at)) take(part);
  // How V8 compiled it.
  take(at.replace(/^JS:[*~^+']?/, ''));
  return forms;
}

/**
 * The name without what templates and generics add to it: arguments, what stands in angle brackets, what is returned.
 *
 *     void std::vector<int, std::allocator<int> >::emplace_back<int>(int&&)   std::vector<…>::emplace_back<…>
 *     <alloc::vec::Vec<T> as core::iter::Extend<T>>::extend                   alloc::vec::Vec<…>::extend
 *
 * Functions that differ in these only look the same then, and stay apart.
 */
export function foldedName(name: string): string {
  if (name.length > MAX_NAME_CHARS || NOT_A_FUNCTION.test(name) || !/[<(]/.test(name)) return name;
  const bare = name.replace(SUFFIX, '');
  // What stands for no type: Java's constructors, V8's functions without a name.
  if (/<(?:init|clinit|anonymous|computed|lambda)>/.test(bare)) return withoutArguments(bare).trim();
  const folded = withoutReturnType(withoutTemplates(ofTrait(withoutArguments(bare)), '<…>')).trim();
  return /[\p{L}\p{N}_]/u.test(folded) ? folded : name;
}

/** Cuts a trailing list of arguments, but not Go's `(*Type)` nor `(anonymous namespace)`, which something follows. */
function withoutArguments(name: string): string {
  const bare = name.replace(QUALIFIERS, '');
  if (!bare.endsWith(')')) return name;
  let depth = 0;
  for (let index = bare.length - 1; index > 0; index--) {
    if (bare[index] === ')') depth++;
    else if (bare[index] === '(' && --depth === 0) {
      return /operator$/.test(bare.slice(0, index)) ? name : bare.slice(0, index);
    }
  }
  return name;
}

/** Rust's `<Type as Trait>::method` is `Type::method`. */
function ofTrait(name: string): string {
  if (name[0] !== '<') return name;
  const end = closingAngle(name, 0);
  if (end === -1) return name;
  const inner = name.slice(1, end);
  const as = inner.lastIndexOf(' as ');
  return (as === -1 ? inner : inner.slice(0, as)) + name.slice(end + 1);
}

function withoutTemplates(name: string, instead: string): string {
  let out = '';
  for (let index = 0; index < name.length; ) {
    if (name[index] === '<' && !/operator<?$/.test(name.slice(0, index))) {
      const end = closingAngle(name, index);
      if (end !== -1) {
        // Rust's `::<T>` goes with its colons; `<…>` stands for what is longer than itself.
        if (instead === '' && out.endsWith('::')) out = out.slice(0, -2);
        out += end - index + 1 > instead.length || instead === '' ? instead : name.slice(index, end + 1);
        index = end + 1;
        continue;
      }
    }
    out += name[index++];
  }
  return out;
}

/** Index of the `>` that closes the `<` at `open`, or -1. Arrows do not close anything. */
function closingAngle(name: string, open: number): number {
  let depth = 0;
  for (let index = open; index < name.length; index++) {
    if (name[index] === '<') depth++;
    else if (name[index] === '>' && name[index - 1] !== '-' && --depth === 0) return index;
  }
  return -1;
}

/** Demangled templates begin with what they return: `void run(…)`; so do thunks with what they are. */
function withoutReturnType(name: string): string {
  if (!name.includes('::') || name.includes('operator ')) return name;
  let depth = 0;
  for (let index = name.length - 1; index > 0; index--) {
    if (name[index] === ')') depth++;
    else if (name[index] === '(') depth--;
    else if (name[index] === ' ' && depth === 0) return name.slice(index + 1);
  }
  return name;
}

/** The name with its last qualifier, then without any. */
function qualifiedParts(name: string): string[] {
  if (name.includes('::')) return lastParts(name.split('::'), '::');
  // Go: the package is the last folder's, and `store.(*Table).Scan` has a type in it.
  if (/^[\w-]+\.\(\*?\w+\)\./.test(name)) return [name.slice(name.indexOf('.') + 1), afterLast(name, '.')];
  if (DOTTED.test(name) && !FILE_ENDING.test(name)) return lastParts(name.split('.'), '.');
  return [];
}

function lastParts(parts: readonly string[], separator: string): string[] {
  return [parts.slice(-2).join(separator), parts.at(-1)!];
}

function afterLast(name: string, separator: string): string {
  return name.slice(name.lastIndexOf(separator) + 1);
}

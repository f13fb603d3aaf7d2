/**
 * Owns what stands in place of a name that a reader of a shared profile must not see: a short token by a keyed hash, the
 * same for the same name within one share, another in the next.
 *
 *     nginx → process-3f9a     web01.example.org → host-b210     10.0.0.7:5432 → address-77c1:5432
 *     /home/ann/shop/cart.js:12 → path-0e5d:12                   Cart::add(Item const&) → Cart::add(…)
 *
 * Invariants: two names never get one token (a token that is taken gets more digits); names of kernel functions and of
 * the kernel's own threads stay, as they are those of every Linux; the same waits are idle in the copy (noise-marks.ts). Texts are only ever given tokens, so what is not
 * recognised as a name, an address or a path stays: the preview exists to be read.
 */
import { keyedHash } from './keyed-hash.js';
import { NoiseMarks } from './noise-marks.js';
import { shortId } from './who-table.js';

/** What is hashed; all false changes nothing. */
export interface Reduction {
  /** Names and ids of hosts. */
  hostNames: boolean;
  /** Names of processes and threads, of the programs' own modules, and of whose processes are: users, containers, units. */
  processNames: boolean;
  /** IP, link layer and memory addresses. */
  addresses: boolean;
  /** What follows a program or a function: parameters, paths, URLs, and what a title says behind `: `. */
  arguments: boolean;
}

export const TOKEN_KINDS = [
  ...(['host', 'process', 'thread', 'module', 'address', 'path', 'argument'] as const),
  ...(['user', 'container', 'pod', 'unit', 'cgroup'] as const),
] as const;
export type OwnerKind = 'user' | 'container' | 'pod' | 'unit' | 'cgroup';
export type TokenKind = (typeof TOKEN_KINDS)[number];

export class Redactor {
  readonly reduction: Reduction;
  readonly #key: Uint8Array;
  readonly #tokens = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #marks = new NoiseMarks();
  readonly #processNames: ReadonlySet<string>;
  readonly #hostWords: RegExp | null;
  readonly #processWords: RegExp | null;
  readonly #ownerWords: RegExp | null;
  /** Form in lower case → whose token stands for it. */
  readonly #ownerOf = new Map<string, readonly [OwnerKind, string]>();
  /** Word as it is written in lower case → the name that its token is of. */
  readonly #wordOf = new Map<string, string>();

  /**
   * `key`: `HASH_KEY_BYTES` random bytes, drawn for one share and then forgotten. `hostNames` and `processNames` are those
   * to look for in texts; the names of threads are not, as many are ordinary words. Nor, of `owners`, are the users that
   * every Linux has.
   */
  constructor(
    reduction: Reduction,
    key: Uint8Array,
    hostNames: Iterable<string>,
    processNames: Iterable<string>,
    owners: Iterable<readonly [OwnerKind, string]> = [],
  ) {
    this.reduction = reduction;
    this.#key = key;
    const hosts = new Set<string>();
    for (const name of hostNames) {
      hosts.add(name);
      // The short name of a full one is as telling.
      hosts.add(name.split('.')[0]!);
    }
    hosts.delete('localhost');
    this.#processNames = new Set([...processNames].filter((name) => !isKernelThread(name)));
    this.#hostWords = reduction.hostNames ? this.#toWords(hosts, MIN_HOST_CHARS) : null;
    const looksLikeCode = new Set([...this.#processNames].filter((name) => !COMMON_WORDS.has(name)));
    this.#processWords = reduction.processNames ? this.#toWords(looksLikeCode, MIN_PROCESS_CHARS) : null;
    for (const [kind, name] of owners) {
      if (kind === 'user' && SYSTEM_USERS.has(name)) continue;
      // As it is shown, too: the beginning of an id.
      for (const form of new Set([name, shortId(name)])) this.#ownerOf.set(form.toLowerCase(), [kind, name]);
    }
    const names = [...this.#ownerOf].filter(([form]) => !this.#wordOf.has(form)).map(([form]) => form);
    this.#ownerWords = reduction.processNames ? toPattern(names, MIN_PROCESS_CHARS) : null;
  }

  /** Name or id of a host. */
  host(name: string): string {
    return this.reduction.hostNames && name !== '' ? this.#token('host', name.toLowerCase()) : name;
  }

  /** Name of a process or a thread; a hidden one says which idle preset it belongs to. */
  threadName(name: string): string {
    return this.#marks.mark(this.#threadName(name), name, 'thread');
  }

  #threadName(name: string): string {
    if (name === '' || isInterrupt(name)) return name;
    if (this.reduction.processNames) {
      const kernel = KERNEL_THREAD.exec(name);
      if (kernel !== null) return kernel[0];
      return this.#token(this.#processNames.has(name) ? 'process' : 'thread', name);
    }
    return this.text(this.reduction.arguments ? this.#withoutTitle(name) : name);
  }

  /** Whose a process is; `root` is that of every Linux. What one name is hidden by is one token, so groups stay groups. */
  owner(kind: OwnerKind, name: string): string {
    if (name === '' || (kind === 'user' && name === 'root')) return name;
    return this.reduction.processNames ? this.#token(kind, name) : this.text(name);
  }

  /** A command line may hold any name there is: it is left out where names are hidden, cut to its program where arguments are. */
  command(line: string): string {
    if (this.reduction.processNames) return '';
    return this.text(this.reduction.arguments ? (line.split(' ', 1)[0] ?? '') : line);
  }

  /** Basename of an object file of user space; '' and `[vdso]` stay. */
  module(name: string): string {
    if (name === '' || SPECIAL_MODULE.test(name)) return name;
    if (this.reduction.processNames) {
      // A thread's name is cut at 15 bytes, its program's file is not.
      if (this.#processNames.has(name)) return this.#token('process', name);
      if (this.#processNames.has(name.slice(0, MAX_COMM_CHARS)))
        return this.#token('process', name.slice(0, MAX_COMM_CHARS));
      if (!SHARED_LIBRARY.test(name)) return this.#token('module', name);
      for (const process of this.#processNames) {
        if (process.length >= MIN_PROCESS_CHARS && name.includes(process)) return this.#token('module', name);
      }
    }
    return this.text(name);
  }

  /** Name of a function in user space. `module` as it was. */
  functionName(name: string, module: string): string {
    return this.#marks.mark(this.#functionName(name, module), name, 'function');
  }

  #functionName(name: string, module: string): string {
    // A frame without a name is called by its module and the place in it.
    if (module !== '' && name.startsWith(`${module}+`))
      return this.module(module) + name.slice(module.length);
    return this.text(this.reduction.arguments ? withoutParameters(name) : name);
  }

  /** Titles, notes, a view's query: anything that people or programs wrote. */
  text(text: string): string {
    const { addresses, arguments: ofArguments } = this.reduction;
    let reduced = text;
    if (ofArguments) {
      reduced = reduced.replace(URL_LIKE, (url) => this.#token('path', url));
      reduced = reduced.replace(PATH_LIKE, (path) => this.#token('path', path));
    }
    if (this.#hostWords !== null)
      reduced = reduced.replace(this.#hostWords, (word) => this.#wordToken('host', word));
    if (addresses) {
      for (const pattern of ADDRESSES) {
        reduced = reduced.replace(pattern, (found) =>
          isAddress(found) ? this.#token('address', found) : found,
        );
      }
    }
    if (this.#processWords !== null)
      reduced = reduced.replace(this.#processWords, (word) => this.#wordToken('process', word));
    if (this.#ownerWords !== null) {
      reduced = reduced.replace(this.#ownerWords, (word) =>
        this.#token(...this.#ownerOf.get(word.toLowerCase())!),
      );
    }
    return reduced;
  }

  #withoutTitle(name: string): string {
    const at = name.indexOf(': ');
    return at < 0 ? name : `${name.slice(0, at + 2)}${this.#token('argument', name.slice(at + 2))}`;
  }

  #toWords(names: Iterable<string>, minChars: number): RegExp | null {
    const words = [...names];
    for (const word of [...words].sort(longestFirst)) {
      if (word.length < minChars || this.#wordOf.has(word.toLowerCase())) continue;
      this.#wordOf.set(word.toLowerCase(), word);
    }
    return toPattern(words, minChars);
  }

  #wordToken(kind: 'host' | 'process', word: string): string {
    const name = this.#wordOf.get(word.toLowerCase()) ?? word;
    return this.#token(kind, kind === 'host' ? name.toLowerCase() : name);
  }

  #token(kind: TokenKind, name: string): string {
    const key = `${kind}\0${name}`;
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const digits = keyedHash(this.#key, key);
    let length = MIN_TOKEN_DIGITS;
    while (length < digits.length && this.#taken.has(`${kind}-${digits.slice(0, length)}`)) length++;
    const token = `${kind}-${digits.slice(0, length)}`;
    this.#taken.add(token);
    this.#tokens.set(key, token);
    return token;
  }
}

/** Any of these as a word of its own; null where there is none. */
function toPattern(names: readonly string[], minChars: number): RegExp | null {
  const words = names.filter((name) => name.length >= minChars);
  if (words.length === 0) return null;
  const pattern = words
    .sort(longestFirst)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    .join('|');
  return new RegExp(`(?<![A-Za-z0-9])(?:${pattern})(?![A-Za-z0-9])`, 'gi');
}

/** `web01.example.org` before `web01`. */
function longestFirst(a: string, b: string): number {
  return b.length - a.length || (a < b ? -1 : 1);
}

/** Digits of a token while no other has the same. */
const MIN_TOKEN_DIGITS = 4;

/** Shorter names are ordinary words too often to be looked for inside texts. */
const MIN_HOST_CHARS = 2;
const MIN_PROCESS_CHARS = 3;

/** TASK_COMM_LEN of the kernel without its terminating zero. */
const MAX_COMM_CHARS = 15;

/** Names of processes that are names of functions in every program. */
const COMMON_WORDS: ReadonlySet<string> = new Set(['main', 'start', 'init', 'run']);

/** As far as the name is the kernel's own: what a worker is busy with may be the name of a volume or a mount. */
const KERNEL_THREAD =
  /^(?:kworker\/u?\d+:\d+H?|(?:ksoftirqd|migration|cpuhp|idle_inject|swapper|rcuc|rcuog|rcuop|rcuos|rcub)\/\d+|(?:kswapd|kcompactd)\d+|kthreadd|khugepaged|ksmd|kdevtmpfs|kauditd|khungtaskd|oom_reaper|watchdogd|rcu_(?:preempt|sched|gp|par_gp|tasks\w*|exp\w*))(?![\w/])/;

function isKernelThread(name: string): boolean {
  return KERNEL_THREAD.test(name);
}

/** `[timer]`, `[network receive]`: what an interrupt is called. */
function isInterrupt(name: string): boolean {
  return name.startsWith('[') && name.endsWith(']');
}

/** Users of Debian and its like: ordinary words, and no secret. */
const SYSTEM_USERS: ReadonlySet<string> = new Set([
  ...[
    'root',
    'daemon',
    'bin',
    'sys',
    'sync',
    'games',
    'man',
    'mail',
    'news',
    'proxy',
    'backup',
    'list',
    'nobody',
  ],
  ...['messagebus', 'www-data', 'systemd-network', 'systemd-resolve', 'systemd-timesync', 'polkitd', 'sshd'],
]);

const SPECIAL_MODULE = /^\[[a-z_ ]+\]$/;
const SHARED_LIBRARY = /\.so(?:\.[\w.]+)?$/;

/** A scheme is short, or a name of thousands of dots would be tried from each of them to its end. */
const URL_LIKE = /\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>)\]]+/gi;
/** Two parts at least, as a lone `/` divides; not inside a name: `github.com/acme/shop.Add` is a function. */
const PATH_LIKE = /(?<![\w.)\]])~?(?:\/[\w.@+%,-]+){2,}/g;

const ADDRESSES: readonly RegExp[] = [
  /(?<![\w:])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:])/gi,
  /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4})?(?![\w:])/gi,
  /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)/g,
  // Five digits: shorter ones are flags and sizes. Behind `+` it is a place in a module, the same on every host.
  /(?<![\w+])0x[0-9a-f]{5,16}(?!\w)/gi,
];

/** Of what the patterns find, `ab::cd` is more likely a name in C++, and `12:30:45` a time; and no octet is above 255. */
function isAddress(found: string): boolean {
  if (found.startsWith('0x') || found.startsWith('0X')) return true;
  if (!found.includes(':'))
    return found.includes('-') || found.split('.').every((octet) => Number(octet) <= 255);
  const groups = found.split(':').length;
  return /\d/.test(found) && (found.includes('::') || groups === 8 || groups === 6);
}

/** `f(int, char const*) const` → `f(…)`; `operator()` and `(anonymous namespace)` are no parameters. */
function withoutParameters(name: string): string {
  const end = name.lastIndexOf(')');
  if (end < 0) return name;
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    if (name[at] === ')') depth++;
    else if (name[at] === '(' && --depth === 0) {
      const inside = name.slice(at + 1, end);
      if (at === 0 || inside === '' || inside === 'anonymous namespace') return name;
      return `${name.slice(0, at)}(…)${name.slice(end + 1)}`;
    }
  }
  return name;
}

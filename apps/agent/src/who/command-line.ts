/**
 * Owns what of a command line leaves the host: its words in one line, with what looks like a secret replaced. Pure.
 * It errs towards hiding: what is hidden wrongly costs a look with `--cmdline full`, what is shown wrongly a password.
 *
 *     mysql -h db --password=hunter2 app      →  mysql -h db --password=*** app
 *     git clone https://me:tok@host/x.git     →  git clone https://me:***@host/x.git
 */
export const COMMAND_LINE_MODES = ['full', 'redacted', 'off'] as const;
export type CommandLineMode = (typeof COMMAND_LINE_MODES)[number];

export const HIDDEN = '***';
/** Read of one process: patterns are tried on no more, however long a command line makes itself. */
export const MAX_COMMAND_BYTES = 4096;
/** Shown of it: what a tooltip or a table can hold. */
const MAX_COMMAND_CHARS = 512;
const CUT = '…';

/** Words of a name whose value is a secret, by themselves or at the end of a longer one: PGPASSWORD, authtoken. */
const SECRET_WORDS =
  /^(?:pass|pw|pwd|pin|otp|jwt|sig|signature|auth|creds?|cookies?|bearer|authorization|(?:store|key|db|user|admin|root|http|ssh|become|sudo|ftp|smtp|imap|ldap|proxy|my|pg)pass|\w*(?:passw(?:or)?[dt]|passphrase|passcode|kennwort|secrets?|tokens?|apikeys?|credentials?))$/;
/** `key` is one only with such a word before it. */
const KEY_WORDS = /^(?:api|access|private|auth|encryption|signing|master|account|service)$/;
/** Where the value of such a name is kept, how long it lives or what it is called is no secret. */
const HARMLESS =
  /^(?:file|path|dir|directory|ttl|url|uri|endpoint|name|type|length|expiry|expires|timeout|policy|header|store|provider|mode|method|plugin|socket)s?$/;

/** `--db-password`, `dbPassword`, `AWS_SECRET_ACCESS_KEY`, `x.token`; not `--author`, `bypass`, `--token-file`. */
function isSecretName(name: string): boolean {
  const words = name
    // A property of Java
    .replace(/^-D(?=[a-z])/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (words.length === 0 || words[0] === 'no' || HARMLESS.test(words.at(-1)!)) return false;
  return words.some(
    (word, at) =>
      SECRET_WORDS.test(word) || (/^keys?$/.test(word) && at > 0 && KEY_WORDS.test(words[at - 1]!)),
  );
}

/** A name with what stands between it and its value: `=` or `:`, or for a flag the space alone. */
const NAMED = /(?<![\w.-])([\w.-]{1,80})(["']?\s{0,2}[=:]\s{0,2}|\s{1,2}(?=[^\s-]))/g;
const VALUE = /"[^"]*"|'[^']*'|(?:(?:bearer|basic|token)\s+)?[^\s&;,"'|]+/iy;
const IS_FLAG = /^-{1,2}[A-Za-z][\w.-]{0,78}$/;
/** A word that is nothing but a name and its value: then its spaces are the value's. */
const ONLY_ASSIGNMENT = /^(-{0,2}[A-Za-z][\w.-]{0,78}=)(.+)$/s;

function hideNamed(text: string): string {
  let shown = '';
  let from = 0;
  NAMED.lastIndex = 0;
  for (let match = NAMED.exec(text); match !== null; match = NAMED.exec(text)) {
    const [all, name, between] = match as unknown as [string, string, string];
    if (between.trim() === '' && !IS_FLAG.test(name)) continue;
    if (!isSecretName(name)) continue;
    VALUE.lastIndex = match.index + all.length;
    const value = VALUE.exec(text);
    if (value === null) continue;
    shown += `${text.slice(from, match.index + all.length)}${HIDDEN}`;
    from = VALUE.lastIndex;
    NAMED.lastIndex = from;
  }
  return shown + text.slice(from);
}

/** Whatever it stands beside; the first group, where there is one, stays. */
const SHAPES: readonly RegExp[] = [
  // user:password@host, and a long user alone, as a token is given
  /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,200}(?=@)/gi,
  /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/:@]{20,200}(?=@)/gi,
  // the same without a scheme, as proxies are given; `image:tag@sha256:…` is none
  /^([^\s/:@]{1,100}:)[^\s/:@]{1,200}(?=@(?!sha\d)[\w.-])/g,
  /(--from-literal=[^\s=]{1,100}=)\S+/g,
  /(\becho\s{1,5}(?:-n\s)?)[^|;&]{1,200}(?=\|\s{0,5}(?:sudo|passwd|chpasswd|docker|podman|kinit)\b)/g,
  /(\b(?:Bearer|Basic)\s+)[\w+/=.~-]{8,}/gi,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b/g,
  /\bgh[opsur]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bglpat-[\w-]{16,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bpypi-[\w-]{20,}/g,
  /\bhv[sbr]\.[\w-]{20,}/g,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/g,
  /\bya29\.[\w-]{10,}/g,
  /\b(?:shp(?:at|ca|pa|ss)|dop_v1)_[A-Fa-f0-9]{20,}/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{10,}/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\b(?:sk|pk|rk)_(?:live|test)_\w{10,}/g,
  /\bsk-[\w-]{20,}/g,
  /\bAIza[\w-]{35}/g,
  /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}-----)?/g,
];
/** Digests and keys in hex; a part of a path is a name, of a container's directory for example. */
const LONG_HEX = /(?<![\w/.-])(?:0x)?[0-9a-f]{32,}(?![\w/.])/gi;
/** Base64 of 30 bytes and more, when it mixes what no word mixes. */
const LONG_BASE64 = /(?<![\w/.+-])[A-Za-z0-9+/_-]{40,}={0,2}(?![\w/.])/g;

/** In a script, which is one word: what the letters of programs mean there, see LETTERS. */
const SCRIPT_SHAPES: readonly RegExp[] = [
  /(\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb)\b[^;&|]{0,300}?\s-p)[^\s;&|]+/g,
  /(\bsshpass\s{1,3}-p\s{0,3})[^\s;&|]+/g,
  /(\b(?:redis-cli|valkey-cli)\b[^;&|]{0,300}?\s-a\s{1,3})[^\s;&|]+/g,
  /(\s(?:-u|--user|--proxy-user)(?:\s{1,3}|=)["']?[^\s:"']{1,100}:)[^\s"';&|]+/g,
];

/** Programs that take a secret behind a letter of their own. */
const LETTERS: readonly { program: RegExp; subcommand?: string; joined?: RegExp; next?: RegExp }[] = [
  {
    program: /^(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb[\w-]*)$/,
    joined: /^(-p)(.+)$/,
  },
  { program: /^sshpass$/, joined: /^(-p)(.+)$/, next: /^-p$/ },
  { program: /^(?:redis-cli|valkey-cli)$/, next: /^-a$/ },
  {
    program: /^(?:ldapsearch|ldapadd|ldapmodify|ldapdelete|ldapwhoami)$/,
    joined: /^(-w)(.+)$/,
    next: /^-w$/,
  },
  { program: /^(?:smbclient|rpcclient)$/, joined: /^(-U[^%]*%)(.+)$/ },
  { program: /^curl$/, joined: /^(-[uU][^:]+:)(.+)$/, next: /^-b$/ },
  {
    program: /^(?:docker|podman|nerdctl|buildah|skopeo|helm|crane|oc|az)$/,
    subcommand: 'login',
    joined: /^(-p)(.+)$/,
    next: /^-p$/,
  },
  { program: /^openssl$/, next: /^-[kK]$/ },
  { program: /^(?:sqlcmd|bcp)$/, joined: /^(-P)(.+)$/, next: /^-P$/ },
  { program: /^(?:zip|unzip|zipcloak|mosquitto_\w+)$/, joined: /^(-P)(.+)$/, next: /^-P$/ },
  { program: /^(?:7z[ar]?|7zz|rar|unrar)$/, joined: /^(-h?p)(.+)$/ },
];
/** htpasswd -b FILE USER PASSWORD */
const HTPASSWD_BATCH = /^-[A-Za-z]*b/;
/** `configure set aws_secret_access_key X`: a word of several by itself; and the plain words that nothing else is called. */
const BARE_NAME = /^(?:[a-z]+(?:_[a-z]+)+|password|passphrase)$/i;
/** curl -u and its like: what is before the colon is a name. */
const USER_AND_SECRET = /^([^:%,]+[:%,]).+$/;
const USER_FLAG_JOINED = /^(--(?:proxy-)?user=[^:]+:)(.+)$/;
/** After the name of a secret: the secret was left out, to be asked for. */
const OTHER_FLAG = /^(?:--[\w-]*|-[A-Za-z]?)(?:=.*)?$/s;
/** Its value is the next word. */
const EMPTY_ASSIGNMENT = /^-{0,2}[A-Za-z][\w.-]{0,78}[=:]$/;
const USER_FLAGS = /^(?:-u|--user|--proxy-user|-U)$/;

/** @param isCut the kernel had more of it: its last word is in part and goes */
export function toCommandLine(words: readonly string[], mode: CommandLineMode, isCut = false): string {
  if (mode === 'off' || words.length === 0) return '';
  const whole = bounded(words);
  const wasCut = isCut || whole.isCut;
  // Of a secret that was cut the shape cannot be told.
  const kept = wasCut && whole.words.length > 1 ? whole.words.slice(0, -1) : whole.words;
  const shown = mode === 'full' ? kept : redacted(kept);
  const line = shown.map(printable).join(' ').trim();
  const isLong = line.length > MAX_COMMAND_CHARS;
  return isLong || wasCut ? `${line.slice(0, MAX_COMMAND_CHARS)}${CUT}` : line;
}

function bounded(words: readonly string[]): { words: string[]; isCut: boolean } {
  const kept: string[] = [];
  let left = MAX_COMMAND_BYTES;
  for (const word of words) {
    if (left <= 0) return { words: kept, isCut: true };
    kept.push(word.slice(0, left));
    if (word.length > left) return { words: kept, isCut: true };
    left -= word.length + 1;
  }
  return { words: kept, isCut: false };
}

function redacted(words: readonly string[]): string[] {
  const program = (words[0] ?? '').replace(/^.*\//, '');
  const letters = LETTERS.find(
    (one) => one.program.test(program) && (one.subcommand === undefined || words.includes(one.subcommand)),
  );
  const isBatch = program === 'htpasswd' && words.some((word) => HTPASSWD_BATCH.test(word));
  const shown: string[] = [];
  let isNextSecret = false;
  let isNextUser = false;
  for (const [at, word] of words.entries()) {
    if (isNextSecret && (word === '=' || word === ':')) {
      shown.push(word);
      continue;
    }
    const isFlag = word.startsWith('-');
    const user = isNextUser && !isFlag ? USER_AND_SECRET.exec(word)?.[1] : undefined;
    if ((isNextSecret && !OTHER_FLAG.test(word)) || (isBatch && at > 0 && at === words.length - 1)) {
      shown.push(HIDDEN);
    } else if (user !== undefined) {
      shown.push(`${user}${HIDDEN}`);
    } else {
      const joined = letters?.joined?.exec(word) ?? USER_FLAG_JOINED.exec(word);
      shown.push(joined ? `${joined[1]}${HIDDEN}` : redactedWord(word));
    }
    isNextSecret =
      (letters?.next?.test(word) ?? false) ||
      ((IS_FLAG.test(word) || EMPTY_ASSIGNMENT.test(word) || (at > 0 && BARE_NAME.test(word))) &&
        isSecretName(word));
    isNextUser = USER_FLAGS.test(word);
  }
  return shown;
}

function redactedWord(word: string): string {
  const only = ONLY_ASSIGNMENT.exec(word);
  if (only !== null && isSecretName(only[1]!)) return `${only[1]}${HIDDEN}`;
  let shown = word;
  const shapes = /\s/.test(word) ? [...SHAPES, ...SCRIPT_SHAPES] : SHAPES;
  for (const shape of shapes) {
    shown = shown.replace(shape, (_all, kept: unknown) => `${typeof kept === 'string' ? kept : ''}${HIDDEN}`);
  }
  return hideNamed(shown)
    .replace(LONG_HEX, HIDDEN)
    .replace(LONG_BASE64, (all) => (/[a-z]/.test(all) && /[A-Z]/.test(all) && /\d/.test(all) ? HIDDEN : all));
}

/** A line is a line: what would break or recolour a terminal or a table is shown as a space. */
function printable(word: string): string {
  return word.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}

/** Owns the hub's own bounds: what it keeps, how many it serves, how long it waits. Sizes of messages are the protocol's. */

/** Windows are kept this long, ms. */
export const DEFAULT_RETAIN_MS = 15 * 60 * 1000;

/**
 * Windows and dictionaries of all hosts together, bytes as estimated. A busy host writes about 0.1 MiB a window, so
 * one host fits whole; the promise is 300 MB for agent, hub and UI of one host.
 */
export const DEFAULT_RETAIN_BYTES = 192 * 1024 * 1024;

/** What a retained window takes beside its bytes: the object, its losses, the slot in the list. */
export const RETAINED_WINDOW_OVERHEAD_BYTES = 400;

/** A host's dictionary may be followed by a fresh one from this size on, bytes: below it there is little to win. */
export const DICTIONARY_SOFT_BYTES = 4 * 1024 * 1024;

/** … after this part of the retention, so that a host keeps at most these many and one of that size. */
export const DICTIONARIES_A_RETENTION = 3;

/**
 * However young it is, a dictionary is followed at this size, bytes, or where it takes this part of its host's share
 * of what all may keep: it goes only with all of its windows, so it must not be most of what a host has.
 */
export const DICTIONARY_HARD_BYTES = 24 * 1024 * 1024;
export const DICTIONARIES_A_SHARE = 4;

/** … but only once it is so many times what its first window needed: below that most of it is alive. */
export const DICTIONARY_GROWTH = 3;

/** Agents at once. The promise is 1,000 at one window a second. */
export const MAX_AGENTS = 2048;

/** Browsers at once; each costs its socket's buffer. */
export const MAX_BROWSERS = 256;

/** Streams one browser watches at once: a page shows one host, a comparison two. */
export const MAX_STREAMS_A_BROWSER = 8;

/** Hosts known at once, disconnected ones with them; beyond it the longest disconnected is forgotten. */
export const MAX_HOSTS = 2 * MAX_AGENTS;

/** Control messages of one peer a second, and how many it may save up. A page sends a few at a click. */
export const CONTROL_MESSAGES_A_SECOND = 20;
export const CONTROL_MESSAGES_BURST = 100;

/** Frames of one agent a second, and how many it may save up: 4 windows and their deltas, and what it kept while away. */
export const AGENT_FRAMES_A_SECOND = 50;
export const AGENT_FRAMES_BURST = 5000;

/** An agent says hello within this, ms. */
export const HELLO_TIMEOUT_MS = 5000;

/** A connected host is stale when no window came for this many window lengths, and for the ms below. */
export const STALE_WINDOWS = 3;
export const STALE_MS = 3000;

/** Nothing more is given to a browser's socket while it holds this many bytes: what waits in it cannot be coalesced. */
export const BROWSER_HIGH_WATER_BYTES = 1024 * 1024;

/** Windows that wait for a slow browser are merged over at most this span, ms; older ones are skipped and counted. */
export const COALESCE_SPAN_MS = 60_000;

/** … and at most this many bytes as kept, so that merging for one browser stays within some tens of ms. */
export const COALESCE_BYTES = 4 * 1024 * 1024;

/** A late browser that is this many windows or fewer behind when its history is sent still gets them one by one. */
export const CATCH_UP_WINDOWS = 5;

/** A browser whose full socket takes nothing for this long is closed, ms. */
export const STALLED_BROWSER_MS = 120_000;

/** How often the hub looks at its clocks, ms; a change in the list of hosts is told within this. */
export const TICK_MS = 250;

/** The list of hosts is told at least this often, ms, for lag and loss … */
export const HOSTS_INTERVAL_MS = 1000;

/** … and this many ms apart for each host on it, as it costs a kilobyte each. */
export const HOSTS_INTERVAL_MS_A_HOST = 5;

/** Pings go out this often, ms, and a socket that shows no sign of life for so many of them is ended. */
export const PING_INTERVAL_MS = 10_000;
export const MISSED_PINGS = 6;

/** A socket that was told why it is closed has this long to go by itself, ms. */
export const CLOSE_GRACE_MS = 2000;

/** Tokens shorter than this many characters are refused at start: they are guessed. */
export const MIN_TOKEN_CHARS = 16;

/** Browser sessions at once; the oldest goes first. */
export const MAX_SESSIONS = 1024;

/** A browser session lasts this long, ms: a working day. */
export const SESSION_MS = 12 * 60 * 60 * 1000;

/** Wrong tokens from one address, and from all together, in the span below, ms. */
export const MAX_FAILED_ATTEMPTS = 10;
export const MAX_FAILED_ATTEMPTS_ALL = 200;
export const FAILED_ATTEMPTS_SPAN_MS = 60_000;

/** Bytes of a request body; only a token is ever sent. */
export const MAX_REQUEST_BODY_BYTES = 4096;

/** Headers and body of a request arrive within this, ms. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Connections at once: agents, browsers, and the files a page loads. */
export const MAX_CONNECTIONS = MAX_AGENTS + MAX_BROWSERS + 512;

/** Bytes and files of the web export, held in memory. */
export const MAX_WEB_BYTES = 64 * 1024 * 1024;
export const MAX_WEB_FILES = 4000;

/** Bytes of a JSON body that describes a snapshot or a link: notes at four bytes a character, and the rest. */
export const MAX_API_BODY_BYTES = 32 * 1024;

/** A snapshot is uploaded within this, ms: 64 MiB at 5 Mbit/s. */
export const UPLOAD_TIMEOUT_MS = 120_000;

/** … and is given up when nothing of it arrives for this long, ms. */
export const UPLOAD_IDLE_MS = 10_000;

/** A reader of a file who takes nothing for this long is let go, ms. */
export const STALLED_DOWNLOAD_MS = 30_000;

/** Files read at once by those with a session, and by those with a share link; each holds a piece of 256 KiB. */
export const MAX_DOWNLOADS = 64;
export const MAX_SHARED_DOWNLOADS = 16;

/** Requests for shared snapshots a second, and how many may be saved up: from one address, and from all together. */
export const SHARED_REQUESTS_A_SECOND = 5;
export const SHARED_REQUESTS_BURST = 60;
export const ALL_SHARED_REQUESTS_A_SECOND = 50;
export const ALL_SHARED_REQUESTS_BURST = 500;

/** Addresses that are counted apart; the one that has asked the longest ago is forgotten first. */
export const MAX_COUNTED_ADDRESSES = 1024;

/** How often what is too old is looked for, ms. */
export const SWEEP_INTERVAL_MS = 60_000;

/** Links made at once that hide something: each reads a whole snapshot into memory. */
export const MAX_REDUCTIONS = 2;

/** Memory of the thread that makes one, MiB: a file of 64 MiB is some hundred as objects, and there are two of it. */
export const MAX_REDUCTION_HEAP_MIB = 1024;

/** Making a reduced copy takes a second for the largest; beyond this the file is no honest one, ms. */
export const REDUCTION_TIMEOUT_MS = 30_000;

/** Questions about source that one agent may owe an answer to: it reads one at a time. */
export const MAX_SOURCE_QUESTIONS = 8;
/** How long one is waited for, ms: the agent's own bound for reading a file, and some of them before it. */
export const SOURCE_TIMEOUT_MS = 60_000;
/** Bytes of a question: a name and a module of 4 KiB each, in JSON. */
export const MAX_SOURCE_QUESTION_BYTES = 32 * 1024;

/** Owns every maximum of the wire, each with its unit and its reason. Both ends hold them; going over one is a ProtocolError. */

/** Bytes of one binary frame. A window of 30,000 rows is about 0.6 MiB; eight is room for the worst, and one is never held twice. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/** Bytes of one dictionary delta as written: a long dictionary goes in several frames, so that a slow socket is noticed in between. */
export const DELTA_FRAME_BYTES = 512 * 1024;

/** Bytes of a control message towards the hub. A hello with forty capabilities is about 8 KiB. */
export const MAX_CONTROL_BYTES = 64 * 1024;

/** Bytes of a control message from the hub: {hosts} lists every host with its capabilities, 1,000 hosts of 8 KiB each. */
export const MAX_HUB_CONTROL_BYTES = 8 * 1024 * 1024;

/** UTF-8 bytes of one string. Demangled C++ names beyond it are cut by the writer and say so. */
export const MAX_STRING_BYTES = 4096;

/** Strings of one dictionary. A host's symbols that ever show up in a stack are some ten thousands. */
export const MAX_STRINGS = 1 << 20;

/** Frames of one dictionary: (name, module) pairs, about as many as strings. */
export const MAX_FRAMES = 1 << 20;

/** Nodes of the stack prefix tree of one dictionary; distinct stacks share prefixes, 10–20 nodes each beyond them. */
export const MAX_STACKS = 1 << 21;

/** Chain nodes of one dictionary. */
export const MAX_CHAINS = 1 << 20;

/** Estimated bytes that one dictionary may take in its reader; the counts above alone would allow gigabytes. */
export const MAX_DICTIONARY_BYTES = 64 * 1024 * 1024;

/** Frames of one stack. The kernel gives at most 127 user and 127 kernel frames; unwinders to come may give more. */
export const MAX_STACK_DEPTH = 1024;

/** Wakers of one chain. The collector's default limit is 16; this leaves its knob room. */
export const MAX_CHAIN_DEPTH = 256;

/** Rows of one window: twice the largest row map that the collector can be told to use. */
export const MAX_ROWS = 1 << 17;

/** Threads of one window: every thread of a host that ran; pid_max of large hosts is 4 Mi, those that ran in a second far fewer. */
export const MAX_THREADS = 1 << 17;

/** Sparse histogram entries of one window: 3 kinds × 40 buckets × processes, few of them used. */
export const MAX_HISTOGRAM_ENTRIES = 1 << 18;

/** Open waits of one window: at most one a thread. */
export const MAX_OPEN_WAITS = 1 << 17;

/** Process names of one window. */
export const MAX_PROCESSES = 1 << 17;

/** Entries of the histograms of lengths of one window: a thread has some ten buckets in use of each operation. */
export const MAX_LATENCIES = 1 << 18;

/** Vitals of one window: hosts of 512 CPUs, a hundred disks and interfaces, a few hundred containers, ten of each. */
export const MAX_VITALS = 1 << 15;

/** Probes and groups of vitals that one window tells of. */
export const MAX_PROBES = 64;

/** Highest stream number. A small number keeps the header at four bytes or less; how many a browser may have open is the hub's bound. */
export const MAX_STREAM = 65_535;

/** Highest tgid or tid: u32 on the wire, the kernel's own pid_max is at most 2^22. */
export const MAX_TID = 0xffff_ffff;

/** Latest wall clock, ms since the epoch: the last instant that a Date can hold. */
export const MAX_CLOCK_MS = 8.64e15;

/** Characters of a host id, which is kept as a map key and shown in URLs. */
export const MAX_HOST_ID_CHARS = 128;

/** Characters of one text of a control message (kernel release, capability detail, recording title). */
export const MAX_CONTROL_TEXT_CHARS = 1024;

/** Places in the source that one answer tells of, and functions expanded into each other at one: more is no answer to read. */
export const MAX_SOURCE_PLACES = 16;
export const MAX_INLINE_DEPTH = 64;

/** Bytes of an answer about the source, within MAX_CONTROL_BYTES. */
export const MAX_SOURCE_ANSWER_BYTES = 48 * 1024;

/** Capabilities that one host lists. */
export const MAX_CAPABILITIES = 128;

/** Window lengths that an agent may say it runs at, ms: recordings may differ from the two that can be asked for. */
export const MIN_WINDOW_MS = 50;
export const MAX_WINDOW_MS = 60_000;

/** Bytes of a close reason that WebSocket allows: a control frame's 125 less two of the code (RFC 6455, 5.5). */
export const MAX_CLOSE_REASON_BYTES = 123;

/** Bytes of a window file's header: the facts of a host as in a hello, and the texts of a snapshot. */
export const MAX_WINDOW_FILE_HEADER_BYTES = 128 * 1024;

/** Bytes of a whole window file: an hour of a busy host; it is read into memory at once. */
export const MAX_WINDOW_FILE_BYTES = 512 * 1024 * 1024;

/** Characters of a snapshot's title, and of its author's name: one line of a list. */
export const MAX_SNAPSHOT_TITLE_CHARS = 200;

/** Characters of its notes: a page of text; 1,000 lists of them are 4 MB. */
export const MAX_SNAPSHOT_NOTES_CHARS = 4000;

/** Characters of the query string that a snapshot opens with; a search pattern or a place in the graph is the most of it. */
export const MAX_SNAPSHOT_VIEW_CHARS = 4000;

/** Tags of one snapshot, and characters of one. */
export const MAX_SNAPSHOT_TAGS = 16;
export const MAX_SNAPSHOT_TAG_CHARS = 48;

/** Bytes of the facts of an upload: the texts above at three bytes a character, and the names around them. */
export const MAX_SNAPSHOT_FACTS_BYTES = 64 * 1024;

/** Bytes of a preview image: 640 × 400 points as PNG are some tens of kilobytes. */
export const MAX_PREVIEW_BYTES = 1024 * 1024;

/** Bytes of one snapshot's file: five minutes of a busy host. It is held in a browser, twice while it is read. */
export const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024;

/** How long a share link may be made to live, ms. */
export const MIN_SHARE_MS = 1000;
export const MAX_SHARE_MS = 366 * 24 * 3600 * 1000;

/**
 * Characters of a dashboard's view, a query string: the panels of the largest, and the rest of its address. Proxies and chat
 * programs cut addresses from some 8,000 on.
 */
export const MAX_DASHBOARD_VIEW_CHARS = 8000;

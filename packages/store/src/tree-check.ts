/**
 * Owns finding out that the pages which LMDB steers by are what they should be. LMDB believes them: one that was zeroed or
 * overwritten ends the process by an assertion, where a user needs the name of the file and what to do.
 *
 * A page of P bytes in LMDB's data format 2, little endian; offsets in it count from after the header:
 *
 *     u64 own number | u64 transaction | u16 0 | u16 flags: 1 branch, 2 leaf | u16 end of offsets | u16 start of nodes
 *     u16 offset of each node …      free      … nodes
 *     node    u32 size of its data (in a branch, with the flags on top: the page below) | u16 flags | u16 key size | key | data
 *             flags: 1 the data is on pages of its own, named by u64 first page …; 2 the data is a table
 *     table   u32 | u16 | u16 depth | u64 × 4 | u64 root, all ones for none
 *
 * The data of snapshots lies on pages of their own, which have digests. Reads some hundred pages of the largest store.
 */
import { readSync } from 'node:fs';

export interface FileShape {
  pageBytes: number;
  lastPage: number;
  /** Of the newest commit. */
  transaction: number;
}

/** What is wrong with a table, in words; undefined when all pages of it are sound. `table`: its 48 bytes. */
export function findDamage(file: number, shape: FileShape, table: Buffer): string | undefined {
  try {
    new TreeWalk(file, shape).table(table);
    return undefined;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  }
}

class Damage extends Error {}

export const TABLE_BYTES = 48;
const HEADER_BYTES = 24;
const NODE_BYTES = 8;
const BRANCH = 1;
const LEAF = 2;
const ON_OWN_PAGES = 1;
const IS_TABLE = 2;
/** The two meta pages come first. */
const FIRST_PAGE = 2;
/** A tree of two children a page is deeper for no store that fits a disk. */
const MAX_DEPTH = 32;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

class TreeWalk {
  readonly #file: number;
  readonly #shape: FileShape;
  readonly #seen = new Set<number>();

  constructor(file: number, shape: FileShape) {
    this.#file = file;
    this.#shape = shape;
  }

  table(table: Buffer): void {
    const root = table.readBigUInt64LE(40);
    if (root === NO_PAGE) return;
    const depth = table.readUInt16LE(6);
    if (depth < 1 || depth > MAX_DEPTH) throw new Damage(`a table says that it is ${depth} pages deep`);
    this.#tree(Number(root), depth);
  }

  #tree(number: number, depth: number): void {
    const page = this.#read(number, depth === 1 ? LEAF : BRANCH);
    const body = page.subarray(HEADER_BYTES);
    const [offsetsEnd, nodesStart] = [page.readUInt16LE(20), page.readUInt16LE(22)];
    if (offsetsEnd % 2 !== 0 || offsetsEnd > nodesStart || nodesStart > body.length || offsetsEnd === 0) {
      throw new Damage(`page ${number} is not laid out as one`);
    }
    for (let at = 0; at < offsetsEnd; at += 2) {
      const offset = body.readUInt16LE(at);
      if (offset < nodesStart || offset + NODE_BYTES > body.length) {
        throw new Damage(`page ${number} has a node outside of it`);
      }
      this.#node(number, body.subarray(offset), depth);
    }
  }

  #node(number: number, node: Buffer, depth: number): void {
    const [low, flags, keyBytes] = [node.readUInt32LE(0), node.readUInt16LE(4), node.readUInt16LE(6)];
    const data = NODE_BYTES + keyBytes;
    if (depth > 1) {
      if (data > node.length) throw new Damage(`page ${number} has a key that runs past its end`);
      this.#tree(low + flags * 2 ** 32, depth - 1);
      return;
    }
    const isOnOwnPages = (flags & ON_OWN_PAGES) !== 0;
    if (data + (isOnOwnPages ? 8 : low) > node.length) {
      throw new Damage(`page ${number} has a value that runs past its end`);
    }
    if (isOnOwnPages) {
      const first = Number(node.readBigUInt64LE(data));
      const pages = Math.ceil((low + HEADER_BYTES) / this.#shape.pageBytes);
      if (first < FIRST_PAGE || first + pages - 1 > this.#shape.lastPage) {
        throw new Damage(`page ${number} names pages that are not in the file`);
      }
    } else if ((flags & IS_TABLE) !== 0) {
      if (low !== TABLE_BYTES) throw new Damage(`page ${number} has a table of ${low} bytes`);
      this.table(node.subarray(data, data + TABLE_BYTES));
    }
  }

  #read(number: number, kind: number): Buffer {
    const { pageBytes, lastPage, transaction } = this.#shape;
    if (!(number >= FIRST_PAGE && number <= lastPage)) throw new Damage(`page ${number} is not in the file`);
    if (this.#seen.has(number)) throw new Damage(`page ${number} is used twice`);
    this.#seen.add(number);
    const page = Buffer.alloc(pageBytes);
    readSync(this.#file, page, 0, pageBytes, number * pageBytes);
    const isOwn =
      page.readBigUInt64LE(0) === BigInt(number) &&
      page.readBigUInt64LE(8) <= BigInt(transaction) &&
      (page.readUInt16LE(18) & (BRANCH | LEAF)) === kind;
    if (!isOwn) throw new Damage(`page ${number} was overwritten`);
    return page;
  }
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ENDED_LINKS_FILE, EndedLinks } from './ended-links.js';
import { newId } from './share-token.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});

function newDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'stallscope-ended-'));
  cleanups.push(() => rmSync(path, { recursive: true }));
  return path;
}

function open(directory: string): EndedLinks {
  const links = new EndedLinks(directory);
  cleanups.push(() => links.close());
  return links;
}

describe('links that ended', () => {
  it('are there when the file is opened again, each once', () => {
    const directory = newDirectory();
    const [first, second] = [newId(), newId()];
    const links = open(directory);
    for (const id of [first, second, first]) links.note(id);
    expect(open(directory).ids()).toEqual([first, second]);
  });

  it('are gone once they are cleared', () => {
    const directory = newDirectory();
    const links = open(directory);
    links.note(newId());
    links.clear();
    expect([links.ids(), open(directory).ids()]).toEqual([[], []]);
  });

  it('take no more room than there was at first, and what is too many is refused', () => {
    const directory = newDirectory();
    const links = open(directory);
    const path = join(directory, ENDED_LINKS_FILE);
    const { length } = readFileSync(path);
    const ids = Array.from({ length: length / 32 }, newId);
    for (const id of ids) links.note(id);
    expect(() => links.note(newId())).toThrow(/no room for another/);
    expect(readFileSync(path).length).toBe(length);
    expect(open(directory).ids()).toEqual(ids);
  });

  it('of a file that was cut or is of something else are those that can be read', () => {
    const directory = newDirectory();
    writeFileSync(join(directory, ENDED_LINKS_FILE), Buffer.alloc(9000, 0xff).fill('x', 10, 20));
    const links = open(directory);
    expect(() => links.ids()).not.toThrow();
    writeFileSync(join(directory, ENDED_LINKS_FILE), 'abc');
    expect(open(directory).ids()).toEqual(['abc']);
  });
});

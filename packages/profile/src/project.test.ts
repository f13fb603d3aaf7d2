import { describe, expect, it } from 'vitest';
import { checkSeeds, dedent, randomWindow, stacksFromText } from './fixtures/index.js';
import { KINDS } from './kinds.js';
import { matchesRow, projectRow } from './project.js';
import { type Query, VIEWS, type View, WAIT_VIEWS, type WaitView } from './query.js';
import { rowCount } from './rows.js';
import { ProfileTables } from './tables.js';

/** Paths of all rows in a view, one a line; `expected` may be indented. */
function check(view: View, text: string, expected: string): void {
  const { tables, rows } = stacksFromText(text);
  const paths: string[] = [];
  for (let i = 0; i < rowCount(rows); i++) {
    const labels: string[] = [];
    projectRow(tables, rows, i, { view }, (label) => labels.push(label));
    paths.push(labels.join('; '));
  }
  expect(paths.join('\n')).toBe(dedent(expected));
}

/** The same row in all four views of waits. */
function checkViews(text: string, expected: Record<WaitView, string>): void {
  for (const view of WAIT_VIEWS) check(view, text, expected[view]);
}

describe('order of frames', () => {
  it('is that of semantics.md in each view', () => {
    checkViews('app: main;read | vfs_read;wait <- w: run;write | pipe;wake <- [timer]: | hr;expire = 5us', {
      'off-cpu': 'app; main; read; -; vfs_read; wait',
      wakeup: 'w; run; write; -; pipe; wake; app',
      'off-wake': 'app; main; read; -; vfs_read; wait; --; wake; pipe; -; write; run; w',
      chain: 'app; main; read; -; vfs_read; wait; --; wake; pipe; -; write; run; w; --; expire; hr; [timer]',
    });
  });

  it('walks a chain of any depth', () => {
    check(
      'chain',
      'a: f <- b: g <- c: h | k <- d: i <- [timer]: = 1us',
      'a; f; --; g; b; --; k; -; h; c; --; i; d; --; [timer]',
    );
  });

  it('shows one waker in off-wake, and nothing of how its chain goes on', () => {
    check(
      'off-wake',
      `
        a: f <- b: g <- c: h = 1us
        a: f <- b: g <- cut  = 1us
        a: f <- b: g <- unsampled = 1us
      `,
      `
        a; f; --; g; b
        a; f; --; g; b
        a; f; --; g; b
      `,
    );
  });
});

describe('what ran', () => {
  it('has the frames of the thread and nothing behind them', () => {
    check(
      'cpu',
      `
        on-cpu app: main;parse | page_fault = 10ms
        on-cpu app: main;parse              = 10ms
        on-cpu kworker:        | memcpy     = 10ms
        on-cpu app:                         = 10ms
      `,
      `
        app; main; parse; -; page_fault
        app; main; parse
        kworker; memcpy
        app; [no stack]
      `,
    );
  });

  it('is in no view of waits, and no wait is in its view', () => {
    const { tables, rows } = stacksFromText(`
      on-cpu app: main = 10ms
      app: main        = 10ms
      runq app: main   = 10ms
    `);
    const shownBy = (view: View): number[] =>
      [0, 1, 2].filter((i) => matchesRow(tables, rows, i, { view, kinds: KINDS }));
    for (const view of WAIT_VIEWS) expect(shownBy(view)).toEqual(view === 'wakeup' ? [1] : [1, 2]);
    expect(shownBy('cpu')).toEqual([0]);
  });
});

describe('separator of user and kernel frames', () => {
  it('stands only where both exist', () => {
    check(
      'off-cpu',
      `
        a: f;g       = 1us
        a:     | k;l = 1us
        a: f   | k   = 1us
      `,
      `
        a; f; g
        a; k; l
        a; f; -; k
      `,
    );
  });

  it('is decided for each waker on its own', () => {
    check('chain', 'a: f <- b: | k <- c: g <- d: h | l = 1us', 'a; f; --; k; b; --; g; c; --; l; -; h; d');
    check('wakeup', 'a: f <- b: | k = 1us', 'b; k; a');
  });
});

describe('what is not known', () => {
  it('says that there is no stack', () => {
    checkViews('a: <- b: = 1us', {
      'off-cpu': 'a; [no stack]',
      wakeup: 'b; [no stack]; a',
      'off-wake': 'a; [no stack]; --; [no stack]; b',
      chain: 'a; [no stack]; --; [no stack]; b',
    });
  });

  it('does not miss the stack of an interrupt, whose name says all', () => {
    check('wakeup', 'a: f <- [timer]: = 1us', '[timer]; a');
    check('chain', 'a: f <- [timer]: = 1us', 'a; f; --; [timer]');
  });

  it('says that the waker is not known', () => {
    checkViews('a: f | k = 1us', {
      'off-cpu': 'a; f; -; k',
      wakeup: '[waker unknown]; a',
      'off-wake': 'a; f; -; k; --; [waker unknown]',
      chain: 'a; f; -; k; --; [waker unknown]',
    });
  });

  it('says where a chain was cut, and after how many wakers', () => {
    check('chain', 'a: f <- b: g <- cut = 1us', 'a; f; --; g; b; --; [chain cut at 1 waker]');
    check(
      'chain',
      'a: f <- b: g <- c: h <- cut = 1us',
      'a; f; --; g; b; --; h; c; --; [chain cut at 2 wakers]',
    );
  });

  it("says when a waker's own wait was not sampled", () => {
    check('chain', 'a: f <- b: g <- unsampled = 1us', "a; f; --; g; b; --; [waker's own wait not sampled]");
  });
});

describe('kinds', () => {
  it('are told apart in every view that shows stacks, and never given a waker', () => {
    for (const view of ['off-cpu', 'off-wake', 'chain'] as const) {
      check(
        view,
        `
          runq      a: f | k = 1us
          preempted a:       = 1us
        `,
        `
          a; f; -; k; [run-queue wait]
          a; [no stack]; [preempted]
        `,
      );
    }
  });
});

describe('steps', () => {
  it('carry role, reason for no name, and module', () => {
    const { tables, rows } = stacksFromText('a: main@app;?x+0x1@libc.so.6 | k <- b: g | l = 1us');
    const steps: string[] = [];
    projectRow(tables, rows, 0, { view: 'off-wake' }, (label, role, unnamed, module) =>
      steps.push(`${label} ${role} ${unnamed} ${module}`.trim()),
    );
    expect(steps).toEqual([
      'a comm 0',
      'main user 0 app',
      '?x+0x1 user 1 libc.so.6',
      '- separator 0',
      'k kernel 0',
      '-- separator 0',
      'l waker-kernel 0',
      '- separator 0',
      'g waker-user 0',
      'b waker-comm 0',
    ]);
  });
});

describe('matchesRow', () => {
  const text = `
    S         app@10/10: f = 1us
    D         app@10/11: f = 1us
    S         db@20/20:  f = 1us
    runq      app@10/10: f = 1us
    preempted db@20/21:  f = 1us
  `;
  function checkMatches(query: Partial<Query>, expected: number[]): void {
    const { tables, rows } = stacksFromText(text);
    const full: Query = { view: 'off-cpu', kinds: KINDS, ...query };
    const matching = [0, 1, 2, 3, 4].filter((i) => matchesRow(tables, rows, i, full));
    expect(matching).toEqual(expected);
  }

  it('selects kinds', () => {
    checkMatches({}, [0, 1, 2, 3, 4]);
    checkMatches({ kinds: ['blocked'] }, [0, 1, 2]);
    checkMatches({ kinds: ['runq', 'preempted'] }, [3, 4]);
    checkMatches({ kinds: [] }, []);
  });
  it('counts blocked time only in wakeup, whatever is asked', () => {
    checkMatches({ view: 'wakeup' }, [0, 1, 2]);
    checkMatches({ view: 'wakeup', kinds: ['runq'] }, [0, 1, 2]);
  });
  it('selects states of blocked rows and keeps rows of other kinds', () => {
    checkMatches({ states: ['D'] }, [1, 3, 4]);
    checkMatches({ states: ['D'], kinds: ['blocked'] }, [1]);
    checkMatches({ states: [] }, [3, 4]);
  });
  it('selects processes, threads and names', () => {
    checkMatches({ tgids: [10] }, [0, 1, 3]);
    checkMatches({ tgids: [10, 20] }, [0, 1, 2, 3, 4]);
    checkMatches({ tgids: [] }, []);
    checkMatches({ tids: [11, 20] }, [1, 2]);
    checkMatches({ comm: 'db' }, [2, 4]);
    checkMatches({ comm: 'd' }, []);
    checkMatches({ comm: 'app', tids: [10], kinds: ['runq'] }, [3]);
  });
});

describe('any row', () => {
  it('gives one path that begins and ends with a label of the right role in every view', () => {
    checkSeeds(60, (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      for (let i = 0; i < rowCount(rows); i++) {
        for (const view of VIEWS) {
          if (view === 'wakeup' && KINDS[rows.kind[i]!] !== 'blocked') continue;
          const roles: string[] = [];
          projectRow(tables, rows, i, { view }, (_, role) => roles.push(role));
          if (view === 'wakeup') {
            expect(['waker-comm', 'marker']).toContain(roles[0]);
            expect(roles.at(-1)).toBe('comm');
          } else {
            expect(roles[0]).toBe('comm');
            expect(roles.at(-1)).not.toBe('separator');
            expect(roles.filter((role) => role === 'comm')).toHaveLength(1);
          }
        }
      }
    });
  });
});

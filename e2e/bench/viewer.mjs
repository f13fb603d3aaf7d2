/**
 * Owns what it costs a browser to draw: our graph beside d3-flame-graph and speedscope, the same trees, screen and browser,
 * by the browser's own trace.
 *
 * Ours and d3-flame-graph are sent updates by a worker, as the product sends them. Speedscope takes files and no updates:
 * its own released page opens the same tree as a file.
 */
import { accessSync, constants, createWriteStream } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { chromium } from '@playwright/test';
import { generatedTree } from '@stallscope/charts';
import { PageTrace, TRACE_CATEGORIES } from './browser-trace.mjs';
import { toSpeedscopeFile } from './speedscope-file.mjs';
import { spreadOf } from './statistics.mjs';
import { servePages } from './viewer-pages.mjs';
import { measureProductPage } from './viewer-product.mjs';

export const OURS = 'Stallscope';
export const D3 = 'd3-flame-graph';
export const SPEEDSCOPE = 'speedscope';
const SEED = 1;
const SCREEN = { width: 1280, height: 800 };
/** Without a task for so long, a page has done what it was opened for. */
const QUIET_MS = 1000;
/** The largest tree in the slowest viewer, several times over. */
const OPEN_LIMIT_MS = 120_000;
const STRETCH_PX_A_FRAME = 40;
const PAN_PX_A_FRAME = 30;

/** Everything, once and small: under half a minute. */
const SHORT_PLAN = {
  renderers: [OURS, D3, SPEEDSCOPE],
  updates: [[10_000, 2]],
  everyMs: 250,
  stills: [10_000],
  motion: [10_000],
  motionFrames: 10,
  product: { nodes: 5000, warmSeconds: 3, seconds: 2 },
};
/** Some minutes, most of them for a million nodes. */
const FULL_PLAN = {
  renderers: [OURS, D3, SPEEDSCOPE],
  updates: [
    [1000, 10],
    [10_000, 10],
    [100_000, 20],
  ],
  everyMs: 1000,
  stills: [100_000, 1_000_000],
  motion: [100_000, 1_000_000],
  motionFrames: 180,
  // The page's span of 30 s has to fill.
  product: { nodes: 100_000, warmSeconds: 32, seconds: 20 },
};

/** @param {{ isShort: boolean, say: (line: string) => void, plan?: typeof FULL_PLAN }} options */
export async function measureViewer({ isShort, say, plan = isShort ? SHORT_PLAN : FULL_PLAN }) {
  const pages = await servePages();
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const bench = { pages, browser, plan };
  try {
    const updates = [];
    for (const [nodes, count] of plan.updates) {
      for (const renderer of plan.renderers.filter((name) => name !== SPEEDSCOPE)) {
        say(`  ${renderer}, ${count} updates of ${nodes} nodes`);
        updates.push(await measureUpdates(bench, renderer, nodes, count));
      }
    }
    const stills = [];
    for (const nodes of plan.stills) {
      for (const renderer of plan.renderers) {
        say(`  ${renderer} opens ${nodes} nodes`);
        stills.push(await measureStill(bench, renderer, nodes));
      }
    }
    const motion = [];
    for (const nodes of plan.motion) {
      for (const renderer of plan.renderers) {
        say(`  ${renderer} zooms and pans over ${nodes} nodes`);
        motion.push(...(await measureMotion(bench, renderer, nodes)));
      }
    }
    say(`  the product’s own page, ${plan.product.nodes} nodes, live`);
    const product = await measureProductPage(browser, { ...plan.product, seed: SEED, screen: SCREEN });
    return {
      browser: browser.version(),
      screen: SCREEN,
      seed: SEED,
      everyMs: plan.everyMs,
      updates,
      stills,
      motion,
      product,
    };
  } finally {
    await browser.close();
    await pages.close();
  }
}

async function measureUpdates(bench, renderer, nodes, count) {
  const { everyMs } = bench.plan;
  return withPage(bench, async (page) => {
    await page.goto(urlOf(bench, renderer, nodes));
    await painted(page);
    await bench.browser.startTracing(page, { categories: TRACE_CATEGORIES });
    await page.evaluate(([updates, ms]) => window.bench.run(updates, ms), [count, everyMs]);
    // Nothing is asked of the page meanwhile: an answer would be work of its main thread.
    await sleep(count * everyMs + everyMs / 2);
    await painted(page, count + 1);
    await sleep(everyMs);
    const trace = new PageTrace(await bench.browser.stopTracing());
    const marks = trace.marks(/^update /);
    if (marks.length !== count)
      throw new Error(`${renderer}: ${marks.length} of ${count} updates in the trace`);
    const each = marks.map(({ atMs }, index) => {
      const tasks = trace.tasks(atMs, marks[index + 1]?.atMs ?? Number.POSITIVE_INFINITY);
      return {
        mainMs: sum(tasks.map(({ lengthMs }) => lengthMs)),
        cpuMs: sum(tasks.map(({ cpuMs }) => cpuMs)),
        longestMs: Math.max(...tasks.map(({ lengthMs }) => lengthMs)),
      };
    });
    return {
      renderer,
      nodes,
      updates: count,
      main: spreadOf(each.map(({ mainMs }) => mainMs)),
      cpu: spreadOf(each.map(({ cpuMs }) => cpuMs)),
      worstMs: Math.max(...each.map(({ mainMs }) => mainMs)),
      longestTask: spreadOf(each.map(({ longestMs }) => longestMs)),
    };
  });
}

/** From the tree being there (as a message, as a file) to the graph on the screen. */
async function measureStill(bench, renderer, nodes) {
  return withPage(bench, async (page) => {
    if (renderer === SPEEDSCOPE) await writeSpeedscopeFile(bench, nodes);
    await bench.browser.startTracing(page, { categories: TRACE_CATEGORIES });
    await open(bench, page, renderer, nodes);
    const trace = new PageTrace(await bench.browser.stopTracing());
    const arrivedMs = trace.marks(renderer === SPEEDSCOPE ? /^file arrived$/ : /^update /)[0].atMs;
    const tasks = trace.tasks(arrivedMs, Number.POSITIVE_INFINITY);
    const paintedMs =
      renderer === SPEEDSCOPE
        ? trace.lastAnimationFrameMs(arrivedMs, Number.POSITIVE_INFINITY)
        : trace.marks(/^painted 1$/)[0].atMs;
    return {
      renderer,
      nodes,
      paintedMs: paintedMs - arrivedMs,
      mainMs: sum(tasks.map(({ lengthMs }) => lengthMs)),
      longestMs: Math.max(...tasks.map(({ lengthMs }) => lengthMs)),
    };
  });
}

async function measureMotion(bench, renderer, nodes) {
  const { motionFrames } = bench.plan;
  return withPage(bench, async (page) => {
    if (renderer === SPEEDSCOPE) await writeSpeedscopeFile(bench, nodes);
    await open(bench, page, renderer, nodes, '&animate');
    await sleep(QUIET_MS);
    await bench.browser.startTracing(page, { categories: TRACE_CATEGORIES });
    if (renderer === D3) await page.evaluate(clickThrough, motionFrames);
    else await page.evaluate(wheelAbout, [motionFrames, STRETCH_PX_A_FRAME, PAN_PX_A_FRAME]);
    const trace = new PageTrace(await bench.browser.stopTracing());
    const acts = renderer === D3 ? ['zoom'] : ['zoom', 'pan'];
    return acts.map((act) => {
      const [begin, end] = trace.marks(new RegExp(`^${act} (begin|end)$`)).map(({ atMs }) => atMs);
      const { drawn, dropped } = trace.frames(begin, end);
      const lengths = trace.tasks(begin, end).map(({ lengthMs }) => lengthMs);
      return {
        renderer,
        nodes,
        act,
        lengthMs: end - begin,
        drawn,
        dropped,
        mainShare: sum(lengths) / (end - begin),
        longestMs: Math.max(...lengths),
      };
    });
  });
}

/** In the page: in and out by wheel with Ctrl, then along what is stretched, a step a frame. */
async function wheelAbout([frames, stretchPx, panPx]) {
  const x = innerWidth * 0.4;
  const y = innerHeight * 0.5;
  const target = document.elementFromPoint(x, y);
  const wheel = (change) =>
    target.dispatchEvent(
      new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX: x, clientY: y, ...change }),
    );
  const frame = () => new Promise(requestAnimationFrame);
  const stretch = async (count, deltaY) => {
    for (let at = 0; at < count; at++) {
      await frame();
      wheel({ ctrlKey: true, deltaY });
    }
  };
  await frame();
  performance.mark('zoom begin');
  await stretch(frames / 2, -stretchPx);
  await stretch(frames / 2, stretchPx);
  performance.mark('zoom end');
  await stretch(20, -stretchPx);
  performance.mark('pan begin');
  for (let at = 0; at < frames; at++) {
    await frame();
    wheel({ deltaX: at % 60 < 30 ? panPx : -panPx });
  }
  performance.mark('pan end');
}

/** In the page: d3-flame-graph zooms by a click, in a movement of its own. */
async function clickThrough(frames) {
  const frame = () => new Promise(requestAnimationFrame);
  const wait = async (count) => {
    for (let at = 0; at < count; at++) await frame();
  };
  const boxes = [...document.querySelectorAll('g.frame')];
  const wide = boxes
    .map((box) => ({ box, width: box.getBoundingClientRect().width }))
    .filter(({ width }) => width > 100 && width < innerWidth * 0.9)
    .sort((a, b) => b.width - a.width);
  await frame();
  performance.mark('zoom begin');
  for (const { box } of [wide[Math.floor(wide.length / 2)], { box: boxes[0] }]) {
    box.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await wait(frames / 2);
  }
  performance.mark('zoom end');
}

async function open(bench, page, renderer, nodes, more = '') {
  if (renderer === SPEEDSCOPE) {
    const file = `${bench.pages.url}/${fileOf(nodes)}`;
    // Its own page tells nothing of itself, so the arrival of the file is noted where it is fetched.
    await page.addInitScript(() => {
      const { fetch } = window;
      window.fetch = async (...args) => {
        const response = await fetch(...args);
        const bytes = await response.arrayBuffer();
        performance.mark('file arrived');
        return new Response(bytes, response);
      };
    });
    await page.goto(`${bench.pages.url}/speedscope/index.html#profileURL=${encodeURIComponent(file)}`);
    await page.waitForFunction(() => performance.getEntriesByName('file arrived').length > 0, null, {
      timeout: OPEN_LIMIT_MS,
      polling: 500,
    });
    // A question waits for the import, which holds the main thread; then its chart is asked for.
    await page.waitForFunction((title) => document.title.includes(title), `${nodes} nodes`, {
      timeout: OPEN_LIMIT_MS,
      polling: 500,
    });
  } else {
    await page.goto(urlOf(bench, renderer, nodes) + more);
    await painted(page);
  }
  await sleep(QUIET_MS);
}

async function writeSpeedscopeFile({ pages }, nodes) {
  await pipeline(
    Readable.from(toSpeedscopeFile(generatedTree(nodes, SEED))),
    createWriteStream(join(pages.folder, fileOf(nodes))),
  );
}

function fileOf(nodes) {
  return `${nodes}.speedscope.json`;
}

function urlOf({ pages }, renderer, nodes) {
  return `${pages.url}/${renderer === OURS ? 'ours' : 'd3'}.html?nodes=${nodes}&seed=${SEED}`;
}

async function painted(page, update = 1) {
  await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, `painted ${update}`, {
    timeout: OPEN_LIMIT_MS,
    polling: 500,
  });
}

async function withPage({ browser }, run) {
  const page = await browser.newPage({ viewport: SCREEN });
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  try {
    const result = await run(page);
    if (errors.length > 0) throw new Error(`the page failed: ${errors.join('; ')}`);
    return result;
  } finally {
    await page.close();
  }
}

/** As e2e/playwright.config.ts finds it. */
function findBrowser() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error(`no browser: none of ${names.join(', ')} is on the PATH. Run: apt-get install chromium`);
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A user asks where a function's code comes from, of real programs: one with its debug file beside it, one without. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { clickRow, modelWhen, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';
import { StallscopeProcess } from './stallscope-process.js';

/**
 * It waits in a system call of its own, as libraries keep no frame pointers. What follows the call is where it waits, so
 * that must be of the same line.
 */
const JOBS = `
namespace jobs {
struct Pause { long s, ns; };
static inline __attribute__((always_inline)) void wait_for(const Pause &pause) {
#if defined(__x86_64__)
	long result;
	asm volatile("syscall; nop" : "=a"(result) : "a"(35L), "D"(&pause), "S"(0L) : "rcx", "r11", "memory"); // waits
#else
	register long number asm("x8") = 101, a asm("x0") = (long)&pause, b asm("x1") = 0;
	asm volatile("svc #0; nop" : "+r"(a) : "r"(number), "r"(b) : "memory"); // waits
#endif
}
template <typename Item> struct Queue {
	Item last{};
	inline __attribute__((always_inline)) Item take(const Pause &pause) {
		wait_for(pause); // empty
		return ++last;
	}
};
template <typename Item> __attribute__((noinline)) Item work(Queue<Item> &queue, const Pause &pause) {
	volatile void *keeps_frame_pointer = __builtin_frame_address(0);
	Item sum = keeps_frame_pointer == nullptr;
	for (int i = 0; i < 1000000; i++)
		sum += queue.take(pause); // next
	return sum;
}
}
int main() {
	jobs::Queue<long> queue;
	long done = jobs::work<long>(queue, jobs::Pause{0, 20000000});
	return (int)done;
}
`;

const WHOLE = 'long jobs::work<long>(jobs::Queue<long>&, jobs::Pause const&)';

function lineWith(comment: string): number {
  return JOBS.split('\n').findIndex((line) => line.endsWith(`// ${comment}`)) + 1;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

onKernel('source lines', () => {
  const product = startProduct();
  let directory: string;
  let withDebugFile: ChildProcess;
  let without: ChildProcess;

  test.beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'stallscope-source-'));
    const inside = { cwd: directory };
    writeFileSync(join(directory, 'jobs.cc'), JOBS);
    const flags = ['-O2', '-g', '-fno-omit-frame-pointer', '-Wl,--build-id'];
    execFileSync('g++', [...flags, 'jobs.cc', '-o', 'jobs'], inside);
    execFileSync('strip', ['--strip-debug', '-o', 'jobs-bare', 'jobs'], inside);
    execFileSync('objcopy', ['--only-keep-debug', 'jobs', 'jobs.debug'], inside);
    execFileSync('strip', ['jobs'], inside);
    execFileSync('objcopy', ['--add-gnu-debuglink=jobs.debug', 'jobs'], inside);
    withDebugFile = spawn(join(directory, 'jobs'), { stdio: 'ignore' });
    without = spawn(join(directory, 'jobs-bare'), { stdio: 'ignore' });
  });
  test.afterAll(() => {
    withDebugFile.kill('SIGKILL');
    without.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  /** The function that waits, selected by a click into its box. */
  async function selectWork(page: Page, program: ChildProcess): Promise<Locator> {
    await openHost(page, product.url, { p: program.pid! });
    const endsInWork = (path: string): boolean => path.endsWith(`;${WHOLE}`);
    const { tree } = await modelWhen(page, 'where it waits', (model) =>
      (model.tree?.nodes ?? []).some(({ path }) => endsInWork(path)),
    );
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const { path } = tree!.nodes.find((node) => endsInWork(node.path))!;
    await clickRow(page, path.slice(0, -WHOLE.length).split(';').length);
    const details = page.getByRole('complementary', { name: 'Frame details' });
    await expect(details.getByRole('heading', { name: WHOLE })).toBeVisible();
    return details;
  }

  test('I read the line that a function waits at, and what was expanded into it there', async ({ page }) => {
    const details = await selectWork(page, withDebugFile);
    const source = details.getByRole('region', { name: 'Source' });
    await source.getByRole('button', { name: 'find its lines' }).click();
    const levels = source.getByRole('listitem').first().locator('div');
    await expect(levels).toHaveText([
      new RegExp(`jobs\\.cc:${lineWith('waits')}:\\d+ in inlined jobs::wait_for$`),
      new RegExp(`called at .*jobs\\.cc:${lineWith('empty')}:\\d+ in inlined jobs::Queue<long>::take\\(`),
      new RegExp(`called at .*jobs\\.cc:${lineWith('next')}:\\d+ in long jobs::work<long>\\(`),
    ]);
    await expect(source.getByRole('button')).toBeHidden();
  });

  test('where there is no debug file I read where one was looked for and what to do', async ({ page }) => {
    const details = await selectWork(page, without);
    const source = details.getByRole('region', { name: 'Source' });
    await source.getByRole('button', { name: 'find its lines' }).click();
    await expect(source).toContainText(
      /jobs-bare has no debug information, and no debug file of it is at \/usr\/lib\/debug\/\.build-id\//,
    );
    await expect(source).toContainText('Build it with -g, or install its debug package');
    await expect(source).toContainText('No debuginfod server is asked');
    await expect(source.getByRole('listitem')).toHaveCount(0);
  });

  test('I record with what is inlined as frames of their own, and read of which files nothing is known', async () => {
    const pids = [withDebugFile, without].map(({ pid }) => `${pid}`);
    const recording = new StallscopeProcess(['record', '--inlines', '--duration', '1', '--pid', ...pids]);
    const { code, stdout, stderr } = await recording.ended;
    expect(code, stderr).toBe(0);
    const inlined = 'jobs::Queue<long>::take(jobs::Pause const&);jobs::wait_for';
    expect(stdout).toMatch(new RegExp(`^jobs;.*${escaped(`main;${WHOLE};${inlined};-;`)}`, 'm'));
    expect(stdout, 'where there is no debug file').toMatch(
      new RegExp(`^jobs-bare;.*${escaped(`main;${WHOLE};-;`)}`, 'm'),
    );
    expect(stderr).toMatch(
      /inlined functions: \d+ of \d+ addresses .*no debug information, so none shown: jobs-bare/,
    );
  });

  test('I have names drawn short, by button and by key, and whole where I look closer', async ({ page }) => {
    const details = await selectWork(page, withDebugFile);
    const button = page.getByRole('button', { name: 'short names' });
    await expect(button).toHaveAttribute('aria-pressed', 'false');
    await button.click();
    await expect(page).toHaveURL(/names=short/);
    await expect(button).toHaveAttribute('aria-pressed', 'true');
    await expect(details.getByRole('heading', { name: WHOLE }), 'details have it whole').toBeVisible();
    await page.keyboard.press('l');
    const grid = page.getByRole('grid', { name: 'Functions' });
    await expect(grid.getByRole('row', { name: /^jobs::work<…>/ })).toBeVisible();
    await expect(page).toHaveURL(/show=table/);
    await page.reload();
    await expect(grid.getByRole('row', { name: /^jobs::work<…>/ }), 'after a reload too').toBeVisible();
    await page.keyboard.press('a');
    await expect(grid.getByRole('row', { name: WHOLE })).toBeVisible();
    await expect(page).not.toHaveURL(/names=short/);
  });
});

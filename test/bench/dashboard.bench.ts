import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser, type WatchedPage } from '../harness/browser.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { describeMs, median, report, timeMs } from './figures.js';
import { fillInventory, fillWithExceptions, type InventorySize } from './inventory-rows.js';

/** The page over a large inventory: how soon it is there, and whether it stays smooth. */
const SIZE: InventorySize = { hosts: 20, volumes: 100_000, containers: 50_000, mounts: 150_000 };
const ROUNDS = 5;
/** Milliseconds in which the overview must be there and take clicks. */
const FIRST_LOAD_MS = 2_000;
/** Bytes of script, as sent, that the first load may take. */
const FIRST_LOAD_BYTES = 250_000;
/** Frames of a scroll, and pixels that each goes on. */
const FRAMES = 180;
const PIXELS = 400;
/** Milliseconds between two frames that count as smooth, in the middle: 20 a second, on two cores without a graphics card. */
const SMOOTH_MS = 50;

let server: TestDatabase;
let gateway: TestGateway;
let browser: TestBrowser;
let open: WatchedPage;

beforeAll(async () => {
  server = await startDatabase();
  await fillInventory(server.url, SIZE);
  await fillWithExceptions(server.url, SIZE);
  gateway = await startGateway({ environment: { DATABASE_URL: server.url, STOWAGE_LOG_LEVEL: 'error', NODE_ENV: 'production' } });
  browser = await startBrowser(gateway.url);
});

afterAll(async () => {
  await browser.stop();
  await gateway.stop();
  await server.stop();
});

beforeEach(async () => {
  open = await browser.open();
  await signIn();
});

afterEach(() => open.close());

/** What Lighthouse tells of a first load, as its own terms have it (developer.chrome.com/docs/lighthouse/performance). */
interface FirstLoad {
  /** Milliseconds from navigation to the first text or picture, and to the largest. */
  readonly firstContentfulPaint: number;
  readonly largestContentfulPaint: number;
  /** Milliseconds from navigation to the end of the last long task before five seconds without one, at least to the first paint. */
  readonly timeToInteractive: number;
  /** Milliseconds that tasks took beyond 50 each, from the first paint until then. */
  readonly totalBlockingTime: number;
  readonly cumulativeLayoutShift: number;
}

/** Written into the page before its own scripts. */
const OBSERVE_LOAD = `
  window.load = { paints: [], largest: 0, tasks: [], shift: 0 };
  const observe = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe('paint', ({ name, startTime }) => { if (name === 'first-contentful-paint') load.paints.push(startTime); });
  observe('largest-contentful-paint', ({ startTime }) => { load.largest = startTime; });
  observe('longtask', ({ startTime, duration }) => { load.tasks.push([startTime, duration]); });
  observe('layout-shift', ({ value, hadRecentInput }) => { if (!hadRecentInput) load.shift += value; });
`;
/** Milliseconds without a long task after which a page counts as at rest. */
const QUIET_MS = 5_000;
/** Milliseconds of a task that nobody notices. */
const UNNOTICED_MS = 50;

/** Waits until the page is at rest; within it, since its policy forbids what waitForFunction does. */
async function firstLoadOf(page: Page): Promise<FirstLoad> {
  const { paints, largest, tasks, shift } = await page.evaluate<{ paints: number[]; largest: number; tasks: [number, number][]; shift: number }>(
    `new Promise((resolve) => {
      const look = () => {
        const lastBusy = Math.max(...load.paints, ...load.tasks.map(([start, ms]) => start + ms));
        if (load.paints.length > 0 && performance.now() - lastBusy > ${String(QUIET_MS)}) resolve(load);
        else setTimeout(look, 100);
      };
      look();
    })`,
  );
  const [firstContentfulPaint = NaN] = paints;
  const ends = tasks.map(([start, ms]) => start + ms);
  const blocking = tasks.map(([start, ms], index) => Math.min(ms, (ends[index] ?? 0) - Math.max(start, firstContentfulPaint)) - UNNOTICED_MS);
  return {
    firstContentfulPaint,
    largestContentfulPaint: largest,
    timeToInteractive: Math.max(firstContentfulPaint, ...ends),
    totalBlockingTime: blocking.reduce((sum, ms) => sum + Math.max(ms, 0), 0),
    cumulativeLayoutShift: shift,
  };
}

/** Gives the new browser a session, so that what is measured is not typing. */
async function signIn(): Promise<void> {
  const answer = await open.page.request.post(`${gateway.url}/session`, { headers: { authorization: `Bearer ${TEST_SECRET}` } });
  expect(answer.status()).toBe(200);
}

/** Milliseconds between frames while something moves. */
function framesOf(page: Page, step: string): Promise<number[]> {
  return page.evaluate(`new Promise((resolve) => {
    const times = []; let last = performance.now(); let count = 0;
    const frame = () => {
      const now = performance.now(); times.push(now - last); last = now;
      if (++count > ${String(FRAMES)}) { resolve(times.slice(1)); return; }
      ${step}
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })`);
}

test('the overview of 100,000 volumes, from nothing in the browser to its figures', async () => {
  const times: number[] = [];
  const answers = new Map<string, number[]>();
  const loads: FirstLoad[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await open.close();
    open = await browser.open();
    await signIn();
    await open.page.addInitScript(OBSERVE_LOAD);
    open.page.on('requestfinished', (request) => {
      const question = /(?:query|mutation) (\w+)/.exec(request.postData() ?? '')?.[1];
      if (question !== undefined) answers.set(question, [...(answers.get(question) ?? []), request.timing().responseEnd]);
    });
    times.push(
      await timeMs(async () => {
        await open.page.goto(gateway.url, { waitUntil: 'commit' });
        await open.page.getByRole('list', { name: 'Totals' }).getByText('100,000').waitFor();
      }),
    );
    loads.push(await firstLoadOf(open.page));
  }
  const script = await open.page.evaluate(
    "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)",
  );
  report(describeMs('from navigation to the overview with its figures', times));
  const of = (part: keyof FirstLoad) => loads.map((load) => load[part]);
  report(describeMs('first contentful paint', of('firstContentfulPaint')));
  report(describeMs('largest contentful paint', of('largestContentfulPaint')));
  report(describeMs('time to interactive', of('timeToInteractive')));
  report(describeMs('total blocking time', of('totalBlockingTime')));
  report(`cumulative layout shift: ${median(of('cumulativeLayoutShift')).toFixed(3)}`);
  for (const [question, ms] of answers) report(describeMs(`  of that, the answer to ${question}`, ms));
  report(`script that was loaded, as sent: ${(Number(script) / 1000).toFixed(1)} kB`);
  expect(median(times)).toBeLessThan(FIRST_LOAD_MS);
  expect(median(of('timeToInteractive'))).toBeLessThan(FIRST_LOAD_MS);
  expect(Number(script)).toBeLessThan(FIRST_LOAD_BYTES);
});

test('the table of 100,000 volumes while it is scrolled', async () => {
  const { page } = open;
  report(
    describeMs('from navigation to the first rows', [
      await timeMs(async () => {
        await page.goto(`${gateway.url}/volumes`, { waitUntil: 'commit' });
        await page.locator('.cell.name a').first().waitFor();
      }),
    ]),
  );
  const frames = await framesOf(page, `document.querySelector('.table-scroll').scrollTop += ${String(PIXELS)};`);
  report(describeMs(`frames, ${String(PIXELS)} pixels each`, frames));
  report(`rows in the page at once: ${String(await page.getByRole('row').count())}`);
  report(
    describeMs('from a jump to row 50,000 to its volume', [
      await timeMs(async () => {
        await page.evaluate("document.querySelector('.table-scroll').scrollTop = document.querySelector('.table-rows').offsetHeight / 2");
        await page.locator('[data-index="50000"] .name a').waitFor();
      }),
    ]),
  );
  const later = await framesOf(page, `document.querySelector('.table-scroll').scrollTop -= ${String(PIXELS)};`);
  report(describeMs('frames there', later));
  expect(median(frames)).toBeLessThan(SMOOTH_MS);
  expect(median(later)).toBeLessThan(SMOOTH_MS);
});

test('the map of 2,000 nodes while it is moved', async () => {
  const { page } = open;
  report(
    describeMs('from navigation to the map', [
      await timeMs(async () => {
        await page.goto(`${gateway.url}/map`, { waitUntil: 'commit' });
        await page.getByText(/shares are drawn/).waitFor();
        await page.locator('canvas').first().waitFor();
      }),
    ]),
  );
  report((await page.getByText(/shares are drawn/).textContent()) ?? '');
  const box = await page.locator('.map-canvas').boundingBox();
  if (box === null) throw new Error('the map has no place');
  const [x, y] = [box.x + box.width / 2, box.y + box.height - 20];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const frames = framesOf(page, '');
  for (let step = 0; step < FRAMES / 3; step++) await page.mouse.move(x + 2 * step, y - step);
  await page.mouse.up();
  report(describeMs('frames while it is dragged', await frames));
  expect(median(await frames)).toBeLessThan(SMOOTH_MS);
});

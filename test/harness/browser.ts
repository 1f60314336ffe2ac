import { rm } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { browserProgram } from './engine-programs.js';
import { makeTestFolder } from './test-folder.js';

/** Milliseconds that anything in a page may take: the machine may be busy. */
const PAGE_TIMEOUT_MS = 30_000;
/** Characters of a complaint that are kept: one may hold a whole file. */
const MAX_COMPLAINT = 400;

/** A real browser for which there is no network but one origin. */
export interface TestBrowser {
  readonly browser: Browser;
  /** Opens a page in a new profile, and writes down what it loads and says. */
  open(): Promise<WatchedPage>;
  stop(): Promise<void>;
}

/** A page of which everything that it asks for and complains of is written down. */
export interface WatchedPage {
  readonly page: Page;
  /** Addresses of all requests so far, workers' and WebSockets' too. */
  readonly requests: string[];
  /** Errors and warnings on the console, and errors that nobody caught; those of the security policy are among them. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/**
 * Starts Chromium, which is installed when it is missing. All names but the host of `origin` lead nowhere.
 * @param origin e.g. http://127.0.0.1:4000
 */
export async function startBrowser(origin: string): Promise<TestBrowser> {
  const folder = await makeTestFolder('browser');
  const { hostname } = new URL(origin);
  const browser = await chromium.launch({
    executablePath: await browserProgram(),
    // Chromium's own files, the profiles too, go with this folder.
    env: { ...environment(), HOME: folder, TMPDIR: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
    artifactsDir: path.join(folder, 'artifacts'),
    args: [`--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`, '--disable-background-networking', '--disable-dev-shm-usage'],
  });
  return {
    browser,
    open: () => openPage(browser),
    async stop() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(PAGE_TIMEOUT_MS);
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.text().slice(-MAX_COMPLAINT)} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  page.on('websocket', (socket) => requests.push(socket.url()));
  return { page, requests, complaints, close: () => context.close() };
}

function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

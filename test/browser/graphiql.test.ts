import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startBrowser, type TestBrowser, type WatchedPage } from '../harness/browser.js';
import { startGateway, TEST_SECRET } from '../harness/gateway.js';
import { startStand, type Stand } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

let stand: Stand;
let browser: TestBrowser;
let open: WatchedPage;
let made = 0;

beforeAll(async () => {
  stand = await startStand(['alpha']);
  await stand.engine('alpha').cli('volume', 'create', 'asked-for');
  browser = await startBrowser(stand.gateway.url);
}, 300_000);

afterAll(async () => {
  await browser.stop();
  await stand.stop();
});

beforeEach(async () => {
  open = await browser.open();
  await open.page.goto(`${stand.gateway.url}/graphiql`);
});

/** Whatever a test does: nothing comes from elsewhere, and nothing breaks the page's policy. */
afterEach(async () => {
  const origin = new URL(stand.gateway.url).host;
  const elsewhere = open.requests.filter((address) => /^(https?|wss?):/.test(address) && new URL(address).host !== origin);
  const { complaints } = open;
  await open.close();
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});

async function signIn(): Promise<void> {
  await open.page.getByLabel('Secret of a token').fill(TEST_SECRET);
  await open.page.getByRole('button', { name: 'Sign in' }).click();
  await open.page.getByText('Stowage · admin (ADMIN)').waitFor();
}

/** Puts a document of one line into the editor, which may still be busy with its own first one, and runs it. */
async function run(document: string): Promise<void> {
  const editor = open.page.locator('.graphiql-query-editor');
  await eventually(
    async () => {
      await editor.getByRole('textbox').focus();
      await open.page.keyboard.press('ControlOrMeta+A');
      // Pasted: what is typed, the editor completes.
      await open.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(document)})`);
      await open.page.keyboard.press('ControlOrMeta+V');
      expect((await editor.locator('.view-lines').textContent())?.replaceAll('\u00a0', ' ')).toBe(document);
    },
    { what: 'the editor holds the document', timeoutMs: 20_000, intervalMs: 200 },
  );
  await open.page.getByRole('button', { name: /execute query/i }).click();
}

const answer = () => open.page.locator('.result-window');

/** Waits until something runs. The editor tells GraphiQL of its text a moment later: what was run may be what stood there before. */
async function isUnderWay(): Promise<void> {
  const stop = open.page.getByRole('button', { name: /stop query/i });
  await eventually(
    async () => {
      try {
        await stop.waitFor({ timeout: 2_000 });
      } catch (error) {
        await open.page.getByRole('button', { name: /execute query/i }).click();
        throw new Error(`It was answered: ${(await answer().textContent()) ?? ''}`, { cause: error });
      }
    },
    { what: 'it runs' },
  );
}

test('a query is answered, and the schema is documented, after signing in with a token', async () => {
  await signIn();
  await run('{ volumes { nodes { name host { name } } } }');
  await answer().getByText('"asked-for"').waitFor();
  await answer().getByText('"alpha"').waitFor();
  await open.page.getByRole('button', { name: /show documentation explorer/i }).click();
  await open.page.getByText('A GraphQL schema provides a root type').waitFor();
  await open.page.getByRole('link', { name: 'Query', exact: true }).click();
  await open.page.getByText('The journal, oldest first.').waitFor();
  expect(open.requests.filter((address) => address.includes('.worker-')).length).toBeGreaterThan(0);
});

test('a subscription shows an event, over WebSocket with the token', async () => {
  await signIn();
  await run('subscription { events { type volumeName } }');
  await isUnderWay();
  await eventually(
    async () => {
      // Volumes until one is heard of: when the subscription has begun does not show.
      await stand.engine('alpha').cli('volume', 'create', `heard-of-${String(made++)}`);
      await answer()
        .getByText(/"heard-of-/)
        .first()
        .waitFor({ timeout: 1_000 });
    },
    { what: 'the event shows', timeoutMs: 30_000 },
  );
  await answer().getByText('"VOLUME_CREATED"').first().waitFor();
  expect(open.requests.filter((address) => address.startsWith('ws://'))).toEqual([`${stand.gateway.url.replace('http', 'ws')}/graphql`]);
});

test('the session is the browser’s: a reload and another tab have it, no script can read it, and signing out ends it in all', async () => {
  await signIn();
  await open.page.reload();
  await open.page.getByText('Stowage · admin (ADMIN)').waitFor();
  const other = await open.page.context().newPage();
  await other.goto(`${stand.gateway.url}/graphiql`);
  await other.getByText('Stowage · admin (ADMIN)').waitFor();
  expect(await open.page.evaluate('JSON.stringify([sessionStorage, localStorage, document.cookie])')).not.toContain(TEST_SECRET);
  expect(await open.page.evaluate('document.cookie')).toBe('');
  await open.page.getByRole('button', { name: 'Sign out' }).click();
  await open.page.getByLabel('Secret of a token').waitFor();
  await other.reload();
  await other.getByLabel('Secret of a token').waitFor();
  expect(await other.evaluate('fetch("/session").then((answer) => answer.text())')).toBe('null');
});

test('a wrong secret is refused in the words of the gateway', async () => {
  await open.page.getByLabel('Secret of a token').fill('stow_wrong');
  await open.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(open.page.getByRole('alert').filter({ hasText: /./ }).textContent()).resolves.toMatch(/token/i);
  expect(open.complaints.splice(0)).toEqual([expect.stringContaining('401')]);
});

test('a gateway that answers known documents only says so instead of signing anyone in', async () => {
  const folder = await makeTestFolder('documents');
  const file = path.join(folder, 'documents.json');
  await writeFile(file, JSON.stringify(['{ hosts { name } }']));
  const strict = await startGateway({ environment: { STOWAGE_DOCUMENTS: file } });
  try {
    await open.page.goto(`${strict.url}/graphiql`);
    await open.page.getByLabel('Secret of a token').fill(TEST_SECRET);
    await open.page.getByRole('button', { name: 'Sign in' }).click();
    await open.page.getByText('This gateway answers a list of known documents only (STOWAGE_DOCUMENTS)').waitFor();
    expect(open.complaints.splice(0)).toEqual([expect.stringContaining('403')]);
    expect(open.requests.splice(0).filter((address) => !address.startsWith(strict.url) && !address.startsWith(stand.gateway.url))).toEqual([]);
  } finally {
    await strict.stop();
    await rm(folder, { recursive: true });
  }
});

/** @alone What shows is given two seconds from the engine to the page. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import axe from 'axe-core';
import type { Locator } from 'playwright-core';
import { startBrowser, type TestBrowser, type WatchedPage } from '../harness/browser.js';
import { IMAGE } from '../harness/engines.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { startStand, type Stand } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

/** What would be seen, and leave its mark, if it were taken for anything but text. */
const SCRIPT = '<img src=x onerror="window.marked=1"><script>window.marked=1</script>';
/** Milliseconds within which a change at an engine is to show in an open page. */
const SHOWN_WITHIN_MS = 2_000;
/** WCAG 2.2 AA with all that it builds on, as axe names it. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let stand: Stand;
let browser: TestBrowser;
let open: WatchedPage;
let made = 0;

beforeAll(async () => {
  // A copy of some hundred megabytes takes some seconds, in which it can be canceled.
  const environment = { STOWAGE_MEASURE_PAUSE_SECONDS: '0', STOWAGE_TRANSFER_BYTES_PER_SECOND: '20000000' };
  stand = await startStand(['alpha', 'beta'], { environment });
  const cli = (...words: string[]) => stand.engine('alpha').cli(...words);
  await cli('volume', 'create', '--label', `note=${SCRIPT}`, 'ledger');
  await cli('run', '-d', '--name', 'writer', '--network', 'none', '-v', 'ledger:/data', IMAGE, 'sh', '-c', 'echo kept > /data/file; exec sleep 10000');
  await cli('run', '-d', '--name', 'second', '--network', 'none', '-v', 'ledger:/other', IMAGE, 'sleep', '10000');
  browser = await startBrowser(stand.gateway.url);
}, 300_000);

afterAll(async () => {
  await browser.stop();
  await stand.stop();
});

beforeEach(async () => {
  open = await browser.open();
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

/** Opens a page of the dashboard and signs in with a secret, unless this browser is signed in. */
async function visit(path: string, secret = TEST_SECRET): Promise<void> {
  const { page } = open;
  await page.goto(`${stand.gateway.url}${path}`);
  const field = page.getByLabel('Secret of a token');
  await page.getByRole('navigation', { name: 'Pages' }).or(field).first().waitFor();
  if (!(await field.isVisible())) return;
  await field.fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

const heading = (name: string) => open.page.getByRole('heading', { level: 1, name, exact: true });
const button = (name: string | RegExp) => open.page.getByRole('button', { name, exact: typeof name === 'string' });
/** The table's row of a volume, among those of its hosts. */
const rowOf = (volume: string, host = 'alpha') =>
  open.page
    .getByRole('row')
    .filter({ has: open.page.getByRole('link', { name: volume, exact: true }) })
    .filter({ has: open.page.getByRole('cell', { name: host, exact: true }) });

/** What axe finds, in light and in dark. */
async function expectAccessible(what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await open.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if ((await open.page.evaluate('typeof axe')) === 'undefined') await open.page.evaluate(axe.source);
    const found = await open.page.evaluate(
      `axe.run({ runOnly: ${JSON.stringify(WCAG)} }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html, any }) => [html, any[0]?.message])]))`,
    );
    expect([what, colorScheme, found]).toEqual([what, colorScheme, []]);
  }
}

const focusedElement = () => open.page.evaluate('document.activeElement.id');

/** Leaves out what the browser says of requests that were refused, or found nobody. */
function withoutComplaints(of: RegExp): void {
  open.complaints.splice(0, open.complaints.length, ...open.complaints.filter((complaint) => !of.test(complaint)));
}

async function expectFits(what: string): Promise<void> {
  const width = Number(await open.page.evaluate('document.scrollingElement.scrollWidth'));
  expect([what, width]).toEqual([what, Math.min(width, 390)]);
}

test('who is not signed in is asked for a token; then the overview shows hosts, what needs somebody, and what happens', async () => {
  await open.page.goto(stand.gateway.url);
  await open.page.getByLabel('Secret of a token').waitFor();
  await expectAccessible('signing in');
  await visit('/');
  const totals = open.page.getByRole('list', { name: 'Totals' });
  await totals.getByText('2 of 2').waitFor();
  await open.page.getByRole('region', { name: 'Hosts' }).getByRole('link', { name: 'beta' }).waitFor();
  await open.page.getByRole('region', { name: 'What needs attention' }).getByText('Several containers write to "ledger"').waitFor();
  const stream = open.page.getByRole('region', { name: 'What happens' });
  await stream.getByText('Volume created').first().waitFor();
  await stream.getByText('Live', { exact: true }).waitFor();
  const name = `seen-live-${String(made++)}`;
  await stand.engine('beta').cli('volume', 'create', name);
  await stream.getByRole('link', { name }).waitFor({ timeout: SHOWN_WITHIN_MS });
  await expectAccessible('the overview');
});

test('a volume made with the docker command line appears in the open table, and goes from it', async () => {
  await visit('/volumes');
  await rowOf('ledger').waitFor();
  const name = `appears-${String(made++)}`;
  await stand.engine('beta').cli('volume', 'create', name);
  await rowOf(name, 'beta').waitFor({ timeout: SHOWN_WITHIN_MS });
  // In its place of the order, not somewhere.
  const names = await open.page.getByRole('table', { name: 'Volumes' }).locator('.cell.name a').allTextContents();
  expect(names).toEqual([...names].sort());
  await stand.engine('beta').cli('volume', 'rm', name);
  await rowOf(name, 'beta').waitFor({ state: 'detached', timeout: SHOWN_WITHIN_MS });
  // What a container changes shows as well.
  await stand.engine('beta').cli('volume', 'create', name);
  await rowOf(name, 'beta').getByText('Unused').waitFor();
  await stand.engine('beta').cli('run', '-d', '--name', name, '--network', 'none', '-v', `${name}:/x`, IMAGE, 'sleep', '10000');
  await rowOf(name, 'beta').getByText('In use').waitFor({ timeout: SHOWN_WITHIN_MS });
  await expectAccessible('the table');
});

test('the address holds filter, order and columns: another tab shows the same', async () => {
  const cli = (...words: string[]) => stand.engine('alpha').cli(...words);
  for (const name of ['sorted-a', 'sorted-b', 'sorted-c']) await cli('volume', 'create', '--label', 'kind=sorted', name);
  await visit('/volumes');
  await open.page.getByLabel('Search by name').fill('sorted-');
  await rowOf('sorted-a').waitFor();
  await rowOf('ledger').waitFor({ state: 'detached' });
  await button('Name').click();
  await button('Columns')
    .or(open.page.getByText('Columns', { exact: true }))
    .first()
    .click();
  await open.page.getByRole('checkbox', { name: 'Driver' }).check();
  await open.page.getByRole('columnheader', { name: 'Driver' }).waitFor();
  const address = open.page.url();
  expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
    q: 'sorted-',
    sort: 'NAME',
    desc: 'true',
    columns: expect.stringContaining('driver') as unknown,
  });
  const other = await open.page.context().newPage();
  await other.goto(address);
  const links = other.getByRole('table', { name: 'Volumes' }).locator('.cell.name a');
  await links.nth(2).waitFor();
  expect(await links.allTextContents()).toEqual(['sorted-c', 'sorted-b', 'sorted-a']);
  await other.getByRole('columnheader', { name: 'Driver' }).waitFor();
  await other.close();
  // A new volume that is not like that stays out; one that is comes in.
  await cli('volume', 'create', 'not-like-that');
  await cli('volume', 'create', 'sorted-d');
  await rowOf('sorted-d').waitFor();
  expect(await rowOf('not-like-that').count()).toBe(0);
});

test('the table goes by keyboard: arrows through the rows, Enter into a volume, and back to the same place', async () => {
  await visit('/volumes');
  await rowOf('ledger').waitFor();
  await open.page.getByRole('table', { name: 'Volumes' }).focus();
  await open.page.keyboard.press('ArrowDown');
  const hasFocus = (name = '') =>
    eventually(
      async () => {
        expect(await open.page.evaluate('document.activeElement.textContent')).toBe(name);
      },
      { what: `the row of ${name} has the focus` },
    );
  const names = await open.page.getByRole('table', { name: 'Volumes' }).locator('.cell.name a').allTextContents();
  await hasFocus(names[0]);
  await open.page.keyboard.press('ArrowDown');
  await hasFocus(names[1]);
  await open.page.keyboard.press('Enter');
  await heading(names[1] ?? '').waitFor();
  await open.page.goBack();
  await heading('Volumes').waitFor();
});

test('a volume’s page shows mounts, shares, history, files; and a script in a label is text', async () => {
  await visit('/volumes/alpha/ledger');
  await heading('ledger').waitFor();
  const mounts = open.page.getByRole('region', { name: 'Mounted by' });
  await mounts.getByRole('row', { name: /writer running \/data/ }).waitFor();
  await open.page.getByRole('region', { name: 'Shared' }).getByText('Several writers').waitFor();
  const history = open.page.getByRole('region', { name: 'History' });
  await history.getByText('Volume created').waitFor();
  await history.getByText('by writer').waitFor();
  await open.page.getByText(`note=${SCRIPT}`).waitFor();
  await button('Look in').click();
  await open.page.getByRole('region', { name: 'Files' }).getByText('file', { exact: true }).waitFor();
  // What happens while it is open is added.
  await stand.engine('alpha').cli('stop', '-t', '0', 'second');
  await history.getByText('Volume unmounted').waitFor({ timeout: SHOWN_WITHIN_MS });
  await mounts.getByRole('row', { name: /second exited/ }).waitFor();
  await stand.engine('alpha').cli('start', 'second');
  await expectAccessible('a volume');
  // In the table, and in the filters, too.
  await visit('/volumes?columns=host,labels');
  await rowOf('ledger').getByText(SCRIPT.slice(0, 20)).waitFor();
  await visit(`/volumes?label=${encodeURIComponent(`note=${SCRIPT}`)}&q=${encodeURIComponent(SCRIPT)}&host=${encodeURIComponent(SCRIPT)}`);
  await open.page.getByText('There is no host').or(open.page.getByText('No volume is like that')).first().waitFor();
  await visit(`/volumes/alpha/${encodeURIComponent('<script>window.marked=1<script>')}`);
  await heading('<script>window.marked=1<script>').waitFor();
  expect(await open.page.evaluate('window.marked')).toBeUndefined();
});

test('a volume is made over hosts, and is protected; what is refused is told in the gateway’s words', async () => {
  await visit('/volumes');
  const name = `made-here-${String(made++)}`;
  await button('Create volume').click();
  const dialog = open.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('alpha').check();
  await dialog.getByLabel('beta').check();
  await dialog.getByLabel('Labels').fill('team=blue\npurpose=test');
  await expectAccessible('making a volume');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByText('Created').nth(1).textContent()).resolves.toBe('Created');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await rowOf(name, 'beta').waitFor();
  await rowOf(name, 'alpha').getByRole('link').click();
  await heading(name).waitFor();
  await button('Protect').click();
  await open.page.getByText('Protected', { exact: true }).waitFor();
  await button('Remove').click();
  await button('Remove for good').click();
  await dialog.getByText('VOLUME_PROTECTED').waitFor();
  await dialog
    .getByText(/protected/)
    .last()
    .waitFor();
  await open.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const { volume } = await stand.gateway.query<{ volume: { labels: unknown; protected: boolean } }>(
    '{ volume(host: "alpha", name: "' + name + '") { protected labels { key value } } }',
  );
  expect(volume.protected).toBe(true);
  expect(volume.labels).toEqual(expect.arrayContaining([{ key: 'team', value: 'blue' }]));
});

test('a volume’s page shows how its size grew, as a picture and as a table', async () => {
  const measured = async () => {
    await button('Measure all of alpha').click();
    await region.getByText('Done', { exact: true }).waitFor();
  };
  const write = (file: string) => stand.engine('alpha').cli('exec', 'writer', 'dd', 'if=/dev/zero', `of=/data/${file}`, 'bs=100k', 'count=1');
  await visit('/volumes/alpha/ledger');
  const region = open.page.getByRole('region', { name: 'Size' });
  await write('grows-one');
  await measured();
  await region.getByText('102 kB').waitFor();
  await write('grows-two');
  await open.page.reload();
  await measured();
  await region.getByRole('img', { name: /^Size over time: .* at most 205 kB$/ }).waitFor();
  await region.getByText('As a table').click();
  await expect(
    region
      .getByRole('table')
      .getByRole('row', { name: /measured/ })
      .allTextContents(),
  ).resolves.toEqual([expect.stringMatching(/205 kBmeasured$/), expect.stringMatching(/102 kBmeasured$/)]);
  await expectAccessible('sizes over time');
});

test('clone, backup, restore and move show their progress to the end', async () => {
  await visit('/volumes/alpha/ledger');
  const dialog = open.page.getByRole('dialog');
  const done = async () => {
    await dialog.getByText('Done', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
  };
  await button('Clone').click();
  await dialog.getByLabel('Name of the copy').fill('ledger-clone');
  await dialog.getByRole('button', { name: 'Clone' }).click();
  await done();
  await button('Back up').click();
  await dialog.getByRole('button', { name: 'Back up' }).click();
  await done();
  await button('Restore').click();
  await dialog.getByLabel('As the volume').fill('ledger-restored');
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await done();
  await button('Move').click();
  await dialog.getByLabel('To the host').selectOption('beta');
  await dialog.getByRole('button', { name: 'Move' }).click();
  await done();
  await visit('/operations');
  await open.page.getByText('Move', { exact: true }).waitFor();
  await expectAccessible('the operations');
  const { volumes } = await stand.gateway.query<{ volumes: { nodes: unknown } }>('{ volumes(filter: { search: "ledger" }) { nodes { name host { name } } } }');
  expect(volumes.nodes).toEqual([
    { name: 'ledger', host: { name: 'alpha' } },
    { name: 'ledger', host: { name: 'beta' } },
    { name: 'ledger-clone', host: { name: 'alpha' } },
    { name: 'ledger-restored', host: { name: 'alpha' } },
  ]);
});

test('a volume is annotated, is backed up at set times, and is renamed', async () => {
  await stand.engine('beta').cli('volume', 'create', 'former-name');
  await visit('/volumes?q=former-name');
  await rowOf('former-name', 'beta').getByRole('link').click();
  await heading('former-name').waitFor();
  const dialog = open.page.getByRole('dialog');
  const close = () => dialog.getByRole('button', { name: 'Close' }).last().click();
  await button('Annotate').click();
  await dialog.getByLabel('Annotations').fill('owner=blue\ntier=one');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Saved.').waitFor();
  await close();
  await open.page.getByText('owner=blue').waitFor();
  await button('Back up at set times').click();
  await expectAccessible('a backup policy');
  await dialog.getByLabel('When').fill('every night');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('BAD_USER_INPUT').waitFor();
  await dialog.getByLabel('When').fill('30 2 * * *');
  await dialog.getByLabel('Last ones').fill('3');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Saved: the next is due').waitFor();
  await close();
  await open.page.getByRole('region', { name: 'Backups' }).getByText('30 2 * * *').waitFor();
  await button('Rename').click();
  // Whoever goes by keyboard types at once.
  await open.page.keyboard.press('Control+A');
  await open.page.keyboard.type('present-name');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await dialog.getByText('Done', { exact: true }).waitFor();
  await open.page.getByText(/^Removed on/).waitFor();
  await close();
  // The button from which it was opened is gone: there is nothing to rename any more.
  expect(await focusedElement()).toBe('content');
  expect(await button('Rename').count()).toBe(0);
  const { volume } = await stand.gateway.query<{ volume: unknown }>(
    '{ volume(host: "beta", name: "present-name") { state annotations { key value } backupPolicy { cron keepLast } } }',
  );
  expect(volume).toEqual({
    state: 'DANGLING',
    annotations: [
      { key: 'owner', value: 'blue' },
      { key: 'tier', value: 'one' },
    ],
    backupPolicy: { cron: '30 2 * * *', keepLast: 3 },
  });
});

test('a token’s secret is shown once, opens the gateway, and is revoked', async () => {
  await visit('/tokens');
  await button('Create token').click();
  const dialog = open.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('made-in-the-browser');
  await dialog.getByLabel('operator').check();
  await dialog.getByLabel('beta').check();
  await expectAccessible('making a token');
  await dialog.getByRole('button', { name: 'Create' }).click();
  const secret = await dialog.getByLabel('Secret of made-in-the-browser').inputValue();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const row = open.page.getByRole('row', { name: /made-in-the-browser operator beta/ });
  await row.waitFor();
  expect(await open.page.content()).not.toContain(secret);
  const asOne = async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
    const response = await fetch(`${stand.gateway.url}/graphql`, { method: 'POST', headers, body: '{"query":"{ viewer { name role hosts } }"}' });
    return response.json();
  };
  expect(await asOne()).toEqual({ data: { viewer: { name: 'made-in-the-browser', role: 'OPERATOR', hosts: ['beta'] } } });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('Revoked').waitFor();
  // What came of it is told for as long as somebody reads it.
  await dialog.getByRole('status').getByText('made-in-the-browser is not let in any more.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  expect(await asOne()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  await expectAccessible('the tokens');
});

test('names and labels that are scripts are text on the pages of tokens and hosts, too', async () => {
  await stand.gateway.query('mutation ($name: String!) { createToken(input: { name: $name, role: VIEWER }) { token { id } } }', { name: SCRIPT });
  await stand.gateway.query('mutation ($value: String!) { updateHost(input: { name: "alpha", labels: [{ key: "x", value: $value }] }) { host { id } } }', {
    value: SCRIPT,
  });
  await visit('/tokens');
  const row = open.page.getByRole('row').filter({ has: open.page.getByRole('rowheader', { name: SCRIPT, exact: true }) });
  await row.getByRole('button', { name: 'Revoke' }).click();
  await open.page
    .getByRole('dialog')
    .getByRole('heading', { name: `Revoke ${SCRIPT}`, exact: true })
    .waitFor();
  await visit('/hosts');
  await open.page.getByRole('cell', { name: `x=${SCRIPT}`, exact: true }).waitFor();
  expect(await open.page.evaluate('window.marked')).toBeUndefined();
});

test('a host is changed, and one that cannot be added is refused in the gateway’s words', async () => {
  await visit('/hosts');
  const row = open.page.getByRole('row').filter({ has: open.page.getByRole('rowheader', { name: 'beta', exact: true }) });
  await row.getByRole('button', { name: 'Change' }).click();
  const dialog = open.page.getByRole('dialog');
  await dialog.getByLabel('Labels').fill('place=cellar');
  await expectAccessible('changing a host');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('status').getByText('beta').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await row.getByText('place=cellar').waitFor();
  await button('Add host').click();
  await dialog.getByLabel('Name').fill('alpha');
  await dialog.getByLabel('Endpoint').fill('tcp://127.0.0.1:1');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.getByRole('alert').waitFor();
  expect(await dialog.getByRole('alert').textContent()).toMatch(/CONFLICT|BAD_USER_INPUT|HOST_UNREACHABLE/);
  await open.page.keyboard.press('Escape');
  await expectAccessible('the hosts');
});

test('what stands in a dialog stays what it was when another one changes the hosts meanwhile', async () => {
  const rename = (name: string, newName: string) =>
    stand.gateway.query('mutation ($name: String!, $newName: String!) { updateHost(input: { name: $name, newName: $newName }) { host { id } } }', {
      name,
      newName,
    });
  const meanwhile = async (name: string, newName: string) => {
    const read = open.page.waitForResponse((response) => /query (HostNames|AdministeredHosts)/.test(response.request().postData() ?? ''));
    await rename(name, newName);
    await (await read).finished();
  };
  const dialog = open.page.getByRole('dialog');
  const press = (name: string) => dialog.getByRole('button', { name, exact: true }).click();
  await visit('/tokens');
  await button('Create token').click();
  await dialog.getByLabel('Name').fill('for-one-host');
  await dialog.getByLabel('beta').check();
  await meanwhile('beta', 'gamma');
  await dialog.getByLabel('gamma').waitFor();
  await press('Create');
  // And not for all hosts, because none of those that are there is chosen.
  expect(await dialog.getByRole('alert').textContent()).toContain('beta');
  const { tokens } = await stand.gateway.query<{ tokens: { name: string }[] }>('{ tokens { name } }');
  expect(tokens.filter(({ name }) => name === 'for-one-host')).toEqual([]);
  await visit('/volumes/alpha/ledger');
  await button('Move').click();
  await dialog.getByLabel('To the host').selectOption('gamma');
  await meanwhile('gamma', 'beta');
  await dialog.getByRole('option', { name: 'beta' }).waitFor({ state: 'attached' });
  await press('Move');
  expect(await dialog.getByRole('alert').textContent()).toContain('NOT_FOUND');
  await visit('/hosts');
  const row = (name: string) => open.page.getByRole('row').filter({ has: open.page.getByRole('rowheader', { name, exact: true }) });
  await row('beta').getByRole('button', { name: 'Change' }).click();
  await meanwhile('beta', 'gamma');
  await row('gamma').waitFor({ state: 'attached' });
  await dialog.getByLabel('Labels').fill('place=attic');
  await press('Save');
  expect(await dialog.getByRole('alert').textContent()).toContain('NOT_FOUND');
  await rename('gamma', 'beta');
});

test('a host that is removed is said to be, and what its labels hold goes through a dialog unchanged', async () => {
  const labels = [
    { key: 'lines', value: 'one\ntwo=2' },
    { key: 'a=b', value: ' "quoted" ' },
    { key: 'plain', value: '' },
    { key: 'said', value: '"so"' },
  ];
  const labelled = 'mutation ($labels: [LabelInput!]!) { updateHost(input: { name: "beta", labels: $labels }) { host { id } } }';
  await stand.gateway.query(labelled, { labels });
  await visit('/hosts');
  const row = open.page.getByRole('row').filter({ has: open.page.getByRole('rowheader', { name: 'beta', exact: true }) });
  const dialog = open.page.getByRole('dialog');
  await row.getByRole('button', { name: 'Change' }).click();
  await dialog.getByLabel('Labels').press('Control+End');
  await open.page.keyboard.type('\nplace=cellar');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('status').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const { host } = await stand.gateway.query<{ host: { labels: unknown[] } }>('{ host(name: "beta") { labels { key value } } }');
  expect(host.labels).toHaveLength(labels.length + 1);
  expect(host.labels).toEqual(expect.arrayContaining([...labels, { key: 'place', value: 'cellar' }]));
  await row.getByRole('button', { name: 'Remove' }).click();
  await dialog.getByRole('button', { name: 'Remove from Stowage' }).click();
  await dialog.getByRole('status').getByText('beta is not watched any more.').waitFor();
  // Read again without it, and still told.
  await open.page.locator('.page-head').getByText('1', { exact: true }).waitFor();
  await dialog.getByRole('status').getByText('beta is not watched any more.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await row.waitFor({ state: 'detached' });
  expect(await focusedElement()).toBe('content');
  const again = 'mutation ($endpoint: String!) { addHost(input: { name: "beta", endpoint: $endpoint }) { host { id } } }';
  await stand.gateway.query(again, { endpoint: stand.engine('beta').endpoint });
});

test('every address of a page is shown, whatever it holds', async () => {
  const name = 'n'.repeat(255);
  await stand.engine('alpha').cli('volume', 'create', name);
  await visit(`/volumes/alpha/${name}`);
  await heading(name).waitFor();
  // What is no value of a part of the address counts as absent.
  for (const value of ['__proto__', '%00']) {
    const parts = ['shared', 'protected', 'anonymous', 'minSize', 'state', 'sort', 'desc', 'unusedFor'].map((part) => `${part}=${value}`);
    await visit(`/volumes?q=${name}&${parts.join('&')}`);
    await rowOf(name).waitFor();
  }
  await stand.engine('alpha').cli('volume', 'rm', name);
});

test('an operation is canceled, and what hinders it is told', async () => {
  const cli = (...words: string[]) => stand.engine('alpha').cli(...words);
  await cli('run', '--rm', '--network', 'none', '-v', 'large:/data', IMAGE, 'dd', 'if=/dev/zero', 'of=/data/file', 'bs=1M', 'count=200');
  await visit('/volumes/alpha/large');
  await button('Clone').click();
  const dialog = open.page.getByRole('dialog');
  const isCancel = (request: { postData(): string | null }) => request.postData()?.includes('mutation CancelOperation') === true;
  await open.page.route('**/graphql', (route) => (isCancel(route.request()) ? route.abort() : route.fallback()));
  await dialog.getByRole('button', { name: 'Clone' }).click();
  await dialog.getByRole('progressbar').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByText('The gateway does not answer.').waitFor();
  await open.page.unrouteAll();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByText('Canceled', { exact: true }).waitFor();
  withoutComplaints(/net::ERR_FAILED/);
  await cli('volume', 'rm', 'large');
});

test('cleaning up goes from a plan to its result, and spares what the plan spares', async () => {
  const cli = (...words: string[]) => stand.engine('beta').cli(...words);
  for (const name of ['scrap-one', 'scrap-two', 'scrap-used']) await cli('volume', 'create', '--label', 'kind=scrap', name);
  await cli('run', '-d', '--name', 'scrap-user', '--network', 'none', '-v', 'scrap-used:/x', IMAGE, 'sleep', '10000');
  await visit('/prune?label=kind%3Dscrap');
  await eventually(
    async () => {
      await button(/See what would go|Look again/).click();
      await open.page.getByRole('heading', { name: '2 volumes would go' }).waitFor({ timeout: 2_000 });
    },
    { what: 'the plan has them' },
  );
  await open.page.getByRole('region', { name: '1 volume spared' }).getByText('in use by scrap-user').waitFor();
  await expectAccessible('a plan');
  await button('Remove 2 volumes').click();
  await open.page.getByRole('heading', { name: '2 volumes removed' }).waitFor();
  expect((await cli('volume', 'ls', '-q', '--filter', 'label=kind=scrap')).trim()).toBe('scrap-used');
});

test('what the role may not do is not offered', async () => {
  const { createToken } = await stand.gateway.query<{ createToken: { secret: string } }>(
    'mutation { createToken(input: { name: "looks-only", role: VIEWER }) { secret } }',
  );
  await visit('/volumes', createToken.secret);
  await rowOf('ledger').waitFor();
  expect(await button('Create volume').count()).toBe(0);
  for (const name of ['Clean up', 'Hosts', 'Tokens']) expect([name, await open.page.getByRole('link', { name, exact: true }).count()]).toEqual([name, 0]);
  await rowOf('ledger').getByRole('link').click();
  await open.page.getByRole('region', { name: 'Mounted by' }).waitFor();
  for (const name of ['Protect', 'Back up', 'Clone', 'Move', 'Remove', 'Restore', 'Look in', 'Rename', 'Annotate', 'Back up at set times'])
    expect([name, await button(name).count()]).toEqual([name, 0]);
  await visit('/prune');
  await open.page.getByText('Removing volumes needs the role OPERATOR.').waitFor();
  await visit('/tokens');
  await open.page.getByText('Tokens need the role ADMIN for all hosts.').waitFor();
  await visit('/hosts');
  await open.page.getByText('Changing hosts needs the role ADMIN for all hosts.').waitFor();
  expect(await button('Add host').count()).toBe(0);
});

test('the map draws shares and says the same in a list', async () => {
  await visit('/map');
  const list = open.page.getByRole('region', { name: 'Shares' });
  await list.getByText('Several writers').first().waitFor();
  await open.page.locator('canvas').first().waitFor();
  await list.getByRole('button', { name: 'ledger' }).focus();
  await open.page.keyboard.press('Enter');
  await list.getByText('second').waitFor();
  expect(new URL(open.page.url()).searchParams.get('share')).toMatch(/./);
  await list.getByRole('link', { name: 'alpha/ledger' }).waitFor();
  await expectAccessible('the map');
  await visit('/map?crossHost=true');
  await open.page.getByText('Nothing is shared like that').waitFor();
});

test('every page fits a phone, and has its empty and its unknown state', async () => {
  await open.page.setViewportSize({ width: 390, height: 844 });
  await visit('/');
  await open.page.getByRole('list', { name: 'Totals' }).getByText('2 of 2').waitFor();
  await expectFits('the overview');
  await visit('/volumes?q=no-such-volume');
  await open.page.getByText('No volume is like that').waitFor();
  await button('Show all').click();
  await open.page.getByRole('link', { name: 'ledger', exact: true }).first().waitFor();
  await expectFits('the table');
  await expectAccessible('the table on a phone');
  for (const [path, sign] of [
    ['/volumes/alpha/ledger', 'Mounted by'],
    ['/operations', 'Operations'],
    ['/map', 'Share map'],
    ['/prune', 'See what would go'],
    ['/hosts', 'Add host'],
    ['/tokens', 'Create token'],
    ['/volumes/alpha/nothing-of-this-name', 'There is no volume nothing-of-this-name on alpha'],
  ] as const) {
    await visit(path);
    await open.page.getByText(sign).first().waitFor();
    await expectFits(path);
  }
});

test('a small window and large letters leave room for pages and dialogs', async () => {
  await open.page.setViewportSize({ width: 320, height: 600 });
  await visit('/volumes/alpha/ledger');
  // A long history is scrolled by keyboard.
  await open.page.getByRole('region', { name: 'History' }).getByRole('group').focus();
  expect(await open.page.evaluate('document.activeElement.ariaLabel')).toBe('What became of it');
  for (const size of ['100%', '200%']) {
    await open.page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
    for (const name of ['Move', 'Back up at set times']) {
      await button(name).click();
      const hidden = await open.page.evaluate("(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('dialog'))");
      expect([name, size, hidden]).toEqual([name, size, 0]);
      await open.page.keyboard.press('Escape');
      await open.page.getByRole('dialog').waitFor({ state: 'detached' });
    }
  }
});

/** Opens the pages of another gateway that watches the same hosts. */
async function signInTo(another: TestGateway): Promise<void> {
  await open.page.goto(another.url);
  await open.page.getByLabel('Secret of a token').fill(TEST_SECRET);
  await button('Sign in').click();
  await open.page.getByRole('list', { name: 'Totals' }).getByText('2 of 2').waitFor();
}

/** Stops that gateway; what its pages asked it for went to no stranger. */
async function leave(another: TestGateway): Promise<void> {
  const { origin } = new URL(another.url);
  const others = open.requests.filter((address) => !address.replace(/^ws/, 'http').startsWith(origin));
  open.requests.splice(0, open.requests.length, ...others);
  await open.page.goto('about:blank');
  await another.stop();
}

test('what a file of settings declares is shown as that, and is not offered to be changed', async () => {
  const folder = await makeTestFolder('declared');
  const file = path.join(folder, 'stowage.yaml');
  const hosts = stand.engines.map(({ name, endpoint }) => `  ${name}: { endpoint: "${endpoint}" }`);
  await writeFile(file, `hosts:\n${hosts.join('\n')}\nbackupPolicies:\n  - { volumes: [ledger], cron: "0 3 * * *" }\n`);
  const declaring = await startGateway({ environment: { STOWAGE_CONFIG: file, STOWAGE_BACKUPS: `file://${folder}/backups` } });
  try {
    await signInTo(declaring);
    await open.page.goto(`${declaring.url}/hosts`);
    expect(await open.page.getByText(`Declared in ${file}`).first().textContent()).toContain('Declared');
    await button('Add host').waitFor();
    for (const name of ['Change', 'Remove']) expect([name, await button(name).count()]).toEqual([name, 0]);
    await open.page.goto(`${declaring.url}/volumes/alpha/ledger`);
    await button('Back up at set times').or(open.page.getByText('as the settings of the gateway have it')).waitFor();
    // Volumes that were not known at its start have their policies within half a minute, or when the file is read again.
    declaring.process.kill('SIGHUP');
    await open.page.getByText('as the settings of the gateway have it').waitFor();
    for (const name of ['Change when', 'Back up at set times']) expect([name, await button(name).count()]).toEqual([name, 0]);
    await expectAccessible('a volume whose policy is declared');
  } finally {
    await leave(declaring);
    await rm(folder, { recursive: true });
  }
});

test('a gateway with a list of known documents and small pages answers all that the page asks, and still nothing else', async () => {
  const folder = await makeTestFolder('documents');
  const file = path.join(folder, 'documents.json');
  await writeFile(file, JSON.stringify(['query Mine { viewer { role } }']));
  const names = Array.from({ length: 25 }, (_, index) => `paged-${String(index).padStart(2, '0')}`);
  await Promise.all(names.map((name) => stand.engine('beta').cli('volume', 'create', name)));
  const hosts = Object.fromEntries(stand.engines.map(({ name, endpoint }) => [name, endpoint]));
  const strict = await startGateway({ hosts, environment: { STOWAGE_DOCUMENTS: file, STOWAGE_MAX_PAGE: '7' } });
  try {
    const { page } = open;
    const refused: string[] = [];
    page.on('response', async (response) => {
      if (!response.url().endsWith('/graphql')) return;
      const body = await response.text().catch(() => '');
      if (body.includes('"errors"')) refused.push(body);
    });
    const shows = async (address: string, sign: Locator) => {
      await page.goto(`${strict.url}${address}`);
      await sign.first().waitFor();
    };
    await signInTo(strict);
    await page.getByRole('region', { name: 'What happens' }).getByText('Live', { exact: true }).waitFor();
    await shows('/volumes?q=paged-', rowOf('paged-00', 'beta'));
    await eventually(
      async () => {
        const shown = await page.getByRole('table', { name: 'Volumes' }).locator('.cell.name a').allTextContents();
        await page.getByRole('table', { name: 'Volumes' }).locator('.cell.name a').last().scrollIntoViewIfNeeded();
        expect(shown.at(-1)).toBe(names.at(-1));
      },
      { what: 'the last of the volumes, on the fourth page' },
    );
    await shows('/volumes/alpha/ledger', page.getByRole('region', { name: 'Mounted by' }).getByText('writer'));
    await page.getByRole('region', { name: 'History' }).getByText('Volume', { exact: false }).first().waitFor();
    await button('Look in').click();
    await page.getByRole('region', { name: 'Files' }).getByText('file', { exact: true }).waitFor();
    await shows('/map', page.getByRole('region', { name: 'Shares' }).getByText('Several writers'));
    await shows('/operations', heading('Operations'));
    await shows('/prune', button('See what would go'));
    await button('See what would go').click();
    await page.getByRole('heading', { name: /would go$/ }).waitFor();
    expect(refused).toEqual([]);
    for (const query of ['{ hosts { name } }', 'query HostNames { hosts { name } }', '{ __typename }']) {
      expect([query, await strict.codeOf(query)]).toEqual([query, 'FORBIDDEN']);
    }
    expect(await strict.query('query Mine { viewer { role } }')).toEqual({ viewer: { role: 'ADMIN' } });
  } finally {
    await leave(strict);
    await rm(folder, { recursive: true });
    await Promise.all(names.map((name) => stand.engine('beta').cli('volume', 'rm', name)));
  }
});

test('what cannot be read is told, and read when it is there again', async () => {
  const answersNot = (address: RegExp, document: string) =>
    open.page.route(address, (route) => (document === '' || route.request().postData()?.includes(document) === true ? route.abort() : route.fallback()));
  await visit('/volumes');
  await answersNot(/graphql$/, 'query RecentEvents');
  await visit('/');
  const stream = open.page.getByRole('region', { name: 'What happens' });
  await stream.getByText('The gateway does not answer.').waitFor();
  await open.page.unrouteAll();
  await stream.getByRole('button', { name: 'Try again' }).click();
  await stream.getByRole('listitem').first().waitFor();
  // A page that does not come leaves the others.
  await answersNot(/shares-page/, '');
  await open.page.getByRole('link', { name: 'Shares', exact: true }).click();
  await open.page.getByText(/^This page cannot be shown/).waitFor();
  await open.page.getByRole('link', { name: 'Operations', exact: true }).click();
  await heading('Operations').waitFor();
  await open.page.unrouteAll();
  withoutComplaints(/net::ERR_FAILED|shares-page/);
});

test('a tab shows who is signed in, also when that was changed in another one', async () => {
  const name = 'signs-in-elsewhere';
  const { createToken } = await stand.gateway.query<{ createToken: { secret: string } }>(
    `mutation { createToken(input: { name: "${name}", role: VIEWER }) { secret } }`,
  );
  const other = await open.page.context().newPage();
  await other.goto(stand.gateway.url);
  await visit('/');
  await open.page.getByRole('link', { name: 'Tokens', exact: true }).waitFor();
  await other.getByLabel('Secret of a token').fill(createToken.secret);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByText(name).first().waitFor();
  await open.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
  await open.page.getByText(name).first().waitFor();
  expect(await open.page.getByRole('link', { name: 'Tokens', exact: true }).count()).toBe(0);
});

test('a secret that is none is refused in the gateway’s words', async () => {
  await open.page.goto(stand.gateway.url);
  // A header cannot hold these letters.
  await open.page.getByLabel('Secret of a token').fill('пароль');
  await button('Sign in').click();
  await open.page.getByText('This token is not valid (any more).').waitFor();
  withoutComplaints(/status of 401/);
});

test('signing out ends the session, and whoever cannot is told to be signed in still', async () => {
  await visit('/');
  await open.page.context().setOffline(true);
  await button('Sign out').click();
  await open.page.getByText('You are still signed in. The gateway does not answer.').waitFor();
  await open.page.context().setOffline(false);
  await button('Try again').click();
  await open.page.getByLabel('Secret of a token').waitFor();
  withoutComplaints(/net::ERR_|WebSocket connection/);
  await visit('/');
  await button('Sign out').click();
  await open.page.getByLabel('Secret of a token').waitFor();
  await open.page.reload();
  await open.page.getByLabel('Secret of a token').waitFor();
});

/** The last test: the stand's own gateway is gone afterwards. */
test('with the gateway restarted under it the page says so, and catches up by itself with no event missing', async () => {
  await visit('/');
  const stream = open.page.getByRole('region', { name: 'What happens' });
  await stream.getByText('Live', { exact: true }).waitFor();
  const table = await open.page.context().newPage();
  await table.goto(`${stand.gateway.url}/volumes?q=meanwhile-`);
  await table.getByText('No volume is like that').waitFor();
  const { port } = new URL(stand.gateway.url);
  await stand.gateway.stop({ keepData: true });
  const names = Array.from({ length: 12 }, (_, index) => `meanwhile-${String(index).padStart(2, '0')}`);
  await open.page.getByText('The live connection is lost.').waitFor();
  await expectAccessible('the lost connection');
  for (const name of names) await stand.engine('alpha').cli('volume', 'create', name);
  const hosts = Object.fromEntries(stand.engines.map(({ name, endpoint }) => [name, endpoint]));
  let second: TestGateway | undefined;
  try {
    second = await startGateway({ dataDir: stand.gateway.dataDir, hosts, environment: { STOWAGE_PORT: port } });
    await open.page.getByText(/Live again: caught up with \d+ events?, none missed\./).waitFor();
    for (const name of names) await stream.getByRole('link', { name }).waitFor();
    const shown = await open.page.evaluate<string[]>("[...document.querySelectorAll('.events li')].map((line) => line.dataset.cursor)");
    expect(new Set(shown).size).toBe(shown.length);
    const { events } = await second.query<{ events: { nodes: { cursor: string }[] } }>('{ events(first: 100, newestFirst: true) { nodes { cursor } } }');
    const kept = events.nodes.map(({ cursor }) => cursor);
    expect(shown.slice(0, 60)).toEqual(kept.slice(0, 60));
    await table.getByRole('link', { name: names[11] ?? '' }).waitFor();
    expect(await table.locator('.cell.name a').allTextContents()).toEqual(names);
  } finally {
    await second?.stop({ keepData: true });
    // A gateway that is gone, or about to stop.
    withoutComplaints(/net::ERR_|status of 503|WebSocket connection/);
  }
});

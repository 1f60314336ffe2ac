import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { proveNothingIsLeft } from '../harness/stand.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(async () => {
  await gateway.stop();
  await proveNothingIsLeft();
});

const get = (address: string, headers: Record<string, string> = {}) => fetch(gateway.url + address, { headers });

/** The status of a path that is sent as it is: fetch would tidy it up. */
function statusOf(rawPath: string): Promise<number> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve, reject) => {
    let head = '';
    const socket = connect(Number(port), hostname, () => socket.write(`GET ${rawPath} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`));
    socket.on('data', (chunk) => (head += chunk.toString('latin1')));
    socket.on('end', () => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]));
    });
    socket.on('error', reject);
  });
}

test.each(['/graphiql', '/'])('the page at %s is open to all, from files of this origin only, in no frame, and is never kept', async (address) => {
  const response = await get(address);
  expect(response.status).toBe(200);
  const { headers } = response;
  expect(headers.get('content-type')).toMatch(/^text\/html/);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-cache');
  const page = await response.text();
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|https?:\/\//);
  const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const found = await get(file);
    expect([file, found.status, found.headers.get('cache-control')]).toEqual([file, 200, 'public, max-age=31536000, immutable']);
    expect(found.headers.get('content-security-policy')).toBe(policy);
    await found.arrayBuffer();
  }
});

test('the dashboard needs no inline style either, and answers at the addresses of its views as at /', async () => {
  const index = await get('/');
  expect(index.headers.get('content-security-policy')).not.toContain('unsafe');
  const text = await index.text();
  for (const view of ['/volumes', '/volumes?state=IN_USE', '/volumes/alpha/some-volume', '/map', '/operations', '/prune']) {
    const response = await get(view);
    expect([view, response.status, response.headers.get('cache-control')]).toEqual([view, 200, 'no-cache']);
    expect(response.headers.get('content-security-policy')).toBe(index.headers.get('content-security-policy'));
    expect(await response.text()).toBe(text);
  }
});

/** Bytes of script, as they are sent, that the dashboard may load before it shows anything. */
const FIRST_SCRIPT_BYTES = 250_000;

test('the dashboard loads less than 250 kB of script at first', () => {
  const built = (name: string) => readFileSync(fileURLToPath(new URL(`../../dist/pages/dashboard${name}`, import.meta.url)));
  const scripts = [
    ...built('/index.html')
      .toString()
      .matchAll(/(?:src|href)="([^"]+\.js)"/g),
  ].map(([, file = '']) => file);
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.reduce((sum, file) => sum + gzipSync(built(file)).length, 0)).toBeLessThan(FIRST_SCRIPT_BYTES);
});

test('large files come compressed to who takes that', async () => {
  const page = await (await get('/graphiql/')).text();
  const script = /src="([^"]+)"/.exec(page)?.[1] ?? '';
  const plain = await get(script, { 'accept-encoding': 'identity' });
  const packed = await get(script, { 'accept-encoding': 'gzip' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(packed.headers.get('content-type')).toBe(plain.headers.get('content-type'));
  expect(await packed.text()).toBe(await plain.text());
});

test('no path leads out of its folder, and what is beside its files needs a token', async () => {
  const paths = [
    ...['/volumes/alpha', '/volumes/a/b/c', '/index.html%00', '/assets/', '/assets/nothing.js', '/map/x', '/..%2fmain.js', '/licenses'],
    ...['/graphiql/../graphql', '/graphiql/..%2fgraphql', '/graphiql/../../package.json', '/graphiql/..%2f..%2f..%2fpackage.json'],
    ...['/graphiql/%2e%2e/%2e%2e/main.js', '/graphiql/..%5c..%5cmain.js', '/graphiql/assets/../../../main.js', '/graphiql//etc/passwd'],
    ...['/graphiql/nothing.js', '/graphiql/assets/', '/graphiql/.vite/license.md', '/graphiql.sha256', '/graphiql/index.html%00.js'],
  ];
  for (const rawPath of paths) expect([rawPath, [400, 401].includes(await statusOf(rawPath))]).toEqual([rawPath, true]);
});

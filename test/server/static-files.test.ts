import { connect } from 'node:net';
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

test('GraphiQL is open to all, from files of this origin only, in no frame, and its page is never kept', async () => {
  const response = await get('/graphiql');
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

test('its large files come compressed to who takes that', async () => {
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
    ...['/graphiql/../graphql', '/graphiql/..%2fgraphql', '/graphiql/../../package.json', '/graphiql/..%2f..%2f..%2fpackage.json'],
    ...['/graphiql/%2e%2e/%2e%2e/main.js', '/graphiql/..%5c..%5cmain.js', '/graphiql/assets/../../../main.js', '/graphiql//etc/passwd'],
    ...['/graphiql/nothing.js', '/graphiql/assets/', '/graphiql/.vite/license.md', '/graphiql.sha256', '/graphiql/index.html%00.js'],
  ];
  for (const rawPath of paths) expect([rawPath, [400, 401].includes(await statusOf(rawPath))]).toEqual([rawPath, true]);
});

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Engine } from '../../src/engine/engine.js';
import { parseEndpoint } from '../../src/engine/endpoint.js';

/**
 * The words of a real engine (20.10), which takes 15 s for them, longer than a look waits; others answer at once. So only
 * the reading of the words is shown here.
 */
const WORDS: Readonly<Record<string, string>> = {
  remote: 'get remote: error while checking if volume "remote" exists in driver "nas": error looking up volume plugin nas: plugin "nas" not found',
  gone: 'get gone: no such volume',
};

test('a volume whose driver the engine has not any more counts as not to be looked at, and not as gone', async () => {
  const server = http.createServer((request, response) => {
    const name = /\/volumes\/(\w+)/.exec(request.url ?? '')?.[1];
    response.writeHead(name === undefined ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(name === undefined ? { ApiVersion: '1.41', MinAPIVersion: '1.12', Version: '20.10.24' } : { message: WORDS[name] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const engine = await Engine.connect(parseEndpoint(`tcp://127.0.0.1:${String((server.address() as AddressInfo).port)}`, {}), {}, 5_000);
  try {
    await expect(engine.inspectVolume('gone')).resolves.toBeUndefined();
    await expect(engine.inspectVolume('remote')).rejects.toMatchObject({ code: 'ENGINE_ERROR', status: 404 });
  } finally {
    engine.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

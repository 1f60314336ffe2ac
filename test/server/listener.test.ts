import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { readSettings } from '../../src/config.js';
import { makeListener } from '../../src/server/listener.js';
import { sessionCookie } from '../../src/server/session-routes.js';
import { silent } from '../harness/database.js';
import { eventually } from '../harness/wait.js';

const limits = { sockets: 100, socketsOfAddress: 3 };

/** Listens, and gives how to connect from an address of this machine; whether it is let in is known when it was answered or closed. */
async function listen(trustedProxies: readonly string[]) {
  const makeServer = await makeListener({ ...readSettings({}).web, trustedProxies }, limits, silent);
  const listener = makeServer((_request, response) => response.end('in'));
  const { server } = listener;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open: net.Socket[] = [];
  const enter = async (localAddress: string): Promise<net.Socket | undefined> => {
    const socket = net.connect({ host: '127.0.0.1', port, localAddress });
    socket.on('error', () => undefined);
    open.push(socket);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const isIn = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
    return isIn ? socket : undefined;
  };
  const close = async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await listener.stop();
  };
  return { enter, close };
}

test('one address has so many connections and no more, others theirs, and one that ends makes room', async () => {
  const { enter, close } = await listen([]);
  try {
    const crowd = [await enter('127.0.0.2'), await enter('127.0.0.2'), await enter('127.0.0.2')];
    expect(crowd).not.toContain(undefined);
    expect(await enter('127.0.0.2')).toBeUndefined();
    expect(await enter('127.0.0.3')).toBeDefined();
    crowd[0]?.destroy();
    await eventually(
      async () => {
        expect(await enter('127.0.0.2')).toBeDefined();
      },
      { what: 'there is room again' },
    );
  } finally {
    await close();
  }
});

test('what a trusted proxy brings is of many, and has no such limit', async () => {
  const { enter, close } = await listen(['127.0.0.2/32']);
  try {
    for (let count = 0; count < 6; count += 1) expect(await enter('127.0.0.2')).toBeDefined();
  } finally {
    await close();
  }
});

test('over TLS only the cookie counts that cannot be set by plain HTTP', () => {
  const cookie = 'stowage=planted';
  expect([sessionCookie({ cookie }, false), sessionCookie({ cookie }, true)]).toEqual(['planted', undefined]);
  for (const isTls of [false, true]) expect(sessionCookie({ cookie: `${cookie}; __Host-stowage=own` }, isTls)).toBe('own');
});

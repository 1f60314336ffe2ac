import { once } from 'node:events';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import WebSocket from 'ws';
import { UnsignedConnections } from '../../src/server/unsigned-connections.js';
import { LIVE_TOKEN, startLiveStand, type LiveStand } from '../harness/live-stand.js';
import { proveNothingIsLeft } from '../harness/stand.js';

describe('of connections that have not signed in', () => {
  const full = (connections: Readonly<Record<string, readonly string[]>>) => {
    const given: string[] = [];
    const all = Object.entries(connections).flatMap(([address, names]) => names.map((name) => [address, name] as const));
    const unsigned = new UnsignedConnections<string>(all.length, (name) => given.push(name));
    for (const [address, name] of all) unsigned.add(address, name);
    return { unsigned, given };
  };

  test('the oldest of the address with the most makes room for one of another address', () => {
    const { unsigned, given } = full({ few: ['a'], many: ['b', 'c', 'd'], some: ['e', 'f'] });
    expect([unsigned.makeRoomFor('new'), given]).toEqual([true, ['b']]);
    unsigned.add('new', 'g');
    expect([unsigned.makeRoomFor('few'), given]).toEqual([false, ['b']]);
  });

  test('an address with as many as any makes no room for itself, nor in turns with another one', () => {
    const { unsigned, given } = full({ many: ['a', 'b', 'c'], much: ['d', 'e'] });
    expect([unsigned.makeRoomFor('many'), unsigned.makeRoomFor('much'), given]).toEqual([false, false, []]);
  });

  test('all addresses of one holder of IPv6 count as one', () => {
    const { unsigned, given } = full({ '2001:db8::1': ['a'], '2001:db8::2': ['b'], '192.0.2.1': ['c'] });
    expect([unsigned.makeRoomFor('192.0.2.2'), given]).toEqual([true, ['a']]);
    unsigned.remove('2001:db8::3', 'b');
    expect(unsigned.makeRoomFor('2001:db8::4')).toBe(true);
  });

  test('an address counts the same with the port that some proxies name beside it', () => {
    for (const [one, other] of [
      ['192.0.2.1:50001', '192.0.2.1:50002'],
      ['192.0.2.1', '192.0.2.1:50001'],
      ['[2001:db8::1]:50001', '2001:db8::2'],
    ] as const) {
      const { unsigned, given } = full({ [one]: ['a'], [other]: ['b'] });
      expect([unsigned.makeRoomFor('192.0.2.2'), given]).toEqual([true, ['a']]);
    }
  });

  test('one that has signed in or is gone leaves its room to anybody, once', () => {
    const { unsigned, given } = full({ many: ['a', 'b'] });
    unsigned.remove('many', 'a');
    unsigned.remove('many', 'a');
    expect(unsigned.makeRoomFor('many')).toBe(true);
    unsigned.add('many', 'c');
    expect([unsigned.makeRoomFor('many'), given]).toEqual([false, []]);
  });
});

describe('a gateway with as many of them as it takes from one address', () => {
  let stand: LiveStand;
  const opened: WebSocket[] = [];

  beforeAll(async () => {
    stand = await startLiveStand(60_000, undefined, 20);
  });

  afterAll(async () => {
    for (const socket of opened) socket.terminate();
    await stand.stop();
    await proveNothingIsLeft();
  });

  const dial = (localAddress: string): WebSocket => {
    const socket = new WebSocket(stand.url, GRAPHQL_TRANSPORT_WS_PROTOCOL, { localAddress });
    socket.on('error', () => undefined);
    opened.push(socket);
    return socket;
  };

  test('lets others in, who sign in as ever, and tells those that made room why', async () => {
    const crowd = Array.from({ length: 20 }, () => dial('127.0.0.2'));
    await Promise.all(crowd.map((socket) => once(socket, 'open')));
    const beyond = dial('127.0.0.2');
    const [, refusal] = (await once(beyond, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(refusal.statusCode).toBe(503);
    const closed = Promise.race(crowd.map((socket) => once(socket, 'close')));
    const guest = dial('127.0.0.1');
    await once(guest, 'open');
    guest.send(JSON.stringify({ type: 'connection_init', payload: { authorization: LIVE_TOKEN } }));
    const [answer] = (await once(guest, 'message')) as [Buffer];
    expect(JSON.parse(answer.toString())).toEqual({ type: 'connection_ack' });
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1013, expect.stringContaining('not signed in')]);
  });
});

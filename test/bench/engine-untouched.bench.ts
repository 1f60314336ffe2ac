import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startDatabase } from '../harness/database.js';
import { startEngine } from '../harness/engines.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { startGateway, TEST_SECRET } from '../harness/gateway.js';
import { hostsAre } from '../harness/stand.js';
import { describeMs, median, report, timeMs } from './figures.js';

const CALLS = 3_000;
const SUBSCRIBERS = 50;

/** A subscriber that never reads what it is told. */
function stuckSubscriber(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const frame = (text: string) => {
      const body = Buffer.from(text);
      const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length]) : Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 255]);
      return Buffer.concat([head, Buffer.alloc(4), body]);
    };
    socket.on('error', reject);
    socket.on('connect', () => {
      socket.write(
        'GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
      );
    });
    socket.once('data', () => {
      socket.write(frame(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TEST_SECRET}` } })));
      socket.once('data', () => {
        const query = 'subscription { events { cursor type source occurredAt hostName volumeName attributes } }';
        socket.write(frame(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })));
        socket.pause();
        resolve(socket);
      });
    });
  });
}

test("the engine's own create call, while the database or the subscribers of the gateway are stuck", async () => {
  const engine = await startEngine({ name: 'bench' });
  const database = await startDatabase();
  const address = new URL(database.url);
  const link = await startFaultProxy({ target: { host: address.hostname, port: Number(address.port) } });
  address.port = String(link.port);
  let made = 0;
  const creates = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let index = 0; index < CALLS; index += 1) {
      made += 1;
      times.push(await timeMs(() => engine.docker.createVolume({ Name: `volume-${String(made)}` })));
    }
    return times;
  };
  const empty = async () => {
    for (; made > 0; made -= 1) await engine.docker.getVolume(`volume-${String(made)}`).remove();
  };
  await creates();
  await empty();
  const alone = await creates();
  await empty();
  const gateway = await startGateway({ hosts: { bench: engine.endpoint }, environment: { DATABASE_URL: address.href, STOWAGE_LOG_LEVEL: 'silent' } });
  await hostsAre(gateway, 'ONLINE');
  const watched = await creates();
  await empty();
  const subscribers = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => stuckSubscriber(gateway.url)));
  const besideSubscribers = await creates();
  await empty();
  link.setMode('blackhole');
  await delay(2_000);
  const withoutDatabase = await creates();
  report(`${String(CALLS)} volumes created one after the other, each time from none:`);
  for (const [name, times] of [
    ['nobody watches', alone],
    ['a gateway watches', watched],
    [`and ${String(SUBSCRIBERS)} subscribers do not read`, besideSubscribers],
    ['and its database is a black hole', withoutDatabase],
  ] as const) {
    report(`${describeMs(name, times)}   ${(median(times) / median(alone)).toFixed(2)} times`);
  }
  link.setMode('pass');
  for (const socket of subscribers) socket.destroy();
  await gateway.stop();
  await link.close();
  await database.stop();
  await engine.stop();
});

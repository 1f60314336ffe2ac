import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { askForArchive, type ArchiveAnswer } from '../../src/engine/archive-answer.js';
import { archiveMemory, ArchiveMemory, PassedMemory } from '../../src/engine/archive-memory.js';

// What an engine sends, byte for byte, and what no engine should send.

let server: Server;
let answer: (socket: Socket) => void;
const open = new Set<Socket>();

beforeEach(async () => {
  server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      answer(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of open) socket.destroy();
  open.clear();
  server.close();
  await once(server, 'close');
});

const ask = (signal = new AbortController().signal): Promise<ArchiveAnswer> =>
  askForArchive((onread) => connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', onread }), '/archive', signal);

const HEAD = 'HTTP/1.1 200 OK\r\nDate: Sun, 29 Nov 2026 12:00:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n';

test('an answer in chunks that are cut anywhere is given whole, with its status and date', async () => {
  const sent = Buffer.from(`${HEAD}5\r\nhello\r\n1\r\n \r\n5;x=y\r\nworld\r\n0\r\n\r\n`);
  for (let cut = 1; cut < sent.length; cut += 7) {
    answer = (socket) => {
      socket.write(sent.subarray(0, cut), () => socket.end(sent.subarray(cut)));
    };
    const { status, date, body } = await ask();
    expect({ status, date, text: (await buffer(body)).toString() }).toEqual({ status: 200, date: 'Sun, 29 Nov 2026 12:00:00 GMT', text: 'hello world' });
  }
});

test.each([
  ['in the middle of a chunk', `${HEAD}5\r\nhel`],
  ['between two chunks', `${HEAD}5\r\nhello\r\n`],
  ['before the length that it was to have', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'],
])('one that is cut %s fails', async (_where, sent) => {
  answer = (socket) => socket.end(sent);
  const { body } = await ask();
  await expect(buffer(body)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test.each([
  ['that is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['that ends before its head', 'HTTP/1.1 200 OK\r\nDate'],
  ['with a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`],
])('an answer %s is none', async (_what, sent) => {
  answer = (socket) => socket.end(sent);
  await expect(ask()).rejects.toThrow();
});

test('what comes after the end of an answer is not a part of it', async () => {
  answer = (socket) => socket.end(`${HEAD}5\r\nhello\r\n0\r\n\r\n${HEAD}5\r\nworld\r\n0\r\n\r\n`);
  expect((await buffer((await ask()).body)).toString()).toBe('hello');
});

test('one whose chunk has a length without end is given up', async () => {
  answer = (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write('1'.repeat(65_536)));
      if (!socket.destroyed) socket.once('drain', more);
    };
    socket.write(HEAD);
    more();
  };
  await expect(buffer((await ask()).body)).rejects.toThrow('no HTTP');
});

test('a caller who does not wait any longer ends the connection', async () => {
  const ending = new AbortController();
  let closed: Promise<unknown> = Promise.resolve();
  answer = (socket) => {
    closed = once(socket, 'close');
    ending.abort();
  };
  await expect(ask(ending.signal)).rejects.toThrow();
  await closed;
});

test('what nobody takes is not read on for', async () => {
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536), Buffer.from('\r\n')]);
  let sent = 0;
  answer = (socket) => {
    socket.write(HEAD);
    const more = () => {
      while (sent < 1_000) {
        sent += 1;
        if (!socket.write(chunk)) {
          socket.once('drain', more);
          return;
        }
      }
      socket.end('0\r\n\r\n');
    };
    more();
  };
  const { body } = await ask();
  const before = { sent: -1 };
  // What the kernel holds of both sides is a few megabytes.
  while (sent !== before.sent) {
    before.sent = sent;
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
  }
  expect(sent).toBeLessThan(500);
  expect((await buffer(body)).length).toBe(65_536_000);
});

test('memory is used again when it was given back, once, and only what was taken from here', () => {
  const memory = new ArchiveMemory();
  const [one, two] = [memory.take(), memory.take()];
  expect(one.buffer).not.toBe(two.buffer);
  memory.giveBack(one.buffer);
  memory.giveBack(one.buffer);
  memory.giveBack(Buffer.alloc(262_144).buffer);
  const [again, other] = [memory.take(), memory.take()];
  expect(again.buffer).toBe(one.buffer);
  expect([one.buffer, two.buffer]).not.toContain(other.buffer);
});

test('memory of parts that have passed is given back, but for that of the last, of which more may come', () => {
  const [one, two] = [archiveMemory.take(), archiveMemory.take()];
  const passed = new PassedMemory();
  passed.pass(one.subarray(0, 5));
  passed.pass(one.subarray(5, 10));
  passed.giveBack();
  const other = archiveMemory.take();
  expect([one.buffer, two.buffer]).not.toContain(other.buffer);
  passed.pass(two.subarray(0, 5));
  passed.giveBack();
  expect(archiveMemory.take().buffer).toBe(one.buffer);
});

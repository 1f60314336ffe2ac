// Subscribers over WebSocket, as light as they can be made: they read frames by hand and look at the cursor of each, so that
// what is measured is the server. Usage: node subscribers.mjs, with {urls, count, queries, authorization, stalled} as its
// argument. Commands come as lines of JSON on its standard input, answers go out as lines of JSON:
//   {"expect": 50}    -> waits until each has so many more, then {heard, lost, doubled, disordered, last: [[position, ms], ...]}
//   {"stall": 50}     -> that many stop reading
import net from 'node:net';
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const { urls, count, queries, authorization } = JSON.parse(process.argv[2]);
const now = () => performance.timeOrigin + performance.now();
/** Sockets that connect at a time. */
const AT_ONCE = 100;
const CURSOR = Buffer.from('"cursor":"j');

/** When the last of the subscribers got a position, and how many have it. */
let last = new Map();
let expected = Infinity;
let complete = 0;
let finish = () => undefined;
const faults = { doubled: 0, disordered: 0, closed: 0 };

function frame(opcode, payload) {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 255]);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
const message = (value) => frame(1, Buffer.from(JSON.stringify(value)));

class Subscriber {
  constructor(index) {
    this.index = index;
    this.rest = undefined;
    this.seen = 0;
    this.heard = 0;
    this.stalled = false;
    this.code = undefined;
  }

  connect() {
    const { hostname, port } = new URL(urls[this.index % urls.length]);
    return new Promise((resolve, reject) => {
      this.acknowledged = resolve;
      this.socket = net.connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: { buffer: SHARED, callback: (length) => (this.read(SHARED, length), true) },
      });
      this.socket.on('error', reject);
      this.socket.on('close', () => {
        if (!ending) faults.closed += 1;
      });
      this.socket.write(
        `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
  }

  read(buffer, length) {
    let data = buffer.subarray(0, length);
    if (this.rest !== undefined) {
      data = Buffer.concat([this.rest, data]);
      this.rest = undefined;
    }
    let at = 0;
    if (!this.upgraded) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) {
        this.rest = Buffer.from(data);
        return;
      }
      this.upgraded = true;
      at = end + 4;
      this.socket.write(message({ type: 'connection_init', payload: { authorization } }));
    }
    while (data.length - at >= 2) {
      let size = data[at + 1];
      let head = 2;
      if (size === 126) {
        if (data.length - at < 4) break;
        size = data.readUInt16BE(at + 2);
        head = 4;
      }
      if (data.length - at < head + size) break;
      this.take(data[at] & 15, data, at + head, size);
      at += head + size;
    }
    if (at < data.length) this.rest = Buffer.from(data.subarray(at));
  }

  take(opcode, data, at, size) {
    if (opcode === 9) {
      this.socket.write(frame(10, Buffer.alloc(0)));
      return;
    }
    if (opcode === 8) {
      this.code = data.readUInt16BE(at);
      return;
    }
    const found = data.subarray(at, at + size).indexOf(CURSOR);
    if (found < 0) {
      if (data.subarray(at, at + size).indexOf('connection_ack') >= 0) {
        this.socket.write(message({ id: '1', type: 'subscribe', payload: { query: queries[this.index % queries.length] } }));
        this.acknowledged();
      } else {
        process.stderr.write(`${data.toString('utf8', at, at + size)}\n`);
      }
      return;
    }
    let position = 0;
    for (let digit = at + found + CURSOR.length; data[digit] !== 34; digit += 1) position = position * 10 + data[digit] - 48;
    if (position === this.seen) faults.doubled += 1;
    else if (position < this.seen) faults.disordered += 1;
    // Positions of the benchmark's journal have no holes.
    else if (this.seen > 0 && position !== this.seen + 1) faults.lost = (faults.lost ?? 0) + position - this.seen - 1;
    this.seen = position;
    if (this.stalled) return;
    this.heard += 1;
    last.set(position, now());
    if (this.heard === expected) {
      complete += 1;
      if (complete >= waitedFor) finish();
    }
  }
}

const SHARED = Buffer.alloc(256 * 1024);
let ending = false;
const subscribers = Array.from({ length: count }, (_, index) => new Subscriber(index));
for (let first = 0; first < count; first += AT_ONCE) {
  await Promise.all(subscribers.slice(first, first + AT_ONCE).map((subscriber) => subscriber.connect()));
}
let waitedFor = count;
await delay(1_000);
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
tell({ ready: true });

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.stall !== undefined) {
    for (const subscriber of subscribers.slice(0, command.stall)) {
      subscriber.stalled = true;
      subscriber.socket.pause();
    }
    waitedFor = count - command.stall;
    tell({ stalled: command.stall });
  } else if (command.expect !== undefined) {
    const cpu = process.cpuUsage();
    last = new Map();
    complete = 0;
    expected = command.expect;
    for (const subscriber of subscribers) subscriber.heard = 0;
    const all = new Promise((resolve) => {
      finish = resolve;
    });
    tell({ waiting: true });
    await Promise.race([all, delay(command.limitMs ?? 120_000, undefined, { ref: false })]);
    const used = process.cpuUsage(cpu);
    const missing = subscribers.reduce((sum, { heard, stalled }) => sum + (stalled ? 0 : Math.max(0, expected - heard)), 0);
    tell({ missing, lost: 0, ...faults, last: [...last], cpu: (used.user + used.system) / 1e6 });
  } else {
    break;
  }
}
ending = true;
for (const { socket } of subscribers) socket.destroy();
process.exit(0);

// Subscribers over WebSocket, as light as they can be made: they read frames by hand and look at the cursor of each, so that
// what is measured is the server. Usage: node subscribers.mjs, with {urls, count, queries, authorization} as the first line of its standard input, answered when the first half listens.
// Commands come as the next lines, answers go out as lines of JSON:
//   {"rest": true}    -> all listen; the first command
//   {"expect": 50}    -> {waiting}; then, when each has so many more, {missing, lost, doubled, disordered, closed,
//                        last: [[position, ms], ...], seconds, cpu}
//   {"stall": 50}     -> that many stop reading
//   {"resume": true}  -> they read what is left for them; how many of them the server has ended
//   {"leave": true}   -> all are cut off, and remember what they heard last
//   {"expect": 50, "return": urls} -> as expect, but all come back first with that as their cursor, to these servers
import net from 'node:net';
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { urls, count, queries, authorization } = JSON.parse((await lines.next()).value);
const now = () => performance.timeOrigin + performance.now();
/** Sockets that connect at a time. */
const AT_ONCE = 100;
/** Milliseconds in which what should not come may come. */
const SETTLE_MS = 300;
const CURSOR = Buffer.from('"cursor":"j');

/** When the last of the subscribers got a position, by its distance from the first one of this round. */
const MOST_EVENTS = 1_000_000;
const last = new Float64Array(MOST_EVENTS);
let firstPosition = -1;
let heardUpTo = -1;
/** Where the cursor stands in a message, as it was seen last: the same in all messages of one query and id. */
let cursorAt = 0;
let expected = Infinity;
let complete = 0;
let finish = () => undefined;
const faults = { lost: 0, doubled: 0, disordered: 0, closed: 0 };

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
    this.isClosed = false;
  }

  /** Whether everything since what was heard last is asked for. */
  get variables() {
    return this.seen > 0 ? { after: `j${String(this.seen)}` } : {};
  }

  connect() {
    const { hostname, port } = new URL(servers[this.index % servers.length]);
    this.upgraded = false;
    this.rest = undefined;
    this.isClosed = false;
    return new Promise((resolve, reject) => {
      this.acknowledged = resolve;
      this.socket = net.connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: { buffer: SHARED, callback: (length) => (this.read(SHARED, length), true) },
      });
      this.socket.on('error', reject);
      const { socket } = this;
      socket.on('close', () => {
        if (socket !== this.socket || isLeaving) return;
        this.isClosed = true;
        if (!this.stalled) faults.closed += 1;
      });
      this.socket.write(
        `GET /graphql HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
  }

  read(buffer, length) {
    readAt = now();
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
    if (opcode === 8) return;
    let digit = at + cursorAt;
    if (size <= cursorAt || data[digit - 1] !== LETTER_J || data[digit - 2] !== QUOTE || data[digit - 3] !== COLON) {
      const found = data.subarray(at, at + size).indexOf(CURSOR);
      if (found < 0) {
        this.takeOther(data, at, size);
        return;
      }
      cursorAt = found + CURSOR.length;
      digit = at + cursorAt;
    }
    let position = 0;
    for (; data[digit] !== QUOTE; digit += 1) position = position * 10 + data[digit] - 48;
    if (position === this.seen) faults.doubled += 1;
    else if (position < this.seen) faults.disordered += 1;
    // Positions of the benchmark's journal have no holes.
    else if (this.seen > 0 && position !== this.seen + 1) faults.lost += position - this.seen - 1;
    this.seen = position;
    if (this.stalled) return;
    if (firstPosition < 0) firstPosition = position;
    last[position - firstPosition] = readAt;
    if (position > heardUpTo) heardUpTo = position;
    this.heard += 1;
    if (this.heard === expected) {
      complete += 1;
      if (complete >= waitedFor) finish();
    }
  }

  takeOther(data, at, size) {
    if (data.subarray(at, at + size).indexOf('connection_ack') >= 0) {
      this.socket.write(message({ id: '1', type: 'subscribe', payload: { query: queries[this.index % queries.length], variables: this.variables } }));
      this.acknowledged();
    } else {
      process.stderr.write(`${data.toString('utf8', at, at + size)}\n`);
    }
  }
}

const SHARED = Buffer.alloc(256 * 1024);
const [LETTER_J, QUOTE, COLON] = Buffer.from('j":');
let readAt = 0;
let isLeaving = false;
let servers = urls;
const subscribers = Array.from({ length: count }, (_, index) => new Subscriber(index));
const connect = async (from, to) => {
  for (let first = from; first < to; first += AT_ONCE) {
    await Promise.all(subscribers.slice(first, Math.min(first + AT_ONCE, to)).map((subscriber) => subscriber.connect()));
  }
};
let waitedFor = count;
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
/** What is asked of a server just then is answered in that time. */
const CONNECTED_MS = 1_000;
const half = Math.floor(count / 2);
await connect(0, half);
await delay(CONNECTED_MS);
tell({ listening: half });

for await (const line of lines) {
  const command = JSON.parse(line);
  if (command.rest !== undefined) {
    await connect(half, count);
    await delay(CONNECTED_MS);
    tell({ listening: count });
  } else if (command.stall !== undefined) {
    for (const subscriber of subscribers.slice(0, command.stall)) {
      subscriber.stalled = true;
      subscriber.socket.pause();
    }
    waitedFor = count - command.stall;
    tell({ stalled: command.stall });
  } else if (command.expect !== undefined) {
    const cpu = process.cpuUsage();
    last.fill(0);
    firstPosition = -1;
    heardUpTo = -1;
    const began = now();
    complete = 0;
    expected = command.expect;
    for (const subscriber of subscribers) subscriber.heard = 0;
    const all = new Promise((resolve) => {
      finish = resolve;
    });
    tell({ waiting: true });
    if (command.return !== undefined) {
      servers = command.return;
      isLeaving = false;
      await connect(0, count);
    }
    await Promise.race([all, delay(command.limitMs ?? 120_000, undefined, { ref: false })]);
    const used = process.cpuUsage(cpu);
    const seconds = (now() - began) / 1000;
    // What comes twice may come after all that was waited for.
    await delay(SETTLE_MS);
    const missing = subscribers.reduce((sum, { heard, stalled }) => sum + (stalled ? 0 : Math.max(0, expected - heard)), 0);
    const times = Array.from({ length: heardUpTo - firstPosition + 1 }, (_, index) => [firstPosition + index, last[index]]);
    tell({ missing, ...faults, last: times, seconds, cpu: (used.user + used.system) / 1e6 });
  } else if (command.resume !== undefined) {
    for (const { socket, stalled } of subscribers) if (stalled) socket.resume();
    await delay(3_000);
    tell({ ended: subscribers.filter(({ stalled, isClosed }) => stalled && isClosed).length });
  } else if (command.leave !== undefined) {
    isLeaving = true;
    for (const { socket } of subscribers) socket.destroy();
    tell({ left: true });
  } else {
    break;
  }
}
isLeaving = true;
for (const { socket } of subscribers) socket.destroy();
process.exit(0);

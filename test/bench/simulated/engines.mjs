// Plays what a real engine answered (recorded-answers.json, of Docker 20.10.24) as any number of hosts, for load alone: what
// it says is not checked against an engine, so nothing about correctness follows from it.
//
//   node engines.mjs FOLDER HOSTS VOLUMES CONTAINERS
//
// Each host listens on FOLDER/HOST.sock with so many volumes and containers, each container running with two of the
// volumes. A line on standard input sets how many events a second come from all hosts together; they tell of changes
// that later answers show. After each line, and at the end, a line on standard output has the number of events so far.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';

const recorded = JSON.parse(readFileSync(new URL('recorded-answers.json', import.meta.url), 'utf8'));
const [folder, hostCount, volumeCount, containerCount] = [process.argv[2], ...process.argv.slice(3).map(Number)];

/** Events that an engine keeps. */
const RING = 256;
/** Milliseconds between two moments at which events may come. */
const TICK_MS = 20;
/** What is put into recorded texts: two values of theirs. */
const VOLUME = recorded.volume.Name;
const CONTAINER_ID = recorded.container.Id;
const CONTAINER_NAME = 'orders-web-1';
const [FIRST, SECOND] = recorded.container.Mounts.map(({ Name }) => Name);

const templates = {
  volume: splitAt(JSON.stringify(recorded.volume), [VOLUME]),
  size: splitAt(JSON.stringify(recorded.volumeSize), [VOLUME]),
  listed: {
    running: splitAt(JSON.stringify(recorded.listedContainer), [CONTAINER_ID, CONTAINER_NAME, FIRST, SECOND]),
    stopped: splitAt(JSON.stringify({ ...recorded.listedContainer, State: 'exited', Status: recorded.stoppedStatus }), [
      ...[CONTAINER_ID, CONTAINER_NAME, FIRST, SECOND],
    ]),
  },
  container: {
    running: splitAt(JSON.stringify(recorded.container), [CONTAINER_ID, CONTAINER_NAME, FIRST, SECOND]),
    stopped: splitAt(JSON.stringify({ ...recorded.container, State: recorded.stoppedState }), [CONTAINER_ID, CONTAINER_NAME, FIRST, SECOND]),
  },
};

/** A text in parts: every other one is the place of one of the words. */
function splitAt(text, words) {
  return text.split(new RegExp(`(${words.join('|')})`)).map((part) => (words.includes(part) ? words.indexOf(part) : part));
}

const fill = (template, values) => template.map((part) => (typeof part === 'number' ? values[part] : part)).join('');

/** One host with its changes. */
class Host {
  added = new Set();
  stopped = new Set();
  ring = [];
  streams = new Set();
  /** Steps of the changes that are under way, one after the other. */
  steps = 0;

  constructor(index) {
    this.name = `sim-${String(index)}`;
    this.id = Array.from({ length: 12 }, (_, part) =>
      digest(`${this.name} ${String(part)}`)
        .slice(0, 4)
        .toUpperCase(),
    ).join(':');
  }

  volumeNames() {
    return [...Array.from({ length: volumeCount }, (_, index) => volumeName(index)), ...this.added];
  }

  hasVolume(name) {
    const index = Number(/^volume-(\d+)$/.exec(name)?.[1] ?? NaN);
    return this.added.has(name) || index < volumeCount;
  }

  containerId(index) {
    return digest(`${this.name} container ${String(index)}`);
  }

  container(template, index) {
    const values = [this.containerId(index), `app-${String(index)}`, volumeName(2 * index), volumeName(2 * index + 1)];
    return fill(this.stopped.has(index) ? template.stopped : template.running, values);
  }

  indexOfContainer(id) {
    this.indices ??= new Map(Array.from({ length: containerCount }, (_, index) => [this.containerId(index), index]));
    return this.indices.get(id);
  }

  /** Does the next change; returns how many events it has. */
  change() {
    const step = this.steps++;
    const name = `made-${String(step >> 2)}`;
    const index = (step >> 2) % Math.max(1, containerCount);
    const id = this.containerId(index);
    const mounts = (action) => [2 * index, 2 * index + 1].map((volume) => ['volume', action, volumeName(volume), { container: id }]);
    switch (step % 4) {
      case 0:
        this.added.add(name);
        return this.tell([['volume', 'create', name]]);
      case 1:
        this.stopped.add(index);
        return this.tell([['container', 'kill', id], ['container', 'die', id], ...mounts('unmount'), ['container', 'stop', id]]);
      case 2:
        this.stopped.delete(index);
        return this.tell([...mounts('mount'), ['container', 'start', id]]);
      default:
        this.added.delete(name);
        return this.tell([['volume', 'destroy', name]]);
    }
  }

  tell(events) {
    for (const [type, action, id, attributes] of events) {
      const event = structuredClone(recorded.events[`${type} ${action}`]);
      event.Actor.ID = id;
      Object.assign(event.Actor.Attributes, attributes);
      if (type === 'container') Object.assign(event, { id });
      const nano = nowNano();
      // A number of 19 digits is more than JSON.stringify can write.
      const text = JSON.stringify({ ...event, time: Number(nano / 1_000_000_000n), timeNano: 0 }).replace('"timeNano":0', `"timeNano":${String(nano)}`);
      this.ring.push({ nano, text: `${text}\n` });
      if (this.ring.length > RING) this.ring.shift();
      for (const stream of this.streams) stream.write(`${text}\n`);
    }
    return events.length;
  }

  /** Plays an event stream: what is kept from `since` on, then what comes, until `until`. */
  stream(response, query) {
    const [since, until] = ['since', 'until'].map((name) => toNano(query.get(name)));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { nano, text } of this.ring) if (nano >= since) response.write(text);
    this.streams.add(response);
    const end = setTimeout(() => response.end(), Number((until - nowNano()) / 1_000_000n));
    response.once('close', () => {
      clearTimeout(end);
      this.streams.delete(response);
    });
  }

  answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, 'http://engine');
    const [, kind, key, last] = pathname.replace(/^\/v[\d.]+/, '').split('/');
    const send = (text, status = 200) => {
      const headers = { 'api-version': '1.41', 'content-type': 'application/json', server: 'Docker/20.10.24 (linux)' };
      response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(text)) }).end(text);
    };
    if (kind === 'version') send(JSON.stringify(recorded.version));
    else if (kind === 'info') send(JSON.stringify({ ...recorded.info, ID: this.id, Name: this.name }));
    else if (kind === 'events') this.stream(response, searchParams);
    else if (kind === 'volumes' && key === undefined) {
      send(
        `{"Volumes":[${this.volumeNames()
          .map((name) => fill(templates.volume, [name]))
          .join(',')}],"Warnings":null}`,
      );
    } else if (kind === 'volumes') {
      if (this.hasVolume(key)) send(fill(templates.volume, [key]));
      else send(JSON.stringify({ message: `get ${key}: no such volume` }), 404);
    } else if (kind === 'containers' && key === 'json') {
      const all = searchParams.get('filters') === null ? Array.from({ length: containerCount }, (_, index) => this.container(templates.listed, index)) : [];
      send(`[${all.join(',')}]`);
    } else if (kind === 'containers' && last === 'json') {
      const index = this.indexOfContainer(key);
      if (index === undefined) send(JSON.stringify({ message: `No such container: ${key}` }), 404);
      else send(this.container(templates.container, index));
    } else if (kind === 'system') {
      const volumes = this.volumeNames().map((name) => fill(templates.size, [name]));
      send(JSON.stringify(recorded.diskUsage).replace('"Volumes":[]', `"Volumes":[${volumes.join(',')}]`));
    } else if (kind === 'plugins') send('[]');
    else send(JSON.stringify({ message: 'page not found' }), 404);
  }
}

const volumeName = (index) => `volume-${String(index)}`;
const digest = (text) => createHash('sha256').update(text).digest('hex');
const nowNano = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n + BigInt((lastNano = (lastNano + 1) % 1000));
let lastNano = 0;

/** Engine time, `seconds.nanoseconds`, as nanoseconds. */
function toNano(text) {
  const [seconds = '0', nano = '0'] = (text ?? '0').split('.');
  return BigInt(seconds) * 1_000_000_000n + BigInt(nano.padEnd(9, '0'));
}

const hosts = Array.from({ length: hostCount }, (_, index) => new Host(index));
await Promise.all(
  hosts.map(
    (host) =>
      new Promise((resolve) => {
        const server = http.createServer((request, response) => host.answer(request, response));
        server.keepAliveTimeout = 60_000;
        server.listen(path.join(folder, `${host.name}.sock`), resolve);
      }),
  ),
);

let rate = 0;
let told = 0;
let due = 0;
let turn = 0;
let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  due += (rate * (now - lastTick)) / 1000;
  lastTick = now;
  while (due >= 1) {
    const count = hosts[turn++ % hosts.length].change();
    due -= count;
    told += count;
  }
}, TICK_MS);

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  rate = Number(line);
  process.stdout.write(`${String(told)}\n`);
}
process.exit(0);

import fc from 'fast-check';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { Problem } from '../../src/problems.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { seededChance } from '../harness/random.js';
import { startRecordingEngine } from '../harness/recording-engine.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const CALLS = 1_000;
const AT_ONCE = 25;
/** Milliseconds that a call may take in all. */
const DEADLINE_MS = 300;
/** Milliseconds beyond it that a busy machine may need. A call that never settles takes for ever. */
const MARGIN_MS = 5_000;
const SEED = 20_261_123;

let engine: TestEngine;
let proxy: FaultProxy;

beforeAll(async () => {
  engine = await startEngine({ name: 'faulty' });
  proxy = await startFaultProxy({ target: engine.socketPath });
});

afterAll(async () => {
  await proxy.close();
  await engine.stop();
  await proveNothingIsLeft();
});

const connect = () => Engine.connect(parseEndpoint(proxy.endpoint), {}, DEADLINE_MS);

test(`${String(CALLS)} calls through a connection that is cut, stalled, reset and slowed all settle within their deadline (seed ${String(SEED)})`, async () => {
  for (let index = 0; index < 30; index += 1) await engine.docker.createVolume({ Name: `volume-${String(index)}`, Labels: { filler: 'x'.repeat(500) } });
  const random = seededChance(SEED).number;
  const faults: (() => void)[] = [
    () => {
      proxy.setMode('pass');
    },
    () => {
      proxy.setMode('cut', { afterBytes: Math.floor(random() * 20_000) });
    },
    () => {
      proxy.setMode('stall');
    },
    () => {
      proxy.setMode('blackhole');
    },
    () => {
      proxy.setMode('reset');
    },
    () => {
      proxy.setMode('slow', { bytesPerSecond: 2_000 });
    },
  ];
  const calls: ((to: Engine, index: number) => Promise<unknown>)[] = [
    (to) => to.listVolumes(),
    (to) => to.listAll((list) => list.volumes),
    (to, index) => to.inspectVolume(`volume-${String(index % 30)}`),
    (to, index) => to.createVolume({ name: `made-${String(index)}`, driver: 'local', options: {}, labels: {} }),
    (to, index) => to.removeVolume(`made-${String(index - 1)}`, false),
    (to) => to.ping(DEADLINE_MS),
    (to) => to.volumeDrivers(),
    () =>
      connect().then((fresh) => {
        fresh.close();
      }),
  ];
  const shared = await connect();
  const outcomes = { done: 0, HOST_TIMEOUT: 0, HOST_UNREACHABLE: 0, ENGINE_ERROR: 0 };
  const slowest = { ms: 0 };
  let index = 0;
  const worker = async () => {
    while (index < CALLS) {
      const own = index++;
      if (own % 20 === 0) faults[Math.floor(random() * faults.length)]?.();
      const call = calls[Math.floor(random() * calls.length)];
      const began = performance.now();
      try {
        await call?.(shared, own);
        outcomes.done += 1;
      } catch (error) {
        if (!(error instanceof Problem) || !(error.code in outcomes)) throw error;
        outcomes[error.code as keyof typeof outcomes] += 1;
      }
      slowest.ms = Math.max(slowest.ms, performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(Object.values(outcomes).reduce((a, b) => a + b)).toBe(CALLS);
  // Connecting makes two calls.
  expect(slowest.ms).toBeLessThan(2 * DEADLINE_MS + MARGIN_MS);
  // The faults did happen, and some calls came through.
  expect(outcomes.done).toBeGreaterThan(50);
  expect(outcomes.HOST_TIMEOUT).toBeGreaterThan(50);
  expect(outcomes.HOST_UNREACHABLE).toBeGreaterThan(50);

  proxy.setMode('pass');
  await eventually(
    async () => {
      expect((await shared.listVolumes()).volumes.length).toBeGreaterThanOrEqual(30);
    },
    { what: 'the connection works again' },
  );
  shared.close();
  await eventually(
    () => {
      expect(proxy.connections()).toBe(0);
    },
    { what: 'no socket stays open' },
  );
}, 120_000);

test('an event stream that is cut ends with a problem, and so does one that falls silent', async () => {
  proxy.setMode('pass');
  const connected = await connect();
  const { readEventStream } = await import('../../src/engine/event-stream.js');
  const now = connected.clock.nowNano();
  const open = () => connected.events(now, now + 60_000_000_000n, new AbortController().signal);
  const cut = readEventStream(await open(), 30_000, () => undefined);
  proxy.setMode('reset');
  await expect(cut).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  proxy.setMode('pass');
  const stream = await eventually(open, { what: 'a new stream opens' });
  proxy.setMode('blackhole');
  await expect(readEventStream(stream, 200, () => undefined)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  connected.close();
  proxy.setMode('pass');
});

test('DOCKER_HOST in the environment never turns a call to another engine', async () => {
  const recorder = await startRecordingEngine();
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = recorder.endpoint;
  try {
    for (const endpoint of [engine.endpoint, proxy.endpoint]) {
      const connected = await Engine.connect(parseEndpoint(endpoint), {}, 5_000);
      expect(connected.info.version).not.toBe('');
      await connected.listVolumes();
      connected.close();
    }
    expect(recorder.requestLines()).toEqual([]);
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    await recorder.close();
  }
});

describe('with hostile names in every argument', () => {
  /** What would be another call if it became part of a path. */
  const known = [
    '',
    '.',
    '..',
    '../x',
    '../containers/zzz',
    '../containers/zzz/json',
    '..%2fcontainers%2fzzz',
    '%2e%2e/x',
    'a/../b',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'pre?x=1',
    'pre?force=1',
    'pre#x',
    'a b',
    ' a',
    'a ',
    'a\tb',
    'a\nb',
    'a\r\nHost: evil',
    'ab HTTP/1.1\r\n\r\nDELETE /volumes/x',
    'ab\0',
    '\0',
    'ä',
    'ａｂ',
    '．．／x',
    '‥/x',
    'a;b',
    'a&b',
    'a=b',
    'a:b',
    'a@b',
    'a,b',
    "a'b",
    'a"b',
    '$(id)',
    '`id`',
    '|id',
    '<script>',
    '{{x}}',
    '*',
    '?',
    '%',
    '%00',
    '%zz',
    '-rf',
    '_x',
    '.x',
    'x',
    'x'.repeat(256),
    'x'.repeat(100_000),
    'http://evil/',
    '//evil/',
    '\ud800',
    '\u202eab',
    'https:',

    'create?',
    '1',
    '~',
  ];
  const generated = fc
    .sample(
      fc.oneof(
        fc.string({ minLength: 1 }),
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.webUrl(),
        fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'f', 'e', '?', '#', 'a'), minLength: 1, maxLength: 12 }),
      ),
      { numRuns: 2_000, seed: SEED },
    )
    .filter((name) => !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name));
  const hostile = [...new Set([...known, ...generated])].slice(0, 500);

  test('no request goes out but those that were meant', async () => {
    const recorder = await startRecordingEngine();
    const connected = await Engine.connect(parseEndpoint(recorder.endpoint), {}, 5_000);
    recorder.clear();
    expect(hostile).toHaveLength(500);
    const id = 'a'.repeat(64);
    const spec = {
      name: undefined,
      image: 'image',
      command: undefined,
      entrypoint: undefined,
      env: [],
      labels: {},
      mounts: [],
      volumesFrom: [],
      networkMode: undefined,
    };
    const calls: ((name: string) => Promise<unknown>)[] = [
      (name) => connected.inspectVolume(name),
      (name) => connected.inspectContainer(name),
      (name) => connected.createVolume({ name, driver: 'local', options: {}, labels: {} }),
      (name) => connected.removeVolume(name, false),
      (name) => connected.removeVolume(name, true),
      (name) => connected.createContainer({ ...spec, name }),
      (name) => connected.startContainer(name),
      (name) => connected.stopContainer(name, 1),
      (name) => connected.removeContainer(name, { force: true, removeAnonymousVolumes: true }),
    ];
    for (const name of hostile) {
      for (const call of calls) await expect(call(name)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(recorder.requestLines()).toEqual([]);
    // What belongs into a body does not come into a request line either.
    for (const text of hostile) {
      await connected.createContainer({ ...spec, image: text, volumesFrom: [text], networkMode: text, labels: { [text]: text } }).catch(() => undefined);
      await connected.createVolume({ name: 'ab', driver: text, options: { [text]: text }, labels: { [text]: text } }).catch(() => undefined);
    }
    expect(new Set(recorder.requestLines())).toEqual(new Set(['POST /v1.41/containers/create HTTP/1.1', 'POST /v1.41/volumes/create HTTP/1.1']));
    recorder.clear();
    await connected.inspectVolume('ab');
    await connected.inspectContainer(id);
    await connected.removeVolume('ab', true).catch(() => undefined);
    await connected.startContainer(id).catch(() => undefined);
    await connected.stopContainer(id, 3).catch(() => undefined);
    await connected.removeContainer(id, { force: true, removeAnonymousVolumes: true }).catch(() => undefined);
    expect(recorder.requestLines()).toEqual([
      'GET /v1.41/volumes/ab HTTP/1.1',
      `GET /v1.41/containers/${id}/json HTTP/1.1`,
      'DELETE /v1.41/volumes/ab?force=1 HTTP/1.1',
      `POST /v1.41/containers/${id}/start HTTP/1.1`,
      `POST /v1.41/containers/${id}/stop?t=3 HTTP/1.1`,
      `DELETE /v1.41/containers/${id}?force=1&v=1 HTTP/1.1`,
    ]);
    connected.close();
    await recorder.close();
  }, 60_000);
});

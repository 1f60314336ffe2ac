import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { agreeOnApi } from '../../src/engine/engine.js';
import { readEventStream } from '../../src/engine/event-stream.js';
import { readContainer, readContainerSummary, readEvent, readVolume, type EngineEvent } from '../../src/engine/model.js';
import { problem } from '../harness/problem-matcher.js';
import { checkKeyValues, checkObjectName, isAnonymousVolume, isObjectId, isObjectName } from '../../src/engine/names.js';

describe('names', () => {
  test('that are accepted are no path, no query and no traversal, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('.', '/', '%', 'a', '2', 'e', '?') })), (name) => {
        if (!isObjectName(name)) return;
        expect(encodeURIComponent(name)).toBe(name);
        expect(new URL(`http://engine/volumes/${name}`).pathname).toBe(`/volumes/${name}`);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each(['ab', 'my-data-volume', 'A.b_c-9', 'x'.repeat(255), 'f'.repeat(64)])('%s is one', (name) => {
    expect(checkObjectName('name', name)).toBe(name);
  });

  test.each(['', 'x', '.ab', '-ab', '_ab', 'a b', 'a/b', '../x', 'a\nb', 'ab\0', 'äb', 'a%2fb', 'x'.repeat(256)])('%j is none', (name) => {
    expect(() => checkObjectName('name', name)).toThrow(problem('BAD_USER_INPUT'));
  });

  test('of objects are full ids only with 64 hex digits', () => {
    expect(isObjectId('0123456789abcdef'.repeat(4))).toBe(true);
    for (const id of ['abc', '0123456789ABCDEF'.repeat(4), 'g'.repeat(64), `${'a'.repeat(64)}\n`]) expect(isObjectId(id)).toBe(false);
  });

  test('that the engine gave are known by its label or, on old engines, by their form', () => {
    expect(isAnonymousVolume('a'.repeat(64), {})).toBe(true);
    expect(isAnonymousVolume('data', { 'com.docker.volume.anonymous': '' })).toBe(true);
    expect(isAnonymousVolume('data', {})).toBe(false);
  });
});

test('labels named like what every object has are labels all the same', () => {
  const pairs = ['__proto__', 'constructor', 'toString'].map((key) => ({ key, value: 'x' }));
  expect(Object.entries(checkKeyValues('labels', pairs))).toEqual(pairs.map(({ key, value }) => [key, value]));
});

describe('the API version that is agreed on', () => {
  test.each([
    ['20.10', '1.12', '1.41', '1.41'],
    ['23.0', '1.12', '1.42', '1.42'],
    ['25.0', '1.24', '1.44', '1.44'],
    ['29.0', '1.44', '1.52', '1.51'],
    ['29.3', '1.40', '1.53', '1.51'],
    ['one that does not tell its oldest', '', '1.41', '1.41'],
  ])('with engine %s is the newest that both understand', (_engine, oldest, newest, agreed) => {
    expect(agreeOnApi(oldest, newest)).toBe(agreed);
  });

  test.each([
    ['too old', '1.12', '1.40'],
    ['too new', '1.60', '1.70'],
  ])('does not exist with one that is %s', (_what, oldest, newest) => {
    expect(() => agreeOnApi(oldest, newest)).toThrow(problem('ENGINE_ERROR'));
  });
});

describe('what engines answer', () => {
  test('is read with null and missing parts, and with null bytes that no database keeps', () => {
    expect(readVolume({ Name: 'ab', Driver: 'local', Labels: null, Options: null, CreatedAt: '', Mountpoint: '/x\0y' })).toEqual({
      name: 'ab',
      driver: 'local',
      scope: 'local',
      mountpoint: '/x\uFFFDy',
      options: {},
      labels: {},
      createdAt: undefined,
    });
    expect(readContainerSummary({ Id: 'a'.repeat(64), Names: null, State: null })).toEqual({ id: 'a'.repeat(64), name: '', state: '', isHelper: false });
  });

  test('names a container by its own name, not by a link to it', () => {
    expect(readContainerSummary({ Names: ['/web/db', '/postgres'] }).name).toBe('postgres');
  });

  test('tells what was declared from what an image brought, and of tmpfs of both kinds', () => {
    const container = readContainer({
      Id: 'a'.repeat(64),
      Name: '/all',
      Config: { Image: 'x', Volumes: { '/anonymous': {} } },
      State: { Status: 'created', StartedAt: '0001-01-01T00:00:00Z' },
      HostConfig: {
        Binds: ['named:/bound/:ro', '/host:/path', '/lone'],
        Mounts: [
          { Type: 'volume', Source: 'v', Target: '/mounted' },
          { Type: 'volume', Target: '/unnamed' },
          { Type: 'tmpfs', Target: '/memory' },
        ],
        Tmpfs: { '/scratch': 'ro,size=1m' },
        VolumesFrom: ['donor:ro'],
      },
      Mounts: [{ Type: 'volume', Name: 'named', Source: '/x', Destination: '/bound', RW: false }],
    });
    expect([...container.declaredDestinations].sort()).toEqual(['/bound', '/memory', '/mounted', '/path', '/scratch']);
    expect(container).toMatchObject({ name: 'all', startedAt: undefined, volumesFrom: ['donor:ro'] });
    expect(container.mounts.map(({ type, destination, readOnly }) => [type, destination, readOnly])).toEqual([
      ['volume', '/bound', true],
      ['tmpfs', '/scratch', true],
    ]);
  });
});

describe('an event', () => {
  test('keeps its time to the nanosecond, which JSON alone would round', () => {
    const line = '{"Type":"volume","Action":"create","Actor":{"ID":"ab","Attributes":{"driver":"local"}},"time":1795462901,"timeNano":1795462901163231177}';
    expect(readEvent(line)).toEqual({ type: 'volume', action: 'create', actorId: 'ab', attributes: { driver: 'local' }, timeNano: 1_795_462_901_163_231_177n });
  });

  test.each(['', 'nonsense', '{}', '[]', 'null', '{"Type":"volume"}'])('is not made of %j', (line) => {
    expect(readEvent(line)).toBeUndefined();
  });

  test('is read whole however the stream is cut into chunks', async () => {
    const lines = Array.from(
      { length: 20 },
      (_, index) => `{"Type":"volume","Action":"create","Actor":{"ID":"vö-${String(index)}"},"timeNano":${String(index)}}\n`,
    ).join('');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: Buffer.byteLength(lines) }), { maxLength: 30 }), async (cuts) => {
        const stream = new PassThrough();
        const events: EngineEvent[] = [];
        const reading = readEventStream(stream as unknown as IncomingMessage, 10_000, (event) => events.push(event));
        const bytes = Buffer.from(lines);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (let index = 1; index < places.length; index += 1) stream.write(bytes.subarray(places[index - 1], places[index]));
        stream.end();
        await reading;
        expect(events.map(({ actorId }) => actorId)).toEqual(Array.from({ length: 20 }, (_, index) => `vö-${String(index)}`));
      }),
      { numRuns: 50 },
    );
  });
});

describe('an event stream', () => {
  test('that is cut is a problem, and so is one that does not end when it should', async () => {
    const cut = new PassThrough();
    const reading = readEventStream(cut as unknown as IncomingMessage, 10_000, () => undefined);
    cut.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    const silent = new PassThrough();
    await expect(readEventStream(silent as unknown as IncomingMessage, 20, () => undefined)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(silent.destroyed).toBe(true);
  });
});

import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import { IMAGE } from '../harness/engines.js';
import { listenToEvents, readJournal, type ToldEvent } from '../harness/events.js';
import { startStand, type Stand } from '../harness/stand.js';
import { TEST_SECRET } from '../harness/gateway.js';
import { eventually } from '../harness/wait.js';

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta']);
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await Promise.all(stand.engines.map((engine) => engine.reset()));
});

/** Collects what a subscription brings, with the volume of each event as it is now. */
const collect = (client: Client, variables: Record<string, unknown> = {}) => listenToEvents(client, variables, 'volume { name state }');

const allEvents = (after?: string) => readJournal(stand.gateway, after);

const lastCursor = async () => (await allEvents()).at(-1)?.cursor;

/** Subscribes, and waits until the gateway has taken the subscription: an event made for it arrives. */
async function live(client: Client, variables: Record<string, unknown> = {}) {
  const collected = collect(client, { ...variables, after: variables['after'] ?? (await lastCursor()) });
  return collected;
}

test('what happens on an engine is told as it happens, with the time of the engine', async () => {
  const told = await live(stand.gateway.client(), { filter: { hosts: ['alpha'] } });
  const alpha = stand.engine('alpha');
  const before = Date.now();
  await alpha.cli('volume', 'create', 'told');
  await alpha.cli('run', '-d', '--name', 'teller', '--network', 'none', '-v', 'told:/data', IMAGE, 'sleep', '1000');
  await alpha.cli('rename', 'teller', 'renamed');
  await alpha.cli('rm', '-f', 'renamed');
  await alpha.cli('volume', 'rm', 'told');
  await eventually(
    () => {
      expect(told.types()).toContain('VOLUME_REMOVED');
    },
    { what: 'all of it is told', timeoutMs: 3_000 },
  );
  const after = Date.now();
  expect(told.types().filter((type) => type !== 'CONTAINER_RENAMED')).toEqual([
    'VOLUME_CREATED',
    'CONTAINER_CREATED',
    'CONTAINER_STARTED',
    'VOLUME_MOUNTED',
    'CONTAINER_STOPPED',
    'VOLUME_UNMOUNTED',
    'CONTAINER_REMOVED',
    'VOLUME_REMOVED',
  ]);
  expect(told.types()).toContain('CONTAINER_RENAMED');
  for (const event of told.events) {
    expect(event).toMatchObject({ source: 'ENGINE', hostName: 'alpha' });
    expect(Date.parse(event.occurredAt)).toBeGreaterThanOrEqual(before - 1_000);
    expect(Date.parse(event.occurredAt)).toBeLessThanOrEqual(after + 1_000);
  }
  expect(told.problems).toEqual([]);
  told.end();
});

test('a filter brings only what was asked for', async () => {
  const client = stand.gateway.client();
  const start = await lastCursor();
  const onlyBeta = await live(client, { filter: { hosts: ['beta'] } });
  const onlyCreated = await live(client, { filter: { types: ['VOLUME_CREATED'] } });
  const onlyOne = await live(client, { filter: { volume: 'wanted' } });
  const onlyContainer = await live(client, { filter: { container: 'box' } });
  await Promise.all(stand.engines.map((engine) => engine.cli('volume', 'create', 'other')));
  await stand.engine('beta').cli('run', '--name', 'box', '--network', 'none', '-v', 'wanted:/data', IMAGE, 'true');
  await stand.engine('beta').cli('rm', 'box');
  await stand.engine('alpha').cli('volume', 'create', 'wanted');
  await eventually(
    async () => {
      const all = await allEvents(start);
      const expectSame = (told: ToldEvent[], wanted: ToldEvent[]) => {
        expect(told.map(({ cursor }) => cursor)).toEqual(wanted.map(({ cursor }) => cursor));
      };
      expect(all.filter(({ volumeName, type }) => volumeName === 'wanted' && type === 'VOLUME_CREATED')).toHaveLength(2);
      expect(all.map(({ type }) => type)).toContain('CONTAINER_REMOVED');
      expectSame(
        onlyBeta.events,
        all.filter(({ hostName }) => hostName === 'beta'),
      );
      expectSame(
        onlyCreated.events,
        all.filter(({ type }) => type === 'VOLUME_CREATED'),
      );
      expectSame(
        onlyOne.events,
        all.filter(({ volumeName }) => volumeName === 'wanted'),
      );
      expectSame(
        onlyContainer.events,
        all.filter(({ containerName }) => containerName === 'box'),
      );
    },
    { what: 'each subscription has its own', timeoutMs: 3_000 },
  );
});

test('after a cursor comes everything since, then what is live, none lost, none twice, in one order', async () => {
  const start = await lastCursor();
  // What the tests before have left is still being removed.
  const created = { filter: { types: ['VOLUME_CREATED'] } };
  const alpha = stand.engine('alpha');
  const making = (async () => {
    for (let first = 0; first < 200; first += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => alpha.docker.createVolume({ Name: `burst-${String(first + index)}` })));
    }
  })();
  // Subscribers come and go in the middle of the burst, each going on where it was.
  const seen: ToldEvent[] = [];
  for (let round = 0; round < 10; round += 1) {
    const client = stand.gateway.client();
    const part = collect(client, { ...created, after: seen.at(-1)?.cursor ?? start });
    const enough = seen.length + 5;
    await eventually(
      () => {
        if (seen.length + part.events.length < enough && seen.length + part.events.length < 200) throw new Error('waiting');
      },
      { what: 'some more events', timeoutMs: 20_000, intervalMs: 5 },
    );
    part.end();
    await client.dispose();
    seen.push(...part.events);
  }
  await making;
  const rest = collect(stand.gateway.client(), { ...created, after: seen.at(-1)?.cursor });
  await eventually(
    () => {
      expect(seen.length + rest.events.length).toBeGreaterThanOrEqual(200);
    },
    { what: 'all volumes are told', timeoutMs: 20_000 },
  );
  seen.push(...rest.events);
  const all = (await allEvents(start)).filter(({ type }) => type === 'VOLUME_CREATED');
  expect(seen.map(({ cursor }) => cursor)).toEqual(all.map(({ cursor }) => cursor));
  expect(seen.map(({ volumeName }) => volumeName).sort()).toEqual(Array.from({ length: 200 }, (_, index) => `burst-${String(index)}`).sort());
}, 60_000);

describe('a subscription is refused', () => {
  test.each([
    ['with a cursor that is none', { after: 'nonsense' }, 'BAD_USER_INPUT'],
    ['with a cursor of another list', { after: 'WyJ2b2x1bWUiXQ' }, 'BAD_USER_INPUT'],
    ['with a cursor that the journal has not reached', { after: 'j999999999' }, 'BAD_USER_INPUT'],
    ['with a filter of the wrong type', { filter: { types: ['NO_SUCH'] } }, 'BAD_USER_INPUT'],
  ])('%s', async (_what, variables, code) => {
    const refused = collect(stand.gateway.client(), variables);
    await eventually(
      () => {
        expect(refused.problems).toHaveLength(1);
      },
      { what: 'the refusal' },
    );
    expect(JSON.stringify(refused.problems)).toContain(`"code":"${code}"`);
    expect(refused.events).toEqual([]);
  });

  test.each(['{ hosts { name } }', 'mutation { syncHosts { results { error { code } } } }'])('when it is none: %s', async (query) => {
    const problems: unknown[] = [];
    await new Promise<void>((resolve) => {
      stand.gateway.client().subscribe(
        { query },
        {
          next: () => undefined,
          error: (error) => {
            problems.push(error);
            resolve();
          },
          complete: resolve,
        },
      );
    });
    expect(JSON.stringify(problems)).toContain('only subscriptions run');
  });
});

describe('a WebSocket', () => {
  const open = (parameters: unknown) =>
    new Promise<{ code: number; messages: string[] }>((resolve) => {
      const socket = new WebSocket(`${stand.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      const messages: string[] = [];
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'connection_init', payload: parameters }));
      });
      socket.on('message', (message: Buffer) => {
        messages.push(message.toString());
        socket.close();
      });
      socket.on('close', (code) => {
        resolve({ code, messages });
      });
    });

  test('with the token is accepted', async () => {
    expect((await open({ authorization: `Bearer ${TEST_SECRET}` })).messages).toEqual(['{"type":"connection_ack"}']);
  });

  test.each([[undefined], [{}], [{ authorization: 'Bearer wrong' }], [{ authorization: TEST_SECRET }], [{ authorization: 7 }]])(
    'with %j is closed with 4403',
    async (parameters) => {
      expect(await open(parameters)).toEqual({ code: 4403, messages: [] });
    },
  );
});

import { parseEndpoint } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { readEventStream } from '../../src/engine/event-stream.js';
import { startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway } from '../harness/gateway.js';
import { startSshServer, type TestSshServer } from '../harness/sshd.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

let engine: TestEngine;
let sshd: TestSshServer;

beforeAll(async () => {
  engine = await startEngine({ name: 'behind-ssh' });
  sshd = await startSshServer(engine.socketPath);
});

afterAll(async () => {
  await sshd.stop();
  await engine.stop();
  await proveNothingIsLeft();
});

afterEach(async () => {
  await engine.reset();
});

const connect = (privateKey = sshd.privateKey) => Engine.connect(parseEndpoint(sshd.endpoint), { ssh: { privateKey } }, 5_000);

test('an engine behind ssh is asked over one connection, however many calls run at once', async () => {
  for (let index = 0; index < 60; index += 1) await engine.docker.createVolume({ Name: `volume-${String(index)}` });
  const before = sshd.logins();
  const connected = await connect();
  expect((await connected.listVolumes()).volumes).toHaveLength(60);
  const inspected = await Promise.all(Array.from({ length: 60 }, (_, index) => connected.inspectVolume(`volume-${String(index)}`)));
  expect(inspected.map((volume) => volume?.name)).toEqual(Array.from({ length: 60 }, (_, index) => `volume-${String(index)}`));
  expect(sshd.logins()).toBe(before + 1);
  connected.close();
  await eventually(
    async () => {
      expect(await sshd.connections()).toBe(0);
    },
    { what: 'the connection is ended' },
  );
});

test('its event stream comes over ssh, too', async () => {
  const connected = await connect();
  const stop = new AbortController();
  const now = connected.clock.nowNano();
  const stream = await connected.events(now - 1_000_000_000n, now + 60_000_000_000n, stop.signal);
  const heard: string[] = [];
  const reading = readEventStream(stream, 60_000, (event) => heard.push(`${event.action} ${event.actorId}`)).catch(() => undefined);
  await engine.cli('volume', 'create', 'heard-over-ssh');
  await eventually(
    () => {
      expect(heard).toContain('create heard-over-ssh');
    },
    { what: 'the event arrives' },
  );
  connected.close();
  await reading;
});

test('a key that is not let in is a problem in clear words, and so is what is no key', async () => {
  await expect(connect(sshd.strangerKey)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', message: expect.stringMatching(/authentication/i) as string });
  await expect(connect('no key')).rejects.toMatchObject({ code: 'HOST_UNREACHABLE', message: expect.stringMatching(/key/i) as string });
});

test('when the ssh server dies, calls end with a problem, and a new connection works once it is back', async () => {
  const connected = await connect();
  const stream = await connected.events(connected.clock.nowNano(), connected.clock.nowNano() + 60_000_000_000n, new AbortController().signal);
  const reading = readEventStream(stream, 60_000, () => undefined);
  const ended = expect(reading).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  await sshd.kill();
  await ended;
  await expect(connected.listVolumes()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  await sshd.start();
  expect((await connected.listVolumes()).volumes).toEqual([]);
  connected.close();
});

test('a gateway watches an engine behind ssh, and shows the key to nobody', async () => {
  const gateway = await startGateway({ environment: { STOWAGE_LOG_LEVEL: 'trace' } });
  try {
    const input = { name: 'far', endpoint: sshd.endpoint, ssh: { privateKey: sshd.privateKey } };
    const { addHost } = await gateway.query<{ addHost: { host: unknown } }>(
      'mutation ($input: AddHostInput!) { addHost(input: $input) { host { name status endpoint } } }',
      { input },
    );
    expect(addHost.host).toEqual({ name: 'far', status: 'ONLINE', endpoint: sshd.endpoint });
    const create = (name: string) =>
      gateway.query<{ createVolume: { results: { created: boolean; error: { code: string; message: string } | null }[] } }>(
        'mutation ($name: String!) { createVolume(input: { hosts: ["far"], name: $name }) { results { created error { code message } } } }',
        { name },
      );
    // Another key is another server, for the watcher and for commands, until an ADMIN says that it is meant.
    await sshd.changeHostKey();
    await hostsAre(gateway, 'UNREACHABLE', 'far', 40_000);
    await eventually(
      async () => {
        const { hosts } = await gateway.query<{ hosts: { statusReason: string }[] }>('{ hosts { statusReason } }');
        expect(hosts[0]?.statusReason).toMatch(/another host key than before: SHA256:\S+ in place of SHA256:/);
      },
      { what: 'the reason is told', timeoutMs: 40_000 },
    );
    expect((await create('between')).createVolume.results[0]).toMatchObject({ created: false, error: { code: 'HOST_UNREACHABLE' } });
    expect(await engine.cli('volume', 'ls', '-q')).toBe('');
    await gateway.query('mutation ($input: UpdateHostInput!) { updateHost(input: $input) { host { status } } }', {
      input: { name: 'far', endpoint: sshd.endpoint },
    });
    await hostsAre(gateway, 'ONLINE', 'far');
    expect((await create('meant')).createVolume.results[0]).toMatchObject({ created: true, error: null });
    await engine.cli('volume', 'rm', 'meant');
    await engine.cli('volume', 'create', 'far-away');
    await eventually(
      async () => {
        expect(await gateway.query('{ volumes(filter: { search: "far-away" }) { nodes { name } } }')).toEqual({ volumes: { nodes: [{ name: 'far-away' }] } });
      },
      { what: 'the volume shows' },
    );
    const secret = sshd.privateKey.split('\n')[2] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    expect(gateway.output()).not.toContain(secret);
    expect(JSON.stringify(await gateway.query('{ hosts { name endpoint labels { key value } statusReason } events { nodes { attributes } } }'))).not.toContain(
      secret,
    );
  } finally {
    await gateway.stop();
  }
});

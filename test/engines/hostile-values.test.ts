import { posix } from 'node:path';
import fc from 'fast-check';
import { IMAGE } from '../harness/engines.js';
import { startStand, type Stand } from '../harness/stand.js';

/** How many random volumes and containers are asked for in all. */
const RUNS = 500;

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha']);
});

afterAll(async () => {
  await stand.stop();
});

const CREATE = 'mutation ($input: CreateVolumeInput!) { createVolume(input: $input) { results { created error { code message } } } }';
const RUN = 'mutation ($input: RunContainerInput!) { runContainer(input: $input) { container { engineId } } }';

const nasty = fc.constantFrom(
  ...['', '..', '../x', '../../etc/passwd', '/', '//', 'a/b', '-v', '--help', '$(id)', '`id`', '; rm -rf /', '%2e%2e%2f', '?force=1', '#x', 'a\nb', 'a\tb'],
  ...['\u0000', 'a\u0000b', '\ud800', '\u202e', 'ü', '漢字', '👩‍👩‍👧', 'e\u0301', '__proto__', 'constructor', 'toString', ' ', ' a ', '{{.Name}}', '"', "'", '\\'],
  ...['x'.repeat(255), 'x'.repeat(256), 'x'.repeat(10_240), 'ü'.repeat(10_240)],
);
const text = fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 30 }), fc.stringMatching(/^[a-z]{1,8}$/));
const pairs = fc.array(fc.record({ key: text, value: text }), { maxLength: 3 });
const path = fc.oneof(
  text,
  text.map((end) => `/${end}`),
  fc.array(fc.constantFrom('..', '.', '', 'data', 'x y', 'ü'), { maxLength: 5 }).map((parts) => `/srv-of-test/${parts.join('/')}`),
);
/** Keys that the local driver knows, so that what is tried is their values; nothing of it is mounted. */
const options = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom('type', 'o', 'device'),
    value: fc.oneof(
      text,
      path,
      fc.constantFrom('none', 'bind', 'tmpfs', 'nfs', 'overlay', 'bind,ro', 'addr=127.0.0.1', 'lowerdir=/etc:/usr', '/etc', '/usr/../etc'),
    ),
  }),
  { maxLength: 3, selector: ({ key }) => key },
);
/** Directories that are there, by one spelling or another. */
const existing = fc
  .tuple(fc.constantFrom('/', '/usr', '/usr/share', '/etc'), fc.array(fc.constantFrom('', '.', 'x/..', '../usr', 'ü/..'), { maxLength: 3 }))
  .map(([directory, parts]) => [directory, ...parts].join('/'));
/** Names are mostly good, so that the rest is what is tried. */
const name = fc.oneof({ weight: 4, arbitrary: fc.uuid().map((id) => `v${id}`) }, { weight: 1, arbitrary: text });

/** Labels as docker shows them, without the gateway's own. */
function ownLabels(labels: Record<string, string> | null): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.startsWith('io.stowage.')));
}
const record = (list: readonly { key: string; value: string }[]) => Object.fromEntries(list.map(({ key, value }) => [key, value]));

async function names(): Promise<string[]> {
  return (await stand.engine('alpha').docker.listVolumes()).Volumes.map((volume) => volume.Name).sort();
}

test(`of ${String(RUNS)} volumes and containers with random names, labels, options, paths and bind sources each is made exactly so or refused with BAD_USER_INPUT`, async () => {
  const alpha = stand.engine('alpha');
  const seen = { made: 0, refused: 0, bound: 0, withOptions: 0 };
  const codeOf = (answer: { errors?: readonly { extensions: { code: string } }[] | undefined }) => answer.errors?.[0]?.extensions.code;
  const aVolume = fc.record({ name, labels: pairs, driverOptions: fc.oneof(fc.constant<{ key: string; value: string }[]>([]), pairs, options) });
  const aContainer = fc.record({
    name,
    labels: pairs,
    env: pairs,
    command: fc.array(text, { minLength: 1, maxLength: 3 }),
    mounts: fc.array(
      fc.oneof(
        fc.record({ type: fc.constantFrom('VOLUME', 'TMPFS'), source: text, destination: path }),
        fc.record({ type: fc.constant('BIND'), source: fc.oneof(path, { weight: 3, arbitrary: existing }), destination: path }),
      ),
      { maxLength: 2 },
    ),
  });

  const tryVolume = async (input: { name: string; labels: { key: string; value: string }[]; driverOptions: { key: string; value: string }[] }) => {
    const before = await names();
    const answer = await stand.gateway.send<{ createVolume: { results: { created: boolean; error: { code: string } | null }[] } } | null>(CREATE, {
      input: { ...input, hosts: ['alpha'] },
    });
    const result = answer.data?.createVolume.results[0];
    const code = codeOf(answer) ?? result?.error?.code;
    if (code !== undefined) {
      // The name that was made before, by another run.
      expect(before.includes(input.name) ? ['BAD_USER_INPUT', 'CONFLICT'] : ['BAD_USER_INPUT']).toContain(code);
      expect(await names()).toEqual(before);
      seen.refused += 1;
      return;
    }
    const volume = await alpha.docker.getVolume(input.name).inspect();
    expect(volume.Name).toBe(input.name);
    expect(ownLabels(volume.Labels)).toEqual(record(input.labels));
    expect(volume.Options ?? {}).toEqual(record(input.driverOptions));
    if (input.driverOptions.length > 0) seen.withOptions += 1;
    seen.made += 1;
  };

  const tryContainer = async (input: {
    name: string;
    labels: { key: string; value: string }[];
    env: { key: string; value: string }[];
    command: string[];
    mounts: { type: string; source: string; destination: string }[];
  }) => {
    const mounts = input.mounts.map(({ type, source, destination }) => ({ type, destination, ...(type === 'TMPFS' ? {} : { source }) }));
    const answer = await stand.gateway.send<{ runContainer: { container: { engineId: string } } } | null>(RUN, {
      input: { ...input, mounts, host: 'alpha', image: IMAGE, network: 'none', start: false },
    });
    const code = codeOf(answer);
    if (code !== undefined) {
      expect(code).toBe('BAD_USER_INPUT');
      expect(await alpha.docker.listContainers({ all: true })).toEqual([]);
      seen.refused += 1;
      return;
    }
    const [made] = await alpha.docker.listContainers({ all: true });
    expect(made?.Id).toBe(answer.data?.runContainer.container.engineId);
    const container = alpha.docker.getContainer(made?.Id ?? '');
    const { Name, Config, HostConfig } = await container.inspect();
    expect(Name).toBe(`/${input.name}`);
    expect(Config.Labels).toEqual(record(input.labels));
    expect(Config.Cmd).toEqual(input.command);
    for (const { key, value } of input.env) expect(Config.Env).toContain(`${key}=${value}`);
    const shown = (HostConfig.Mounts ?? []).map(({ Type, Source, Target }) => [Type, (Source as string | undefined) ?? '', Target]);
    const asked = input.mounts.map(({ type, source, destination }) => [
      type.toLowerCase(),
      { VOLUME: source, BIND: cleaned(source), TMPFS: '' }[type],
      cleaned(destination),
    ]);
    expect(shown.sort()).toEqual(asked.sort());
    if (asked.some(([type]) => type === 'bind')) seen.bound += 1;
    await container.remove({ force: true, v: true });
    seen.made += 1;
  };

  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        aVolume.map((input) => ({ volume: input })),
        aContainer.map((input) => ({ container: input })),
      ),
      async (asked) => {
        if ('volume' in asked) await tryVolume(asked.volume);
        else await tryContainer(asked.container);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
  // Both ways were taken many times.
  expect(Math.min(seen.made, seen.refused)).toBeGreaterThan(RUNS / 20);
  expect(Math.min(seen.bound, seen.withOptions)).toBeGreaterThan(0);
}, 240_000);

/** The one spelling of an absolute path. */
function cleaned(directory: string): string {
  const normal = posix.normalize(directory.replace(/^\/+/, '/'));
  return normal === '/' ? '/' : normal.replace(/\/$/, '');
}

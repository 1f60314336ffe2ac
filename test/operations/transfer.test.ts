import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack as startPack } from 'tar-stream';
import { Pace, transfer } from '../../src/operations/transfer.js';

// eslint-disable-next-line @typescript-eslint/require-await
async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 32_768) yield bytes.subarray(at, at + 32_768);
}

/** A tar of one file of so many bytes. */
async function tarOf(bytes: number): Promise<Readable> {
  const pack = startPack();
  pack.entry({ name: 'volume/', type: 'directory' });
  pack.entry({ name: 'volume/a' }, Buffer.alloc(bytes));
  pack.finalize();
  const tar = await buffer(pack);
  return Readable.from(inChunks(tar), { objectMode: false });
}

const LIMITS = { root: 'volume', contentBytes: 1e9, entries: 10 };
const carry = (pace: Pace | undefined, signal = new AbortController().signal) => transfer(() => tarOf(300_000), undefined, { signal, limits: LIMITS, pace });

test('all transfers together keep to the bandwidth that is set', async () => {
  const pace = new Pace(400_000);
  const began = performance.now();
  const [one, two] = await Promise.all([carry(pace), carry(pace)]);
  // 0.6 MB at 0.4 MB/s, less what may run ahead: a slow machine takes longer, none is quicker.
  expect(performance.now() - began).toBeGreaterThan(1_200);
  expect([one.contentBytes, two.contentBytes]).toEqual([300_000, 300_000]);
});

test('one that waits for its turn ends at once when it is to end', async () => {
  const ending = new AbortController();
  const carried = carry(new Pace(1_000), ending.signal);
  ending.abort(new Error('canceled'));
  await expect(carried).rejects.toThrow();
});

test('what follows an archive holds it up', async () => {
  let seen = 0;
  let held: (() => void) | undefined;
  const carried = transfer(() => tarOf(5_000_000), undefined, {
    signal: new AbortController().signal,
    limits: LIMITS,
    onProgress: (bytes) => {
      seen = bytes;
    },
    beforeNext: () =>
      new Promise<void>((resolve) => {
        if (held !== undefined) resolve();
        held = resolve;
      }),
  });
  while (held === undefined) await new Promise(setImmediate);
  const whileHeld = seen;
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  expect(seen).toBe(whileHeld);
  held();
  expect((await carried).contentBytes).toBe(5_000_000);
});

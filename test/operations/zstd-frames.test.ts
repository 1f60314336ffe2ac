import { randomBytes } from 'node:crypto';
import { compress } from '@mongodb-js/zstd';
import { compressFrames, decompressFrames } from '../../src/operations/zstd-frames.js';
import { problem } from '../harness/problem-matcher.js';

// eslint-disable-next-line @typescript-eslint/require-await
async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function gather(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}

test('what was compressed comes back the same, in chunks of any size', async () => {
  const bytes = Buffer.concat([randomBytes(5_000_000), Buffer.alloc(9_000_000), Buffer.from('text '.repeat(300_000))]);
  const compressed = await gather(compressFrames(inChunks(bytes, 70_001)));
  expect(compressed.length).toBeLessThan(5_300_000);
  for (const size of [1_000, 65_536, compressed.length]) expect((await gather(decompressFrames(inChunks(compressed, size)))).equals(bytes)).toBe(true);
});

test('nothing comes back as nothing', async () => {
  expect(await gather(decompressFrames(compressFrames(inChunks(Buffer.alloc(0), 1))))).toHaveLength(0);
});

test('a file that unpacks to far more than a frame holds is refused before it is unpacked', async () => {
  const bomb = await compress(Buffer.alloc(100_000_000));
  expect(bomb.length).toBeLessThan(20_000);
  await expect(gather(decompressFrames(inChunks(bomb, 1_000)))).rejects.toThrow(problem('LIMIT_EXCEEDED'));
});

test('what is cut short, changed or of another kind is refused', async () => {
  const bytes = randomBytes(5_000_000);
  const compressed = await gather(compressFrames(inChunks(bytes, 1_000_000)));
  await expect(gather(decompressFrames(inChunks(compressed.subarray(0, -1), 10_000)))).rejects.toThrow(problem('CONFLICT'));
  await expect(gather(decompressFrames(inChunks(Buffer.from('no zstd at all'), 10)))).rejects.toThrow(problem('CONFLICT'));
});

import { compress, decompress } from '@mongodb-js/zstd';
import { Problem } from '../problems.js';

/**
 * zstd (RFC 8878) as a stream of frames of at most 4 MB each: any zstd reads it as one file. On Node 20 the libraries with
 * prebuilt binaries know whole buffers only; frames make a stream of that in bounded memory. What a frame would unpack to
 * is known from its blocks before it is unpacked.
 */

/** Bytes that go into one frame. */
const FRAME_BYTES = 4 * 1024 * 1024;
const LEVEL = 3;
/** Bytes that are looked through at once for whole frames. */
const BATCH_BYTES = 1024 * 1024;
/** A block unpacks to 128 KB at most (RFC 8878, 3.1.1.2.4). */
const MAX_BLOCK_BYTES = 128 * 1024;
const MAX_BLOCKS = FRAME_BYTES / MAX_BLOCK_BYTES + 1;
/** A frame that does not compress is a little larger than what is in it. */
const MAX_FRAME_BYTES = FRAME_BYTES + 64 * 1024;
const MAGIC = 0xfd2fb528;

export async function* compressFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + FRAME_BYTES - size);
      parts.push(part);
      size += part.length;
      at += part.length;
      if (size < FRAME_BYTES) continue;
      yield await compress(Buffer.concat(parts), LEVEL);
      parts = [];
      size = 0;
    }
  }
  if (size > 0) yield await compress(Buffer.concat(parts), LEVEL);
}

/** @throws {Problem} CONFLICT for anything that {@link compressFrames} did not make. */
export async function* decompressFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of inBatches(chunks)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let length = frameLength(rest); length !== undefined; length = frameLength(rest)) {
      yield await unpack(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  }
  if (rest.length > 0) throw new Problem('CONFLICT', 'The backup ends in its middle.');
}

/** Small chunks joined: a frame that came in many would be put together anew with each. */
async function* inBatches(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    if (size < BATCH_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

async function unpack(frame: Buffer): Promise<Buffer> {
  try {
    return await decompress(frame);
  } catch (error) {
    throw new Problem('CONFLICT', 'The backup is damaged: it cannot be decompressed.', { cause: error });
  }
}

/** Bytes of the frame at the beginning; undefined: more must come. */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 6) return undefined;
  if (bytes.readUInt32LE(0) !== MAGIC)
    throw new Problem('CONFLICT', 'The backup is damaged, or not one of this gateway: it is not compressed as it should be.');
  const descriptor = bytes[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeFlag = descriptor >> 6;
  const contentSizeBytes = contentSizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << contentSizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
  for (let blocks = 1; ; blocks += 1) {
    if (blocks > MAX_BLOCKS || at > MAX_FRAME_BYTES)
      throw new Problem('LIMIT_EXCEEDED', 'The backup would unpack to more than it may: a part of it holds more than 4 MB.');
    if (bytes.length < at + 3) return undefined;
    const header = bytes.readUIntLE(at, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3 || size > MAX_BLOCK_BYTES) throw new Problem('CONFLICT', 'The backup is damaged: it is not compressed as it should be.');
    // A block of one repeated byte is stored as that byte.
    at += 3 + (type === 1 ? 1 : size);
    if ((header & 1) === 1) break;
  }
  if ((descriptor & 4) !== 0) at += 4;
  return bytes.length < at ? undefined : at;
}

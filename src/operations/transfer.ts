import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../problems.js';
import { Manifest } from './manifest.js';
import { TarScanner, type TarEntry, type TarLimits } from './tar-scan.js';

/** Milliseconds in which not one byte moves, after which a transfer counts as stalled. An engine may sync its disk at the end. */
export const STALL_MS = 120_000;
/** How far a transfer may run ahead of its bandwidth, in seconds. */
const BURST_SECONDS = 0.25;

/** What follows a transfer and may end it. */
export interface TransferControls {
  /** Its reason is thrown when it ends the transfer. */
  readonly signal: AbortSignal;
  readonly limits: TarLimits;
  /** Hears how many bytes of files have passed, from the beginning of this transfer. */
  readonly onProgress?: (contentBytes: number) => void;
  readonly onEntry?: (entry: TarEntry) => void;
  /** Awaited after each part of the archive. */
  readonly beforeNext?: () => Promise<void>;
  /** What the archive should hold; the path of the first entry that differs is told. */
  readonly expected?: Manifest | undefined;
  readonly onDifference?: (path: string) => void;
  readonly pace?: Pace | undefined;
}

/** Keeps all transfers of a gateway together within a number of bytes a second. */
export class Pace {
  private free = performance.now();

  constructor(private readonly bytesPerSecond: number) {}

  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.free = Math.max(this.free, now - BURST_SECONDS * 1000) + (bytes / this.bytesPerSecond) * 1000;
    if (this.free > now) await delay(this.free - now, undefined, { signal });
  }
}

/**
 * Carries a tar from its source to a sink, looked through on the way; without a sink it is only looked through. Only what
 * was found clean is passed on, and the sink learns of the end only when the tar's own end was seen. Settles with every
 * stream ended.
 * @throws {Problem} why the tar is refused, HOST_TIMEOUT when nothing moves, what source or sink fail with.
 */
export async function transfer(
  open: (signal: AbortSignal) => Promise<Readable>,
  sink: ((archive: Readable, signal: AbortSignal) => Promise<void>) | undefined,
  controls: TransferControls,
): Promise<Manifest> {
  const manifest = new Manifest();
  let differs = false;
  const scanner = new TarScanner(controls.limits, (entry) => {
    if (!manifest.add(entry, controls.expected) && !differs) {
      differs = true;
      controls.onDifference?.(entry.path);
    }
    controls.onEntry?.(entry);
  });
  const ending = new AbortController();
  const forward = () => {
    ending.abort(controls.signal.reason);
  };
  controls.signal.addEventListener('abort', forward, { once: true });
  if (controls.signal.aborted) forward();
  let movedAt = performance.now();
  const watchdog = setInterval(() => {
    if (performance.now() - movedAt > STALL_MS) ending.abort(new Problem('HOST_TIMEOUT', `Not one byte has moved for ${String(STALL_MS / 1000)} s.`));
  }, 1_000);
  let source: Readable | undefined;
  try {
    const opened = await open(ending.signal);
    source = opened;
    // Whoever reads it hears of it; between two readings nobody listens.
    opened.on('error', () => undefined);
    const abort = () => opened.destroy(asError(ending.signal.reason));
    ending.signal.addEventListener('abort', abort, { once: true });
    if (ending.signal.aborted) abort();
    const clean = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of opened) {
        const bytes = chunk as Buffer;
        movedAt = performance.now();
        scanner.push(bytes);
        controls.onProgress?.(scanner.contentBytes);
        await controls.beforeNext?.();
        if (controls.pace !== undefined) {
          // Waiting for one's turn is no stall.
          movedAt = Infinity;
          await controls.pace.take(bytes.length, ending.signal);
          movedAt = performance.now();
        }
        yield bytes;
        movedAt = performance.now();
      }
      scanner.end();
    };
    if (sink === undefined) for await (const _chunk of clean());
    else await pour(clean(), sink, ending);
    return manifest;
  } catch (error) {
    const why: unknown = ending.signal.reason;
    throw why instanceof Problem ? why : error;
  } finally {
    clearInterval(watchdog);
    controls.signal.removeEventListener('abort', forward);
    source?.destroy();
  }
}

async function pour(chunks: AsyncGenerator<Buffer>, sink: (archive: Readable, signal: AbortSignal) => Promise<void>, ending: AbortController): Promise<void> {
  let failure: unknown;
  const watched = async function* () {
    try {
      yield* chunks;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  const archive = Readable.from(watched(), { objectMode: false, highWaterMark: 1024 * 1024 });
  archive.on('error', () => undefined);
  try {
    await sink(archive, ending.signal);
    // A sink that has taken the end of the archive has taken all of it; one that answers earlier has not.
    if (!archive.readableEnded) throw new Problem('ENGINE_ERROR', 'What was to be written was not taken to its end.');
  } catch (error) {
    // What was wrong with the source is why the sink failed.
    throw failure ?? error;
  } finally {
    if (!archive.closed) {
      const closed = once(archive, 'close');
      archive.destroy();
      await closed;
    }
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('ended', { cause: reason });
}

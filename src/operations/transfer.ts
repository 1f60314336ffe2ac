import { once } from 'node:events';
import { ClientRequest } from 'node:http';
import { finished, Readable } from 'node:stream';
import { finished as finishedReading } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PassedMemory } from '../engine/archive-memory.js';
import { Problem } from '../problems.js';
import { Manifest } from './manifest.js';
import { TarScanner, type TarEntry, type TarLimits } from './tar-scan.js';

/** Milliseconds in which not one byte moves, after which a transfer counts as stalled. An engine may sync its disk at the end. */
export const STALL_MS = 120_000;
/** How far a transfer may run ahead of its bandwidth, in seconds. */
const BURST_SECONDS = 0.25;

/** Bytes of an archive that were looked through and wait to be taken. */
const AHEAD_BYTES = 512 * 1024;

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
    const { beforeNext, pace } = controls;
    const mayGoOn = (bytes: number): Promise<void> | undefined => {
      if (pace === undefined) return beforeNext?.();
      return (async () => {
        await beforeNext?.();
        // Waiting for one's turn is no stall.
        movedAt = Infinity;
        await pace.take(bytes, ending.signal);
        movedAt = performance.now();
      })();
    };
    const look = (part: Buffer): Promise<void> | undefined => {
      movedAt = performance.now();
      scanner.push(part);
      controls.onProgress?.(scanner.contentBytes);
      return mayGoOn(part.length);
    };
    const archive = new CleanArchive(opened, look, () => {
      scanner.end();
    });
    if (sink === undefined) await archive.lookThrough();
    else await pour(archive, sink, ending);
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

/** What was found clean of an archive. */
class CleanArchive extends Readable {
  /** What is wrong with the archive, or with reading it. */
  failure: unknown;
  /** Whether the last part may not be passed on yet. */
  private waiting = false;
  private ended = false;
  private readonly memory = new PassedMemory();

  /**
   * @param look throws for what is not clean; what it returns is awaited before the part is passed on.
   * @param finish is called at the end; throws when it came too early.
   */
  constructor(
    private readonly source: Readable,
    private readonly look: (part: Buffer) => Promise<void> | undefined,
    private readonly finish: () => void,
  ) {
    super({ highWaterMark: AHEAD_BYTES });
    finished(source, { writable: false }, (error) => {
      if (error !== undefined && error !== null) this.fail(error);
      else if (this.waiting) this.ended = true;
      else this.end();
    });
    source.pause();
    source.on('data', (part: Buffer) => {
      this.receive(part);
    });
  }

  /** Reads it to its end and passes nothing on. */
  async lookThrough(): Promise<void> {
    this.on('data', (part: Buffer) => {
      this.memory.pass(part);
      this.memory.giveBack();
    });
    try {
      await finishedReading(this);
    } catch (error) {
      throw this.failure ?? error;
    }
  }

  /** Gives back the memory of what an HTTP request has sent: what such a request says of itself is true of its socket, too. */
  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (destination instanceof ClientRequest) {
      this.on('data', (part: Buffer) => {
        this.memory.pass(part);
      });
      destination.on('drain', () => {
        if (destination.writableLength === 0) this.memory.giveBack();
      });
    }
    return super.pipe(destination, options);
  }

  override _read(): void {
    if (!this.waiting) this.source.resume();
  }

  private receive(part: Buffer): void {
    let wait: Promise<void> | undefined;
    try {
      wait = this.look(part);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (wait === undefined) {
      if (!this.push(part)) this.source.pause();
      return;
    }
    this.waiting = true;
    this.source.pause();
    wait.then(
      () => {
        this.waiting = false;
        if (this.destroyed) return;
        const more = this.push(part);
        if (this.ended) this.end();
        else if (more) this.source.resume();
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  private end(): void {
    try {
      this.finish();
      this.push(null);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.destroyed) return;
    this.failure = error;
    this.destroy(asError(error));
    this.source.destroy();
  }
}

async function pour(archive: CleanArchive, sink: (archive: Readable, signal: AbortSignal) => Promise<void>, ending: AbortController): Promise<void> {
  archive.on('error', () => undefined);
  try {
    await sink(archive, ending.signal);
    // A sink that has taken the end of the archive has taken all of it; one that answers earlier has not.
    if (!archive.readableEnded) throw new Problem('ENGINE_ERROR', 'What was to be written was not taken to its end.');
  } catch (error) {
    // What was wrong with the source is why the sink failed.
    throw archive.failure ?? error;
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

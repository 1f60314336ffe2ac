import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Problem } from '../problems.js';

/** Where backups lie. An object is there whole or not at all. What a store says is wrong with it is a {@link Problem}. */
export interface BackupStore {
  /** Writes an object; it appears under its name when it is whole and safe. */
  put(name: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void>;
  /** @throws {Problem} NOT_FOUND. */
  get(name: string, signal: AbortSignal): Promise<Readable>;
  /** Removes an object and what there is of an unfinished one. Nothing happens when there is none. */
  remove(name: string): Promise<void>;
  /** For people. */
  location(name: string): string;
}

/** A folder of the gateway's own machine. */
export class FolderStore implements BackupStore {
  constructor(private readonly folder: string) {}

  async put(name: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const file = this.file(name);
    const partial = `${file}.partial`;
    await this.explained(() => mkdir(path.dirname(file), { recursive: true, mode: 0o700 }));
    const handle = await this.explained(() => open(partial, 'w', 0o600));
    try {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        await this.explained(() => handle.writeFile(chunk));
      }
      await this.explained(() => handle.sync());
      await handle.close();
      await this.explained(() => rename(partial, file));
      await syncFolder(path.dirname(file));
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(partial, { force: true });
      throw error;
    }
  }

  async get(name: string, signal: AbortSignal): Promise<Readable> {
    const handle = await this.explained(() => open(this.file(name), 'r'), this.location(name));
    return createReadStream('', { fd: handle, signal, highWaterMark: 1024 * 1024 });
  }

  async remove(name: string): Promise<void> {
    await this.explained(() => rm(this.file(name), { force: true }));
    await this.explained(() => rm(`${this.file(name)}.partial`, { force: true }));
  }

  location(name: string): string {
    return `file://${this.file(name)}`;
  }

  private file(name: string): string {
    return path.join(this.folder, name);
  }

  /** `sought`: what is read, if anything is. */
  private async explained<T>(step: () => Promise<T>, sought?: string): Promise<T> {
    try {
      return await step();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      if (sought !== undefined && code === 'ENOENT') throw missing(sought);
      throw unusable(this.folder, `its folder cannot be ${sought === undefined ? 'written to' : 'read'}: ${code}`, error);
    }
  }
}

export function missing(location: string): Problem {
  return new Problem('NOT_FOUND', `The backup store has no ${location}.`);
}

/** What is wrong with a store, in words for people. It is none of the database's business, whatever the cause's code says. */
export function unusable(place: string, why: string, cause: unknown): Problem {
  return new Problem('CONFLICT', `The backup store ${place} cannot be used (${why}). Look at STOWAGE_BACKUPS.`, { cause });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

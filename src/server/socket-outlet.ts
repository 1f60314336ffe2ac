import type { Duplex } from 'node:stream';
import { Sender } from 'ws';
import type { Answer, Batch, Outlet } from '../graphql/live/batch.js';

/** Opcode of a text message (RFC 6455, 5.2). */
const TEXT = 1;

/** What an outlet needs of its connection. */
export interface WritableConnection {
  /** The stream below the WebSocket, on which whole frames may be written between those of `ws`. */
  readonly stream: Duplex;
  readonly isOpen: boolean;
  /** Ends the connection: more waits for it than it may. */
  endTooSlow(): void;
}

/**
 * Sends answers to one subscription of a WebSocket, as `next` messages of graphql-transport-ws. The frames of a batch are
 * built once for all ids of one length, and one write takes all of them: only the ids are put in for each subscriber.
 */
export class SocketOutlet implements Outlet {
  private readonly id: Buffer;

  constructor(
    private readonly connection: WritableConnection,
    id: string,
    private readonly maxWaitingBytes: number,
  ) {
    this.id = Buffer.from(JSON.stringify(id));
  }

  write(batch: Batch, from: number): void {
    const { connection, id } = this;
    if (!connection.isOpen) return;
    const { stream } = connection;
    if (stream.writableLength > this.maxWaitingBytes) {
      connection.endTooSlow();
      return;
    }
    const frames = batch.once(`ws ${String(id.length)} ${String(from)}`, () => buildFrames(batch.answers.slice(from), id.length));
    for (const place of frames.idPlaces) frames.bytes.set(id, place);
    stream.write(frames.bytes);
    // What the kernel took at once is free to be used again; else it is still to be read, and others need a copy.
    if (stream.writableLength > 0) frames.bytes = Buffer.from(frames.bytes);
  }

  get isDrained(): boolean {
    return this.connection.stream.writableLength === 0;
  }

  onceDrained(callback: () => void): void {
    // Always called, and only when all before it was handed to the kernel; with an error when the connection has ended.
    this.connection.stream.write('', () => {
      if (this.connection.isOpen) callback();
    });
  }
}

interface Frames {
  bytes: Buffer;
  /** Where the id of each frame stands. */
  readonly idPlaces: readonly number[];
}

/** Frames of answers, with room for an id of so many bytes, its quotes included. */
function buildFrames(answers: readonly Answer[], idLength: number): Frames {
  const parts: Buffer[] = [];
  const idPlaces: number[] = [];
  let length = 0;
  for (const { json } of answers) {
    const payload = Buffer.from(`{"id":${' '.repeat(idLength)},"type":"next","payload":${json}}`);
    const frame = Sender.frame(payload, { fin: true, opcode: TEXT, rsv1: false, mask: false, readOnly: true });
    for (const part of frame) {
      if (part === payload) idPlaces.push(length + ID_OFFSET);
      parts.push(part);
      length += part.length;
    }
  }
  return { bytes: Buffer.concat(parts, length), idPlaces };
}

const ID_OFFSET = '{"id":'.length;

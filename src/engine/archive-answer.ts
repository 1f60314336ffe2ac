import { once } from 'node:events';
import type { OnReadOpts, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { HTTPParser } from 'http-parser-js';
import { archiveMemory } from './archive-memory.js';

/** Bytes of an archive that are read ahead of who takes them. */
const AHEAD_BYTES = 512 * 1024;
/** Bytes that may come without one of the body among them: heads and lengths of chunks are short, and the parser keeps them. */
const MOST_FRAMING_BYTES = 1024 * 1024;

/** The head of an answer, with its body to come. */
export interface ArchiveAnswer {
  readonly status: number;
  /** The engine's clock, as the header Date has it; empty where there is none. */
  readonly date: string;
  readonly body: Readable;
}

/** The body of one answer, in parts that lie in {@link archiveMemory}. Ends its socket with itself. */
class ArchiveBody extends Readable {
  private full = false;

  constructor(private readonly socket: Socket) {
    super({ highWaterMark: AHEAD_BYTES });
  }

  /** Takes the next part. */
  receive(part: Buffer): void {
    if (!this.push(part)) this.full = true;
  }

  get wantsMore(): boolean {
    return !this.full;
  }

  override _read(): void {
    this.full = false;
    this.socket.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.socket.destroy();
    callback(error);
  }
}

/**
 * Asks for something large on a connection of its own and reads the answer into {@link archiveMemory}: Node's own client
 * copies each part of a body into new memory.
 * @param connect opens the connection, to be read as it is told.
 * @param path path and query, encoded.
 * @throws what the connection fails with; an AbortError when the signal aborts before the head is there.
 */
export async function askForArchive(connect: (onread: OnReadOpts) => Socket, path: string, signal: AbortSignal): Promise<ArchiveAnswer> {
  const parser = new HTTPParser('RESPONSE');
  const hear: { head?: (answer: ArchiveAnswer) => void } = {};
  const socket = connect({
    buffer: () => archiveMemory.take(),
    callback: (bytes, memory) => {
      framingBytes += bytes;
      const outcome = parser.execute(Buffer.from(memory.buffer, memory.byteOffset, bytes));
      // After the end the parser awaits another head, and counts all that it has just read as a part of that.
      if (outcome instanceof Error && !complete) body.destroy(outcome);
      if (framingBytes > MOST_FRAMING_BYTES) body.destroy(new Error('the answer is no HTTP'));
      return body.wantsMore;
    },
  });
  let complete = false;
  let framingBytes = 0;
  const body = new ArchiveBody(socket);
  // Whoever reads it hears of it; before that it is told below.
  body.on('error', () => undefined);
  parser[HTTPParser.kOnHeadersComplete] = ({ statusCode, headers }) => {
    const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'date');
    hear.head?.({ status: statusCode, date: headers[at + 1] ?? '', body });
  };
  parser[HTTPParser.kOnBody] = (chunk, offset, length) => {
    framingBytes = 0;
    if (!complete) body.receive(chunk.subarray(offset, offset + length));
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    if (!complete) body.push(null);
    complete = true;
  };
  socket.on('error', (error) => body.destroy(error));
  socket.on('close', () => {
    if (!complete && !body.destroyed) body.destroy(cut());
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n`);
  const head = new Promise<ArchiveAnswer>((resolve) => {
    hear.head = resolve;
  });
  const failed = once(body, 'close', { signal }).then(
    () => {
      throw body.errored ?? cut();
    },
    (error: unknown) => {
      body.destroy();
      throw error;
    },
  );
  failed.catch(() => undefined);
  return Promise.race([head, failed]);
}

/** What Node's own client says of an answer that is cut. */
function cut(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

import type { IncomingMessage } from 'node:http';
import { Problem } from '../problems.js';
import { readEvent, type EngineEvent } from './model.js';

/** A line longer than this is no event. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/**
 * Reads an event stream to its end, calling `onEvent` for each message at once and without ever waiting: a reader that
 * lags makes every call of that engine slow.
 *
 * Resolves at the clean end that was asked for with `until`.
 * @throws {Problem} HOST_UNREACHABLE when it is cut, or has not ended after `limitMs` (a half-open connection is silent).
 */
export async function readEventStream(stream: IncomingMessage, limitMs: number, onEvent: (event: EngineEvent) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    const fail = (words: string) => {
      reject(new Problem('HOST_UNREACHABLE', words));
      stream.destroy();
    };
    const timer = setTimeout(() => {
      fail('The event stream fell silent: the connection to the engine is half open.');
    }, limitMs);
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_CHARACTERS) fail('The event stream holds something that is no event.');
      for (const line of lines) {
        const event = line === '' ? undefined : readEvent(line);
        if (event !== undefined) onEvent(event);
      }
    });
    stream.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
    stream.once('close', () => {
      clearTimeout(timer);
      reject(new Problem('HOST_UNREACHABLE', 'The event stream of the engine was cut.'));
    });
  });
}

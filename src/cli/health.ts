import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { StowageError } from '../client/client.js';
import { readOwnUrl } from '../config.js';
import { Problem } from '../problems.js';
import type { Output } from './output.js';

/** Milliseconds for the whole answer: below the time that Docker gives the image's health check, so that a reason is shown. */
const LIMIT_MS = 2_500;

/**
 * Asks the gateway that these settings start, on this machine, whether it is ready.
 * @throws {Problem} UNAVAILABLE when it is not.
 * @throws {StowageError} UNAVAILABLE when no gateway answers.
 */
export async function health(environment: NodeJS.ProcessEnv, configFile: string | undefined, output: Output): Promise<void> {
  const url = readOwnUrl(environment, configFile);
  const { status, reasons = [] } = await askReadiness(url);
  if (status !== 'ok') throw new Problem('UNAVAILABLE', `The gateway at ${url} is not ready: ${reasons.join('; ')}.`);
  output.result({ ready: true, url }, `The gateway at ${url} is ready.`);
}

interface Readiness {
  readonly status: 'ok' | 'not ready';
  readonly reasons?: readonly string[];
}

async function askReadiness(url: string): Promise<Readiness> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  let body: string;
  try {
    body = await new Promise<string>((resolve, reject) => {
      const took = (response: http.IncomingMessage) => {
        text(response).then(resolve, reject);
      };
      // Its certificate is for the names that clients know, and nothing is told to it.
      const request = url.startsWith('https')
        ? https.get(`${url}/readyz`, { signal, rejectUnauthorized: false }, took)
        : http.get(`${url}/readyz`, { signal }, took);
      request.once('error', reject);
    });
  } catch (error) {
    const why = signal.aborted ? `nothing within ${String(LIMIT_MS)} ms` : error instanceof Error ? error.message.trim() : String(error);
    throw new StowageError('UNAVAILABLE', `No gateway answers at ${url}: ${why}`, { cause: error });
  }
  try {
    const readiness = JSON.parse(body) as Partial<Readiness> | null;
    if (readiness?.status === 'ok' || readiness?.status === 'not ready') return readiness as Readiness;
  } catch {
    // It is not a gateway's, as is said below.
  }
  throw new StowageError('UNAVAILABLE', `What answers at ${url} is no gateway of Stowage.`);
}

import http from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { makeTestFolder } from './test-folder.js';
import { dismantle } from './traces.js';

const VERSION = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', Os: 'linux', Arch: 'amd64' };
const INFO = {
  ID: 'RECORDING',
  Name: 'recording-engine',
  OSType: 'linux',
  Containers: 0,
  Images: 0,
  Plugins: { Volume: ['local'] },
  Swarm: { LocalNodeState: 'inactive' },
};

/** A server that writes down what it is asked. It proves which requests go out, and nothing about engines. */
export interface RecordingEngine {
  readonly socketPath: string;
  /** `unix://` and the socket path. */
  readonly endpoint: string;
  /** Every request so far, oldest first, as sent: `GET /v1.41/info HTTP/1.1`. */
  requestLines(): string[];
  /** Forgets the requests so far. */
  clear(): void;
  /** Ends all connections and removes the socket. */
  close(): Promise<void>;
}

/** Starts a server on a Unix socket that answers `/_ping`, `/version` and `/info`, with or without a version before them, and 404 to all else. */
export async function startRecordingEngine(): Promise<RecordingEngine> {
  const folder = await makeTestFolder('recording');
  const socketPath = path.join(folder, 'engine.sock');
  let lines: string[] = [];
  const server = http.createServer((request, response) => {
    lines.push(`${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`);
    request.resume();
    answer(request, response);
  });
  // What is no HTTP is recorded too: it went out.
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    const line = error.rawPacket?.toString('latin1').split('\r\n')[0];
    if (line !== undefined) lines.push(line);
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  server.on('connect', (request: http.IncomingMessage, socket: Socket) => {
    lines.push(`CONNECT ${request.url ?? ''} HTTP/${request.httpVersion}`);
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return {
    socketPath,
    endpoint: `unix://${socketPath}`,
    requestLines: () => [...lines],
    clear: () => {
      lines = [];
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await dismantle(folder);
    },
  };
}

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const target = (request.url ?? '').replace(/^\/v\d+\.\d+(?=\/)/, '').split('?')[0];
  const reading = request.method === 'GET' || request.method === 'HEAD';
  response.setHeader('Api-Version', VERSION.ApiVersion);
  if (reading && target === '/_ping') {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end('OK');
    return;
  }
  const body = !reading ? undefined : target === '/version' ? VERSION : target === '/info' ? INFO : undefined;
  response.statusCode = body === undefined ? 404 : 200;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body ?? { message: 'no such thing' }));
}

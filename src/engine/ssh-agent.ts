import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type LookupFunction, type Socket } from 'node:net';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { Client, type Algorithms, type ClientChannel } from 'ssh2';
import { Problem } from '../problems.js';
import type { Credentials, Endpoint } from './endpoint.js';
import { HostKeyCheck } from './host-key.js';

/** Command that the docker client runs over ssh, too: it joins the channel to the remote engine's socket. */
const DIAL_COMMAND = 'docker system dial-stdio';
/** Milliseconds until the handshake must be done. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Milliseconds between keep-alives, and how many may go unanswered: a dead link is found after 15 s. */
const KEEPALIVE_INTERVAL_MS = 5_000;
const KEEPALIVE_MISSES = 3;
/** Private keys that are tried when the host has none of its own, as OpenSSH does. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * An agent that runs HTTP requests as channels of one ssh connection; dockerode takes it as `agent`.
 *
 * dockerode's own ssh mode opens a connection for each request (sshd starts to refuse them at ten), accepts any
 * host key, and ends the process when a channel cannot be opened (apocas/dockerode#764).
 */
export class SshAgent extends Agent {
  private connection: Promise<Client> | undefined;
  private closed = false;

  constructor(
    private readonly endpoint: Extract<Endpoint, { kind: 'ssh' }>,
    private readonly credentials: Credentials['ssh'],
    /** What the host's name leads to. */
    private readonly lookup: LookupFunction,
    private readonly hostKey = new HostKeyCheck(undefined),
  ) {
    super({ keepAlive: true, scheduling: 'lifo' });
  }

  /** Called by node:http when it needs a socket; the channel is one. */
  override createConnection(_options: unknown, callback?: (error: Error | null, stream: Duplex) => void): null {
    this.openChannel().then(
      (channel) => callback?.(null, channel),
      // The callback's type asks for a stream even with an error.
      (error: unknown) => callback?.(error instanceof Error ? error : new Error(String(error)), undefined as unknown as Duplex),
    );
    return null;
  }

  override destroy(): void {
    this.closed = true;
    super.destroy();
    const connection = this.connection;
    this.connection = undefined;
    connection?.then((client) => client.end()).catch(() => undefined);
  }

  private async openChannel(): Promise<Duplex> {
    const client = await this.connect();
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.exec(DIAL_COMMAND, (error, stream) => {
        if (error === undefined) resolve(stream);
        else reject(error);
      });
    });
    let words = '';
    channel.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(0, 500)));
    channel.once('exit', (code: number | null) => {
      if (code !== 0 && code !== null) {
        channel.emit('error', new Problem('HOST_UNREACHABLE', `"${DIAL_COMMAND}" ended with code ${String(code)} on the host: ${words.trim()}`));
        channel.destroy();
      }
    });
    // node:http treats a connection as a net.Socket; these do nothing on a channel, whose connection has keep-alives of its own.
    return Object.assign(channel, {
      setKeepAlive: () => channel,
      setNoDelay: () => channel,
      setTimeout: () => channel,
      ref: () => channel,
      unref: () => channel,
    });
  }

  private connect(): Promise<Client> {
    this.connection ??= this.handshake().catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    return this.connection;
  }

  private async handshake(): Promise<Client> {
    const client = new Client();
    // That of an older connection must not forget the one that came after it, or nobody would end that.
    let own: Promise<Client> | undefined = undefined;
    const forget = () => {
      if (own !== undefined && this.connection === own) this.connection = undefined;
    };
    client.on('close', forget);
    // From the beginning: a refused handshake may be followed by a reset, and an error that nobody hears ends the process.
    client.on('error', forget);
    const { host, port } = this.endpoint;
    const key = this.credentials?.privateKey ?? (await readDefaultKey());
    const sock = await openSocket(host, port, this.lookup);
    const ready = once(client, 'ready');
    const { kinds } = this.hostKey;
    client.connect({
      sock,
      hostVerifier: (presented: Buffer) => this.hostKey.accepts(presented),
      // The library's types name the algorithms that it knows; any other has it refuse the connection.
      ...(kinds === undefined ? {} : { algorithms: { serverHostKey: [...kinds] as unknown as NonNullable<Algorithms['serverHostKey']> } }),
      username: this.endpoint.username ?? userInfo().username,
      readyTimeout: HANDSHAKE_TIMEOUT_MS,
      keepaliveInterval: KEEPALIVE_INTERVAL_MS,
      keepaliveCountMax: KEEPALIVE_MISSES,
      ...(key === undefined ? {} : { privateKey: key }),
      ...(this.credentials?.passphrase === undefined ? {} : { passphrase: this.credentials.passphrase }),
      ...(this.credentials?.privateKey === undefined && process.env['SSH_AUTH_SOCK'] !== undefined ? { agent: process.env['SSH_AUTH_SOCK'] } : {}),
    });
    try {
      await ready;
    } catch (error) {
      client.destroy();
      sock.destroy();
      throw this.hostKey.problem(`${host}:${String(port)}`) ?? error;
    }
    own = this.connection;
    // Errors after the handshake end every channel, and each request sees its own end.
    if (this.closed) client.end();
    return client;
  }
}

/** A socket that is connected. The library's own would look the name up by itself. */
async function openSocket(host: string, port: number, lookup: LookupFunction): Promise<Socket> {
  const socket = connect({ host, port, lookup, noDelay: true });
  socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => {
    socket.destroy(new Problem('HOST_TIMEOUT', 'The ssh server could not be reached in time.'));
  });
  try {
    await once(socket, 'connect');
    socket.setTimeout(0);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function readDefaultKey(): Promise<Buffer | undefined> {
  for (const name of DEFAULT_KEYS) {
    const key = await readFile(path.join(homedir(), '.ssh', name)).catch(() => undefined);
    if (key !== undefined) return key;
  }
  return undefined;
}

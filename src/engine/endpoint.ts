import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { badInput } from '../problems.js';
import { quote } from './names.js';

/** Where an engine is, from `unix:///run/docker.sock`, `tcp://host:2376` or `ssh://user@host`. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number; readonly username: string | undefined };

/** Keys that open an endpoint. They are stored sealed and shown to nobody. */
export interface Credentials {
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly ssh?: { readonly privateKey?: string; readonly passphrase?: string };
}

/** The engine's registered ports, with and without TLS. */
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;
const SSH_PORT = 22;

/**
 * Reads an endpoint. Every part is checked here, because dockerode fills an empty one from the environment and would
 * then act on another engine.
 * @throws {Problem} BAD_USER_INPUT saying what is wrong.
 */
export function parseEndpoint(text: string, credentials: Credentials = {}): Endpoint {
  if (text.startsWith('unix://')) return parseUnix(text);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badInput(`The endpoint ${quote(text)} is no URL. Use unix:///path, tcp://host:port or ssh://user@host.`);
  }
  if (url.protocol !== 'tcp:' && url.protocol !== 'ssh:') {
    throw badInput(`The endpoint ${quote(text)} has a scheme that is not supported. Use unix://, tcp:// or ssh://.`);
  }
  if (url.password !== '') throw badInput('The endpoint holds a password. Endpoints are shown to every user; give keys in tls or ssh.');
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    throw badInput(`The endpoint ${quote(text)} has something behind host and port.`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!/^[a-zA-Z0-9:._-]+$/.test(host)) throw badInput(`The endpoint ${quote(text)} has no valid host name.`);
  checkNumericHost(text, host);
  if (url.port === '0') throw badInput(`The endpoint ${quote(text)} has port 0.`);
  if (url.protocol === 'ssh:') {
    const username = readUsername(url.username);
    return { kind: 'ssh', host, port: url.port === '' ? SSH_PORT : Number(url.port), username: username === '' ? undefined : username };
  }
  if (url.username !== '') throw badInput(`The endpoint ${quote(text)} has a user name, which tcp:// does not take.`);
  const defaultPort = credentials.tls === undefined ? PLAIN_PORT : TLS_PORT;
  return { kind: 'tcp', host, port: url.port === '' ? defaultPort : Number(url.port) };
}

/**
 * Resolvers take numbers of many kinds for addresses (inet_aton(3): 2130706433, 0x7f.1, 0177.0.0.1), which people do not
 * read as such. A host that ends like one is an address in its one usual form, or none (as in the URL standard, 3.5).
 */
function checkNumericHost(text: string, host: string): void {
  const last = host.replace(/\.$/, '').split('.').at(-1) ?? '';
  if (!/^(\d+|0x[0-9a-f]*)$/i.test(last) || isIP(host) !== 0) return;
  throw badInput(`The endpoint ${quote(text)} has an address in an unusual form. Write it as four decimal numbers, such as 192.0.2.7.`);
}

function readUsername(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw badInput('The user name in the endpoint is not rightly encoded.');
  }
}

function parseUnix(text: string): Endpoint {
  const socketPath = text.slice('unix://'.length);
  if (!socketPath.startsWith('/') || socketPath.includes('\0')) {
    throw badInput(`The endpoint ${quote(text)} needs an absolute path, such as unix:///var/run/docker.sock.`);
  }
  return { kind: 'unix', socketPath };
}

/** The endpoint as it is stored and shown: normal form, never a secret. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix://${endpoint.socketPath}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  if (endpoint.kind === 'tcp') return `tcp://${host}:${String(endpoint.port)}`;
  const user = endpoint.username === undefined ? '' : `${encodeURIComponent(endpoint.username)}@`;
  const port = endpoint.port === SSH_PORT ? '' : `:${String(endpoint.port)}`;
  return `ssh://${user}${host}${port}`;
}

/**
 * Checks that credentials fit the endpoint and can be read at all, before they are stored.
 * @throws {Problem} BAD_USER_INPUT; the message never holds a part of a key.
 */
export function checkCredentials(endpoint: Endpoint, credentials: Credentials): void {
  if (credentials.tls !== undefined) {
    if (endpoint.kind !== 'tcp') throw badInput('tls is only for tcp:// endpoints.');
    const { ca, cert, key } = credentials.tls;
    if ((cert === undefined) !== (key === undefined)) throw badInput('tls needs cert and key together.');
    for (const [name, value] of Object.entries({ ca, cert, key })) {
      if (value !== undefined && !value.includes('-----BEGIN ')) throw badInput(`tls.${name} is not in PEM format.`);
    }
    try {
      // A context takes a CA that it cannot read without a word, and then trusts nobody.
      for (const certificate of [ca, cert]) if (certificate !== undefined) new X509Certificate(certificate);
      createSecureContext(credentials.tls);
    } catch {
      throw badInput('tls: ca, cert or key cannot be read, or cert and key do not belong together.');
    }
  }
  if (credentials.ssh !== undefined && endpoint.kind !== 'ssh') throw badInput('ssh is only for ssh:// endpoints.');
}

import net from 'node:net';
import { WebSocket } from 'ws';
import type { Chance } from '../harness/random.js';
import { makeBomb } from './bombs.js';
import type { Operation, OperationMaker } from './operations.js';

// What comes over the wire without being a request of any client: broken heads, bodies, encodings and messages.

/** Milliseconds in which an answer, or the end of a connection, must come. */
const ANSWER_LIMIT_MS = 30_000;
/** Milliseconds that a stream is listened to before it is left. */
const LISTENING_MS = 40;
/** Bytes of an answer that are looked at. */
const MAX_ANSWER = 4_000_000;

/** What came back, as text: all of it, heads included. */
export interface Answered {
  readonly text: string;
  /** Status of HTTP, or the code that a WebSocket was closed with; undefined: the connection was left, or ended without one. */
  readonly status: number | undefined;
}

/**
 * Sends bytes as they are and reads until the other side ends, or, for a stream of events, for a short while.
 * @param parts in how many writes.
 * @param saysAllMs after how many milliseconds without an answer it says that it has nothing more to send: what is not whole is
 * waited for by the gateway, up to its own limits.
 */
export function sendBytes(url: string, bytes: Buffer, parts = 1, saysAllMs = ANSWER_LIMIT_MS): Promise<Answered> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port: Number(port) });
    let text = '';
    let leaving: NodeJS.Timeout | undefined;
    const saying = setTimeout(() => socket.end(), saysAllMs);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${String(ANSWER_LIMIT_MS)} ms; so far: ${text.slice(0, 500)}`));
    }, ANSWER_LIMIT_MS);
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      if (text.length < MAX_ANSWER) text += String(chunk);
      const isStream = /^HTTP\/1\.1 (101|200)[^]*\r\n(content-type: text\/event-stream|upgrade: websocket)/i.test(text);
      if (isStream) leaving ??= setTimeout(() => socket.destroy(), LISTENING_MS);
    });
    // A reset is an answer, too.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const each of [timer, leaving, saying]) clearTimeout(each);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve({ text, status: status === undefined ? undefined : Number(status) });
    });
    socket.on('connect', () => {
      const length = Math.ceil(bytes.length / parts);
      for (let start = 0; start < bytes.length; start += length) socket.write(bytes.subarray(start, start + length));
    });
  });
}

/** An HTTP request as bytes. */
function request(method: string, path: string, headers: Readonly<Record<string, string>>, body: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(body);
  const all = { Host: 'localhost', Connection: 'close', 'Content-Length': String(bytes.length), ...headers };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'), bytes]);
}

/** A whole request with an operation, as a client sends it. */
export function operationBytes(authorization: Readonly<Record<string, string>>, operation: unknown, accept = 'application/json'): Buffer {
  return request('POST', '/graphql', { 'Content-Type': 'application/json', Accept: accept, ...authorization }, JSON.stringify(operation));
}

const BROKEN_UTF8 = [
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from([0xc3, 0x28]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf8, 0x88, 0x80, 0x80, 0x80]),
  Buffer.from([0xe2, 0x82]),
];

/** Bytes of a request that is wrong somewhere. */
export function brokenRequest(chance: Chance, maker: OperationMaker, authorization: Readonly<Record<string, string>>): Buffer {
  const json = { 'Content-Type': 'application/json', ...authorization };
  const post = (headers: Readonly<Record<string, string>>, body: Buffer | string) => request('POST', '/graphql', { ...json, ...headers }, body);
  const operation = () => JSON.stringify(maker.make(chance, 'query'));
  const cut = (text: string) => text.slice(0, chance.between(0, text.length - 1));
  const kinds: (() => Buffer)[] = [
    () => post({}, cut(operation())),
    () => post({}, `${operation()}}`),
    () => post({}, chance.oneOf(['', 'null', '1', '"x"', '[]', '[[]]', '{}', 'true', '[{"query":"{viewer{name}}"}]', '{"query":', '\0', '\ufeff{}'])),
    () => post({}, chance.oneOf(['{"query":1}', '{"query":null}', '{"query":{}}', '{"query":[]}', '{"query":"{viewer{name}}","variables":7}'])),
    () =>
      post(
        {},
        chance.oneOf([
          '{"query":"{viewer{name}}","operationName":{}}',
          '{"query":"{viewer{name}}","operationName":"x"}',
          '{"query":"{viewer{name}}","extensions":7}',
          '{"query":"{viewer{name}}","extensions":{"persistedQuery":7}}',
          '{"query":"{viewer{name}}","extensions":{"persistedQuery":{"version":1,"sha256Hash":[]}}}',
          '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}',
          '{"query":"{viewer{name}}","__proto__":{"admin":true}}',
          '{"__proto__":{"query":"{viewer{name}}"}}',
          '{"query":"{viewer{name}}","constructor":{"prototype":{"x":1}}}',
          '{"query":"query($x: JSON){viewer{name}}","variables":{"__proto__":{"x":1}}}',
        ]),
      ),
    () => post({}, Buffer.concat([Buffer.from('{"query":"{ host(name: \\"'), chance.oneOf(BROKEN_UTF8), Buffer.from('\\") { id } }"}')])),
    () => post({}, chance.oneOf(BROKEN_UTF8)),
    () => post({}, `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
    () => post({}, `{"query":"{viewer{name}}","variables":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`),
    () => post({}, JSON.stringify({ query: ' '.repeat(1_100_000) })),
    () =>
      post(
        {
          'Content-Type': chance.oneOf([
            'text/plain',
            'application/x-www-form-urlencoded',
            'multipart/form-data; boundary=x',
            'application/graphql',
            'application/json; charset=utf-16',
            'application/json;;;',
            'application/jsonx',
            '/',
            '',
            'x'.repeat(5_000),
          ]),
        },
        operation(),
      ),
    () => post({ 'Content-Encoding': chance.oneOf(['gzip', 'br', 'deflate', 'x']) }, operation()),
    () => post({ 'Content-Length': chance.oneOf(['-1', '0', '1', 'x', '999999999999', '10', '1, 2']) }, operation()),
    () => post({ 'Transfer-Encoding': 'chunked' }, 'zz\r\nnot a chunk\r\n'),
    () =>
      post(
        { Accept: chance.oneOf(['', '*/*', 'text/html', 'x/y', 'multipart/mixed', 'application/graphql-response+json', ';q=', 'text/event-stream']) },
        operation(),
      ),
    () =>
      request(
        chance.oneOf(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', 'PRI', 'get', 'X']),
        chance.oneOf(['/graphql', '/session', '/', '*', '/livez']),
        json,
        operation(),
      ),
    () =>
      request(
        'GET',
        `/graphql?${chance.oneOf([
          'query=%7Bviewer%7Bname%7D%7D',
          'query=%',
          'query=%ff%fe',
          'query=',
          'query=a&query=b',
          'variables=%7B&query=%7Bviewer%7Bname%7D%7D',
          'query=mutation%7BsyncHosts%7Bresults%7Berror%7Bcode%7D%7D%7D%7D',
          'extensions=%5B%5D&query=%7Bviewer%7Bname%7D%7D',
          `query=${'%7B'.repeat(3_000)}`,
          'query[]=x',
          'constructor=x&__proto__=y',
        ])}`,
        { 'apollo-require-preflight': '1', ...authorization },
      ),
    () =>
      request(
        'GET',
        chance.oneOf([
          '/%',
          '/%2e%2e/%2e%2e/etc/passwd',
          '/graphiql/../../package.json',
          '/graphiql/%00',
          `/${'a'.repeat(20_000)}`,
          '//',
          '/graphql/../session',
          '/ü',
          '/graphiql/assets/%2e%2e%2fx',
          'http://other.example/graphql',
          '/session?x=%',
        ]),
        authorization,
      ),
    () =>
      request(chance.oneOf(['GET', 'POST', 'DELETE']), '/session', {
        ...authorization,
        Cookie: chance.oneOf(['stowage=', 'stowage=%', 'stowage=AAAA', '__Host-stowage=x; stowage=y', ';;;=', `stowage=${'A'.repeat(6_000)}`, '=']),
      }),
    () =>
      post(
        {
          Authorization: chance.oneOf([
            '',
            'Bearer',
            'Bearer ',
            'Basic eDp5',
            `Bearer ${'x'.repeat(9_000)}`,
            'Bearer a b',
            'Bearer eyJhbGciOiJub25lIn0.e30.',
            'Session x',
          ]),
        },
        operation(),
      ),
    () =>
      request('GET', '/graphql', {
        ...authorization,
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Key': chance.oneOf(['', 'x', 'AAAAAAAAAAAAAAAAAAAAAA==']),
        'Sec-WebSocket-Version': chance.oneOf(['13', '8', 'x']),
      }),
    () =>
      Buffer.from(
        chance.oneOf([
          '\r\n\r\n',
          'GET\r\n\r\n',
          'GET / HTTP/9.9\r\n\r\n',
          'POST /graphql HTTP/1.1\r\n\r\n',
          '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
          `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5_000)}\r\n`,
          `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`,
        ]),
        'latin1',
      ),
    () => Buffer.concat([post({ Connection: 'keep-alive' }, operation()), post({}, operation())]),
    () => operationBytes(authorization, { query: makeBomb(chance).text }, 'text/event-stream'),
    () => operationBytes(authorization, maker.make(chance, 'subscription'), 'text/event-stream'),
    () =>
      post(
        { Accept: 'text/event-stream', 'Last-Event-ID': chance.oneOf(['', 'x', 'j0', 'j999999999', '\xff']) },
        JSON.stringify({ query: 'subscription { events { cursor } }' }),
      ),
  ];
  return chance.oneOf(kinds)();
}

/** A message on a WebSocket: text, or bytes. */
type Message = string | Buffer;

/** Messages of a client that has lost its mind, the sign-in mostly first. */
function messages(chance: Chance, maker: OperationMaker, secret: string | undefined): Message[] {
  const init = JSON.stringify({ type: 'connection_init', payload: secret === undefined ? {} : { authorization: `Bearer ${secret}` } });
  const subscribe = (payload: Operation | Readonly<Record<string, unknown>>, id: unknown = String(chance.between(1, 9))) =>
    JSON.stringify({ id, type: 'subscribe', payload });
  const orderly: (() => Message)[] = [
    () => subscribe(maker.make(chance, 'subscription')),
    () => subscribe(maker.make(chance, 'subscription')),
    () => subscribe(maker.make(chance, chance.oneOf(['query', 'mutation']))),
    () => subscribe({ query: makeBomb(chance).text }),
    () => JSON.stringify({ id: String(chance.between(1, 9)), type: 'complete' }),
    () => JSON.stringify({ type: chance.oneOf(['ping', 'pong']), payload: chance.oneOf<unknown>([null, {}, { a: 'b'.repeat(5_000) }]) }),
  ];
  const broken: (() => Message)[] = [
    () => init,
    () => subscribe({ query: 'subscription { events { cursor } }' }, chance.oneOf<unknown>([1, null, {}, '', 'x'.repeat(300), '__proto__'])),
    () => JSON.stringify({ id: '1', type: chance.oneOf(['next', 'error', 'start', 'stop', 'connection_ack', 'nothing', '__proto__']), payload: [] }),
    () => JSON.stringify({ type: chance.oneOf(['ping', 'pong']), payload: 7 }),
    () =>
      chance.oneOf([
        '',
        'null',
        '[]',
        '{',
        '7',
        '{}',
        '"x"',
        '{"type":7}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":"1","payload":7}',
      ]),
    () =>
      chance.oneOf([
        '{"type":"connection_init","payload":7}',
        '{"type":"connection_init","payload":{"authorization":{}}}',
        '{"type":"subscribe","id":"1","payload":{"query":{}}}',
      ]),
    () => '['.repeat(30_000),
    () => Buffer.from(init),
    () => chance.oneOf(BROKEN_UTF8),
    () => 'x'.repeat(chance.oneOf([70_000, 1_100_000])),
  ];
  const following = Array.from({ length: chance.between(1, 8) }, () => chance.oneOf(orderly)());
  if (chance.chance(0.5)) following.push(chance.oneOf(broken)());
  return chance.chance(0.8) ? [init, ...following] : following;
}

/** Opens a WebSocket, sends what makes no sense, and tells how it ended; whatever the gateway does not end is left after a while. */
export function talkNonsense(url: string, chance: Chance, maker: OperationMaker, secret: string | undefined): Promise<Answered> {
  const said = messages(chance, maker, secret);
  // Past ws itself, which would never send a frame like these.
  const rawFrames = chance.chance(0.15) ? [Buffer.from([0xff, 0xff, 0x00]), Buffer.from([0x81, 0x05, 0x61]), Buffer.from([0x89, 0xfe, 0xff, 0xff])] : [];
  const raw = rawFrames.length === 0 ? undefined : chance.oneOf(rawFrames);
  const vanishes = chance.chance(0.15);
  // What is sent before the sign-in was answered has the connection closed.
  const waits = chance.chance(0.85);
  const protocol = chance.chance(0.95) ? ['graphql-transport-ws'] : chance.oneOf([['graphql-ws'], []]);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol);
    let text = '';
    const timer = setTimeout(() => {
      socket.terminate();
      reject(new Error(`a WebSocket neither opened nor closed within ${String(ANSWER_LIMIT_MS)} ms; so far: ${text.slice(0, 500)}`));
    }, ANSWER_LIMIT_MS);
    const send = (some: readonly Message[]) => {
      for (const message of some) socket.send(message, { binary: typeof message !== 'string' && chance.chance(0.5) });
    };
    let isSaid = false;
    const sendRest = () => {
      if (isSaid || socket.readyState !== WebSocket.OPEN) return;
      isSaid = true;
      send(waits ? said.slice(1) : []);
      if (raw !== undefined) (socket as unknown as { _socket: net.Socket })._socket.write(raw);
      if (vanishes) socket.terminate();
      else
        setTimeout(() => {
          socket.close(1000);
        }, LISTENING_MS);
    };
    socket.on('message', (data: Buffer) => {
      if (waits) sendRest();
      if (text.length < MAX_ANSWER) text += `${data.toString()}\n`;
    });
    socket.on('error', () => undefined);
    socket.on('open', () => {
      send(waits ? said.slice(0, 1) : said);
      // One that is not answered: its first message was no sign-in.
      setTimeout(sendRest, waits ? 4 * LISTENING_MS : 0);
    });
    socket.on('close', (code, reason) => {
      clearTimeout(timer);
      resolve({ text: `${text}${reason.toString()}`, status: code });
    });
  });
}

import { problem } from '../harness/problem-matcher.js';
import { checkCredentials, formatEndpoint, parseEndpoint } from '../../src/engine/endpoint.js';

const TLS = { tls: {} };

test.each([
  ['unix:///var/run/docker.sock', { kind: 'unix', socketPath: '/var/run/docker.sock' }, 'unix:///var/run/docker.sock'],
  ['tcp://engine.example:2376', { kind: 'tcp', host: 'engine.example', port: 2376 }, 'tcp://engine.example:2376'],
  ['tcp://engine.example', { kind: 'tcp', host: 'engine.example', port: 2375 }, 'tcp://engine.example:2375'],
  ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375 }, 'tcp://[::1]:2375'],
  ['ssh://ada@engine.example', { kind: 'ssh', host: 'engine.example', port: 22, username: 'ada' }, 'ssh://ada@engine.example'],
  ['ssh://engine.example:2222', { kind: 'ssh', host: 'engine.example', port: 2222, username: undefined }, 'ssh://engine.example:2222'],
])('%s is understood, and has one form', (text, endpoint, normal) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
  expect(formatEndpoint(parseEndpoint(text))).toBe(normal);
  expect(formatEndpoint(parseEndpoint(normal))).toBe(normal);
});

test('tcp with keys has the port of TLS when none is given', () => {
  expect(parseEndpoint('tcp://engine.example', TLS)).toMatchObject({ port: 2376 });
});

test.each([
  [''],
  ['docker'],
  ['/var/run/docker.sock'],
  ['unix://'],
  ['unix://relative/path'],
  ['unix:///with\0null'],
  ['http://engine.example'],
  ['https://engine.example'],
  ['npipe:////./pipe/docker_engine'],
  ['file:///etc/passwd'],
  ['tcp://'],
  ['tcp://:2375'],
  ['tcp://engine.example:0'],
  ['tcp://engine.example:99999'],
  ['tcp://engine.example/path'],
  ['tcp://engine.example?x=1'],
  ['tcp://engine.example#x'],
  ['tcp://user@engine.example'],
  ['tcp://a b'],
  ['ssh://ada:secret@engine.example'],
  ['ssh://'],
  ['ssh://engine.example/run/docker.sock'],
])('%j is refused, so that no empty part is ever filled with another engine', (text) => {
  expect(() => parseEndpoint(text)).toThrow(problem('BAD_USER_INPUT'));
});

test('a password in an endpoint is not repeated in the refusal', () => {
  expect(() => parseEndpoint('ssh://ada:hunter2@engine.example')).toThrow(problem('BAD_USER_INPUT', 'hunter2'));
});

test.each([
  ['tls for a socket', 'unix:///x', { tls: { ca: 'x' } }],
  ['ssh keys for tcp', 'tcp://engine.example', { ssh: { privateKey: 'x' } }],
  ['a certificate without its key', 'tcp://engine.example', { tls: { cert: '-----BEGIN CERTIFICATE-----' } }],
  ['what is not in PEM format', 'tcp://engine.example', { tls: { ca: 'MIIB' } }],
  ['what looks like PEM and is none', 'tcp://engine.example', { tls: { ca: '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----' } }],
])('%s is refused, and the key is not repeated', (_what, endpoint, credentials) => {
  const check = () => {
    checkCredentials(parseEndpoint(endpoint, credentials), credentials);
  };
  expect(check).toThrow(problem('BAD_USER_INPUT', 'hunter2'));
});

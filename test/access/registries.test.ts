import type { Caller } from '../../src/access/caller.js';
import { registryOf, requireRegistry } from '../../src/access/registries.js';

const caller = (role: Caller['role']): Caller => ({ id: role, name: role, role, hosts: null });
const FORBIDDEN = expect.objectContaining({ code: 'FORBIDDEN' }) as Error;

test.each([
  ['busybox', 'docker.io'],
  ['busybox:1', 'docker.io'],
  ['team/app', 'docker.io'],
  ['team/app/part@sha256:00', 'docker.io'],
  ['docker.io/team/app', 'docker.io'],
  ['index.docker.io/team/app', 'docker.io'],
  ['Index.Docker.IO/team/app', 'docker.io'],
  ['ghcr.io/team/app:1', 'ghcr.io'],
  ['registry:5000/app', 'registry:5000'],
  ['REGISTRY/app', 'registry'],
  ['localhost/app', 'localhost'],
  ['127.0.0.1:80/latest/meta-data', '127.0.0.1:80'],
  ['169.254.169.254/latest/meta-data', '169.254.169.254'],
])('%s comes from %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

test('by default OPERATOR may have an engine pull from Docker Hub only, and ADMIN from any registry', () => {
  for (const image of ['busybox', 'docker.io/team/app']) requireRegistry(caller('OPERATOR'), undefined, image);
  for (const image of ['ghcr.io/team/app', '169.254.169.254/x']) {
    requireRegistry(caller('ADMIN'), undefined, image);
    expect(() => {
      requireRegistry(caller('OPERATOR'), undefined, image);
    }).toThrow(FORBIDDEN);
  }
});

test('a list of registries is for everybody, and may stand for any or none', () => {
  for (const role of ['OPERATOR', 'ADMIN'] as const) {
    requireRegistry(caller(role), ['ghcr.io'], 'ghcr.io/team/app');
    requireRegistry(caller(role), ['*'], 'registry:5000/app');
    requireRegistry(caller(role), ['Index.Docker.IO'], 'busybox');
    for (const [allowed, image] of [
      [['ghcr.io'], 'busybox'],
      [['ghcr.io'], 'ghcr.io.example/app'],
      [['ghcr.io'], 'ghcr.io:5000/app'],
      [[], 'busybox'],
    ] as const) {
      expect(() => {
        requireRegistry(caller(role), allowed, image);
      }).toThrow(FORBIDDEN);
    }
  }
});

import fc from 'fast-check';
import { Prisma } from '../../src/database/client.js';
import { beginningOf } from '../../src/database/text-index.js';
import { pathHasRisk } from '../../src/inventory/risk-conditions.js';
import { risksOfHostPath, risksOfWriters, type PathRisk } from '../../src/inventory/share-risks.js';
import { ownDatabase } from '../harness/own-database.js';

const server = ownDatabase();

test.each([
  ['/', ['ENGINE_SOCKET', 'SENSITIVE_PATH']],
  ['/var/run/docker.sock', ['ENGINE_SOCKET']],
  ['/run/docker.sock', ['ENGINE_SOCKET']],
  ['/run', ['ENGINE_SOCKET']],
  ['/var', ['ENGINE_SOCKET', 'SENSITIVE_PATH']],
  ['/var/lib', ['SENSITIVE_PATH']],
  ['/var/lib/docker', ['SENSITIVE_PATH']],
  ['/var/lib/docker/volumes/data/_data', ['SENSITIVE_PATH']],
  ['/var/lib/dockerish', []],
  ['/etc', ['SENSITIVE_PATH']],
  ['/etc/shadow', ['SENSITIVE_PATH']],
  ['/etc/localtime', []],
  ['/etc/ssl/certs/ca.pem', []],
  ['/etc/ssl', ['SENSITIVE_PATH']],
  ['/root/.ssh', ['SENSITIVE_PATH']],
  ['/proc', ['SENSITIVE_PATH']],
  ['/sys/fs/cgroup', ['SENSITIVE_PATH']],
  ['/srv/vault/keys', ['SENSITIVE_PATH']],
  ['/srv', ['SENSITIVE_PATH']],
  ['/srv/data', []],
  ['srv/vault', []],
  ['', []],
])('a bind mount of %j has the risks %j', (path, risks) => {
  expect(risksOfHostPath(path, ['/srv/vault/'])).toEqual(risks);
});

test('the database finds the same paths by a risk as are shown with it', async () => {
  const column = { path: Prisma.sql`p.path`, beginning: beginningOf(Prisma.sql`p.path`) };
  const component = fc.constantFrom(
    'x'.repeat(200),
    'var',
    'run',
    'lib',
    'docker',
    'docker.sock',
    'etc',
    'localtime',
    'hosts',
    'root',
    'proc',
    'srv',
    'vault',
    'a%b',
    'a_b',
  );
  const path = fc.array(component, { maxLength: 4 }).map((components) => `/${components.join('/')}`);
  await fc.assert(
    fc.asyncProperty(fc.array(path, { minLength: 1, maxLength: 40 }), fc.array(path, { maxLength: 2 }), async (paths, further) => {
      for (const risk of ['ENGINE_SOCKET', 'SENSITIVE_PATH'] satisfies PathRisk[]) {
        const rows = await server.database.$queryRaw<{ found: boolean }[]>(
          Prisma.sql`select ${pathHasRisk(column, risk, further)} as found from unnest(${paths}::text[]) with ordinality as p(path, place) order by place`,
        );
        expect(rows.map(({ found }) => found)).toEqual(paths.map((each) => risksOfHostPath(each, further).includes(risk)));
      }
    }),
  );
});

describe('several writers', () => {
  const member = (containerId: string, path: string[], readOnly = false, hostId = 'h') => ({ containerId, hostId, readOnly, path });

  test.each([
    ['at one place', [member('a', []), member('b', [])], ['MULTIPLE_WRITERS']],
    ['at the whole and at a part', [member('a', []), member('b', ['x'])], ['MULTIPLE_WRITERS']],
    ['at two parts', [member('a', [], true), member('b', ['x']), member('c', ['y'])], []],
    ['of which one only reads', [member('a', []), member('b', [], true)], []],
    ['of one container', [member('a', []), member('a', [])], []],
    ['of two hosts', [member('a', []), member('b', [], false, 'g')], ['MULTIPLE_WRITERS', 'CROSS_HOST_WRITERS']],
  ])('%s', (_what, members, risks) => {
    expect(risksOfWriters(members, 0)).toEqual(risks);
  });
});

import fc from 'fast-check';
import type { Caller } from '../../src/access/caller.js';
import { reachOfVolume, requireBind, requireVolumeCreation, requireVolumeUse } from '../../src/access/host-paths.js';

const caller = (role: Caller['role']): Caller => ({ id: role, name: role, role, hosts: null });
const local = (options: Record<string, string>) => ({ name: 'some', driver: 'local', options });
const FORBIDDEN = expect.objectContaining({ code: 'FORBIDDEN' }) as Error;

/** Options by which a volume of the `local` driver reaches the host, each with what it reaches. */
const REACHING: readonly [Record<string, string>, string[]][] = [
  [{ type: 'none', o: 'bind', device: '/etc' }, ['/etc']],
  [{ type: 'none', o: 'rbind', device: '/etc' }, ['/etc']],
  [{ type: 'none', o: 'rbind,ro', device: '/' }, ['/']],
  [{ o: 'bind', device: '/etc' }, ['/etc']],
  [{ o: ' bind ', device: '/etc' }, ['/etc']],
  [{ o: 'BIND', device: '/etc' }, ['/etc']],
  [{ type: 'tmpfs', o: 'bind', device: '/etc' }, ['/etc']],
  [{ type: 'tmpfs', o: 'size=1m,bind', device: '/etc' }, ['/etc']],
  [{ type: 'nfs', o: 'addr=nas,bind', device: '/etc' }, ['/etc']],
  [{ type: 'nfs4', o: 'remount', device: '/etc' }, ['/etc']],
  [{ type: 'none', o: 'bind', device: '/x/../etc' }, ['/etc']],
  [{ type: 'none', o: 'bind', device: '//etc/./shadow' }, ['/etc/shadow']],
  [{ type: 'none', o: 'bind', device: '/../../..' }, ['/']],
  [{ type: 'none', o: 'bind', device: '/var/run/docker.sock' }, ['/var/run/docker.sock']],
  [{ type: 'none', o: 'bind', device: 'etc' }, ['/']],
  [{ type: 'none', o: 'bind', device: '../etc' }, ['/']],
  [{ type: 'none', o: 'bind' }, ['/']],
  [{ type: 'overlay', o: 'lowerdir=/etc:/root', device: 'overlay' }, ['/etc', '/root']],
  [{ type: 'overlay', o: 'lowerdir=/a,upperdir=/srv/b,workdir=/srv/c', device: 'overlay' }, ['/a', '/srv/b', '/srv/c']],
  [{ type: 'overlay', o: 'lowerdir=/srv/a\\:/etc', device: 'overlay' }, ['/']],
  [{ type: 'proc', device: 'proc' }, ['/']],
  [{ type: 'sysfs', device: 'sysfs' }, ['/']],
  [{ type: 'devtmpfs', device: 'x' }, ['/']],
  [{ type: 'ext4', device: '/dev/sda1' }, ['/dev/sda1']],
  [{ type: 'ext4', device: '/srv/../dev/sda1' }, ['/dev/sda1']],
  [{ type: 'TMPFS', device: 'x' }, ['/']],
  [{ type: '"tmpfs"', device: 'x' }, ['/']],
  [{ type: ' tmpfs', device: 'x' }, ['/']],
  [{ type: 'tmpfs', o: 'unknown' }, ['/']],
  [{ device: '/etc' }, ['/etc']],
  [{ device: 'x' }, ['/']],
  [{ o: 'x' }, ['/']],
  [{ mountpoint: '/etc' }, ['/']],
  [{ Type: 'none', type: 'tmpfs' }, ['/']],
];

test.each(REACHING)('a local volume with %p reaches paths of the host', (options, paths) => {
  expect(reachOfVolume(local(options))).toEqual({ kind: 'HOST', paths });
  for (const decide of [requireVolumeUse, requireVolumeCreation]) {
    for (const role of ['VIEWER', 'OPERATOR'] as const) {
      expect(() => {
        decide(caller(role), undefined, local(options));
      }).toThrow(FORBIDDEN);
    }
    decide(caller('ADMIN'), undefined, local(options));
    expect(() => {
      decide(caller('ADMIN'), ['/srv/data'], local(options));
    }).toThrow(FORBIDDEN);
  }
});

test.each([
  [{}],
  [{ size: '10g' }],
  [{ type: 'tmpfs', device: 'tmpfs' }],
  [{ type: 'tmpfs', device: '/etc' }],
  [{ type: 'tmpfs', device: 'tmpfs', o: 'size=100m,uid=1000,mode=0700,nosuid' }],
  [{ type: '', o: '', device: '' }],
])('a local volume with %p is open to OPERATOR', (options) => {
  expect(reachOfVolume(local(options))).toEqual({ kind: 'OWN' });
  requireVolumeCreation(caller('OPERATOR'), [], local(options));
  requireVolumeUse(caller('OPERATOR'), [], local(options));
});

test.each([
  [{ type: 'nfs', o: 'addr=nas.example,rw', device: ':/export' }],
  [{ type: 'nfs4', device: 'nas.example:/export' }],
  [{ type: 'cifs', o: 'username=me,password=x', device: '//nas/media' }],
])('a local volume with %p is made by ADMIN only, and then open to OPERATOR', (options) => {
  expect(() => {
    requireVolumeCreation(caller('OPERATOR'), undefined, local(options));
  }).toThrow(FORBIDDEN);
  requireVolumeCreation(caller('ADMIN'), [], local(options));
  requireVolumeUse(caller('OPERATOR'), [], local(options));
});

test('an absolute path among the options of another driver is one of the host', () => {
  const plugin = (options: Record<string, string>) => ({ name: 'some', driver: 'local-persist', options });
  expect(reachOfVolume(plugin({ mountpoint: '/srv/../etc' }))).toEqual({ kind: 'HOST', paths: ['/etc'] });
  expect(reachOfVolume(plugin({ size: '10', share: 'nas:/export', url: 'ssh://nas/x' }))).toEqual({ kind: 'OWN' });
});

describe('the list of allowed host paths', () => {
  const bind = (allowed: readonly string[] | undefined, source: string, role: Caller['role'] = 'ADMIN') => {
    requireBind(caller(role), allowed, source);
  };

  test.each(['/srv/data', '/srv/data/', '/srv/data/x/y', '/srv//./data/x', '/srv/other/../data'])('lets ADMIN have %p, and nobody else', (source) => {
    bind(['/mnt', '/srv/data/'], source);
    expect(() => {
      bind(['/mnt', '/srv/data/'], source, 'OPERATOR');
    }).toThrow(FORBIDDEN);
  });

  test.each(['/', '/srv', '/srv/data2', '/srv/dat', '/srv/data/..', '/srv/data/../../etc', '/srv/data/x/../../../run/docker.sock', 'srv/data', ''])(
    'keeps %p even from ADMIN',
    (source) => {
      expect(() => {
        bind(['/srv/data'], source);
      }).toThrow(FORBIDDEN);
    },
  );

  test('that is empty keeps everything from everyone; that is not set leaves everything to ADMIN', () => {
    expect(() => {
      bind([], '/srv/data');
    }).toThrow(FORBIDDEN);
    bind(undefined, '/etc');
  });

  test('holds for all paths of a volume, and never lets one out by any spelling', () => {
    const part = fc.constantFrom('srv', 'data', 'etc', '..', '.', '', 'x');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const device = `/${parts.join('/')}`;
        // What the kernel makes of it, where no links are in the way.
        const real = new URL(`file://${encodeURI(device.replace(/\/+/g, '/'))}`).pathname;
        const inside = real === '/srv/data' || real.startsWith('/srv/data/');
        const use = () => {
          requireVolumeUse(caller('ADMIN'), ['/srv/data'], local({ type: 'none', o: 'bind', device }));
        };
        if (inside) use();
        else expect(use).toThrow(FORBIDDEN);
      }),
      { numRuns: 500 },
    );
  });
});

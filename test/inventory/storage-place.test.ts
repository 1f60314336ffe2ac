import fc from 'fast-check';
import type { VolumeFacts } from '../../src/inventory/picture.js';
import { formatPlace, hostPlace, isWithin, pathComponents, spaceKey, storageBehind, type StoragePlace } from '../../src/inventory/storage-place.js';
import { volumeFacts } from './engine-states.js';

const HOST = 'host-1';

/** Whether two places have storage in common. */
const overlap = (a: StoragePlace, b: StoragePlace) => spaceKey(a.space) === spaceKey(b.space) && (isWithin(a.path, b.path) || isWithin(b.path, a.path));

const local = (type: string, o: string, device: string): VolumeFacts => volumeFacts('volume', { options: { type, o, device } });
const identity = (volume: VolumeFacts, host = HOST) => {
  const place = storageBehind(volume, host);
  return place === undefined ? undefined : `${place.space.kind} ${formatPlace(place)}`;
};

/** Spellings seen in the wild, and the one identity that each has. */
const NFS: readonly [type: string, o: string, device: string, identity: string][] = [
  ['nfs', 'addr=nas.example,rw', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'rw,addr=nas.example', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example,rw,nfsvers=4', ':/export/media/', 'nfs nas.example:/export/media'],
  ['nfs', 'nfsvers=4.1,addr=nas.example,soft,timeo=180', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'vers=3,nolock,addr=nas.example', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs4', 'addr=nas.example', ':/export/media', 'nfs nas.example:/export/media'],
  ['NFS', 'addr=nas.example', ':/export/media', 'nfs nas.example:/export/media'],
  [' nfs ', ' addr=nas.example , rw ', ' :/export/media ', 'nfs nas.example:/export/media'],
  ['nfs', '', 'nas.example:/export/media/', 'nfs nas.example:/export/media'],
  ['nfs', 'rw', 'nas.example:/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=NAS.Example', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example.', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', '', 'NAS.EXAMPLE.:/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'ADDR=nas.example', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', '"addr=nas.example,rw"', '":/export/media"', 'nfs nas.example:/export/media'],
  ["'nfs'", "'addr=nas.example,rw'", "':/export/media'", 'nfs nas.example:/export/media'],
  ['nfs', 'addr="nas.example",rw', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=other,addr=nas.example', ':/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example', 'other.example:/export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example', ':/export//media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example', ':/export/./media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example', ':/export/other/../media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example,', ':///export/media', 'nfs nas.example:/export/media'],
  ['nfs', 'addr=nas.example', ':/', 'nfs nas.example:/'],
  ['nfs', 'addr=nas.example', ':/Export/Media', 'nfs nas.example:/Export/Media'],
  ['nfs', 'addr=nas.example', ':/export/with space', 'nfs nas.example:/export/with space'],
  ['nfs', 'addr=nas.example', ':/export/a:b', 'nfs nas.example:/export/a:b'],
  ['nfs', 'addr=192.168.1.5,rw', ':/export', 'nfs 192.168.1.5:/export'],
  ['nfs', '', '192.168.1.5:/export', 'nfs 192.168.1.5:/export'],
  ['nfs', 'addr=2001:db8::1', ':/export', 'nfs [2001:db8::1]:/export'],
  ['nfs', 'addr=[2001:db8::1]', ':/export', 'nfs [2001:db8::1]:/export'],
  ['nfs', 'addr=2001:0DB8:0:0:0:0:0:1', ':/export', 'nfs [2001:db8::1]:/export'],
  ['nfs', '', '[2001:DB8::1]:/export', 'nfs [2001:db8::1]:/export'],
  ['nfs', 'addr=fe80::1%eth0', ':/export', 'nfs [fe80::1%eth0]:/export'],
];

const CIFS: readonly [type: string, o: string, device: string, identity: string][] = [
  ['cifs', 'username=me,password=x', '//nas/media', 'cifs //nas/media'],
  ['cifs', 'username=me', '//NAS/Media', 'cifs //nas/media'],
  ['cifs', 'username=me', '//nas/media/', 'cifs //nas/media'],
  ['cifs', 'username=me', '//nas//media', 'cifs //nas/media'],
  ['cifs', 'username=me', '\\\\nas\\media', 'cifs //nas/media'],
  ['cifs', 'addr=192.168.1.5,username=me', '//nas/media', 'cifs //nas/media'],
  ['CIFS', 'vers=3.0,uid=1000', '//nas/media', 'cifs //nas/media'],
  ['smb3', 'username=me', '//nas/media', 'cifs //nas/media'],
  ['cifs', 'password=a=b,c', '"//nas/media"', 'cifs //nas/media'],
  ['cifs', 'username=me', '//nas.example./Media/Films', 'cifs //nas.example/media/films'],
  ['cifs', 'username=me', '//192.168.1.5/media', 'cifs //192.168.1.5/media'],
];

const BINDS: readonly [type: string, o: string, device: string, identity: string][] = [
  ['none', 'bind', '/srv/x', 'host /srv/x'],
  ['none', 'rbind', '/srv/x', 'host /srv/x'],
  ['none', 'bind,ro', '/srv/x/', 'host /srv/x'],
  ['none', 'rw,bind', '//srv/./x', 'host /srv/x'],
  ['', 'bind', '/srv/y/../x', 'host /srv/x'],
  ['bind', 'bind', '/srv/x', 'host /srv/x'],
  ['none', '"bind"', '"/srv/x"', 'host /srv/x'],
  ['none', 'bind', '/', 'host /'],
  ['none', 'bind', '/../..', 'host /'],
];

/** What is no path, no export or no list of options is kept as it is, and shares with nothing. */
const NOTHING: readonly [type: string, o: string, device: string][] = [
  ['', '', ''],
  ['none', 'bind', ''],
  ['none', 'bind', 'srv/x'],
  ['none', 'bind', '~/x'],
  ['none', 'ro', '/srv/x'],
  ['tmpfs', 'size=100m', 'tmpfs'],
  ['ext4', '', '/dev/sdb1'],
  ['nfs', '', '/export/media'],
  ['nfs', '', ':/export/media'],
  ['nfs', 'addr=', ':/export/media'],
  ['nfs', 'addr=nas.example', 'export'],
  ['nfs', 'addr=nas.example', ''],
  ['nfs', 'addr=nas/example', ':/export'],
  ['nfs', 'addr=a b', ':/export'],
  ['cifs', 'username=me', '/nas/media'],
  ['cifs', 'username=me', '//nas'],
  ['cifs', 'username=me', '//nas/'],
  ['cifs', 'username=me', '///media'],
  ['overlay', 'lowerdir=/etc', 'overlay'],
  ['"', '=,=,,', '\\'],
  // Longer than the kernel takes it: what is made of each of its parts must not grow without bounds.
  ['nfs', 'addr=nas.example', `:${'/a'.repeat(2_048)}`],
  ['none', 'bind', `/${'ü'.repeat(2_048)}`],
  ['cifs', 'username=me', `//nas/${'a'.repeat(4_096)}`],
];

describe('the storage behind a volume of the local driver', () => {
  test.each([...NFS, ...CIFS, ...BINDS])('type %j, o %j, device %j is %s', (type, o, device, expected) => {
    expect(identity(local(type, o, device))).toBe(expected);
  });

  test.each(NOTHING)('type %j, o %j, device %j is its own only', (type, o, device) => {
    expect(identity(local(type, o, device))).toBeUndefined();
  });

  test('never fails, whatever its options are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constantFrom('type', 'o', 'device', 'O'), fc.string()), fc.string({ unit: 'binary' })), (options) => {
        const place = storageBehind(volumeFacts('volume', { options }), HOST);
        if (place !== undefined) expect(place.path.every((component) => component !== '' && component !== '.' && component !== '..')).toBe(true);
      }),
    );
  });
});

test('a volume of a driver with scope global is one on all hosts, and one with scope local is not', () => {
  const global = volumeFacts('data', { driver: 'ceph', scope: 'global' });
  expect(storageBehind(global, 'host-1')).toEqual(storageBehind(global, 'host-2'));
  expect(identity(global)).toBe('driver data');
  expect(identity({ ...global, driver: 'other' })).toBe('driver data');
  expect(overlap(storageBehind(global, HOST) as StoragePlace, storageBehind({ ...global, driver: 'other' }, HOST) as StoragePlace)).toBe(false);
  expect(storageBehind(volumeFacts('data', { driver: 'ceph', scope: 'local' }), HOST)).toBeUndefined();
});

describe('paths', () => {
  test.each([
    ['/srv', '/srv/app/data', true],
    ['/srv/', '//srv', true],
    ['/', '/anything', true],
    ['/srv/a', '/srv/ab', false],
    ['/srv/a', '/srv/b', false],
    ['/srv/a/../b', '/srv/b/c', true],
    ['/srv', '/SRV', false],
  ])('%s and %s have storage in common: %s', (a, b, expected) => {
    expect(overlap(hostPlace(a, HOST) as StoragePlace, hostPlace(b, HOST) as StoragePlace)).toBe(expected);
    expect(overlap(hostPlace(b, HOST) as StoragePlace, hostPlace(a, HOST) as StoragePlace)).toBe(expected);
    expect(overlap(hostPlace(a, HOST) as StoragePlace, hostPlace(a, 'host-2') as StoragePlace)).toBe(false);
  });

  test.each(['', 'srv', './srv', 'C:\\data', '\\\\.\\pipe\\docker_engine'])('%j is none', (path) => {
    expect(hostPlace(path, HOST)).toBeUndefined();
  });

  test('are the same however often they are cleaned, and lie within what they begin with', () => {
    const path = fc.array(fc.constantFrom('srv', 'a', 'ab', '.', '..', '', 'with space'), { maxLength: 8 }).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(path, path, (a, b) => {
        const [cleanA, cleanB] = [pathComponents(a) ?? [], pathComponents(b) ?? []];
        expect(pathComponents(`/${cleanA.join('/')}`)).toEqual(cleanA);
        expect(isWithin([...cleanA, ...cleanB], cleanA)).toBe(true);
        expect(isWithin(cleanA, cleanB) && isWithin(cleanB, cleanA)).toBe(cleanA.join('/') === cleanB.join('/'));
      }),
    );
  });
});

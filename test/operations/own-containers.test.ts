import { idInMounts } from '../../src/operations/own-containers.js';

const ID = '4b0a9d5e'.repeat(8);
const OTHER = '00c1ffee'.repeat(8);

describe('the container that a process runs in', () => {
  test.each([
    ['Docker', `612 590 254:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`],
    ['Docker with its data on a disk of its own', `612 590 254:1 /containers/${ID}/resolv.conf /etc/resolv.conf rw - ext4 /dev/vdb rw`],
    ['Podman', `612 590 0:24 /containers/overlay-containers/${ID}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw`],
  ])('is told by what %s mounts into it', (_engine, line) => {
    const first = '590 480 0:50 / / rw,relatime master:1 - overlay overlay rw';
    expect(idInMounts(`${first}\n${line}\n`)).toBe(ID);
  });

  test('is none where mounts for containers are seen from outside, or files of that name are of something else', () => {
    const outside = `100 28 0:60 / /var/lib/docker/containers/${OTHER}/mounts/shm rw - tmpfs shm rw`;
    const layer = `101 28 0:61 / /var/lib/docker/overlay2/${OTHER}/merged rw - overlay overlay rw`;
    const bound = '102 28 254:1 /srv/hosts /etc/hosts rw - ext4 /dev/vda1 rw';
    const longer = `103 28 254:1 /srv/${OTHER}ff/hostname /etc/hostname rw - ext4 /dev/vda1 rw`;
    expect(idInMounts([outside, layer, bound, longer].join('\n'))).toBeUndefined();
    expect(idInMounts('')).toBeUndefined();
  });
});

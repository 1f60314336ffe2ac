import type { ContainerFacts, KnownContainer, MountFacts, MountOrigin } from './picture.js';

/** How a mount came to its container. The engine does not say; it follows from how the container was asked for. */
export function originOf(mount: MountFacts, facts: ContainerFacts, donors: readonly KnownContainer[], hasOtherUsers: boolean): MountOrigin {
  if (facts.declaredDestinations.has(mount.destination)) return 'DECLARED';
  if (facts.volumesFrom.length > 0) {
    const taken = donors.some((donor) =>
      donor.mounts.some(
        (other) =>
          other.destination === mount.destination &&
          (mount.volumeName === null ? other.volumeName === null && other.source === mount.source : other.volumeName === mount.volumeName),
      ),
    );
    // A bind mount that nobody declared has no other way to come; nor has a volume that others have already.
    if (taken || mount.type === 'BIND' || (donors.length < facts.volumesFrom.length && hasOtherUsers)) return 'VOLUMES_FROM';
  }
  return mount.volumeName === null ? 'DECLARED' : 'ANONYMOUS';
}

import { Problem } from '../problems.js';
import type { Caller } from './caller.js';

/** Where images without a registry in their name come from, and the one that OPERATOR may have engines pull from by default. */
const DOCKER_HUB = 'docker.io';
const NAMES_OF_DOCKER_HUB = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io']);
/** An entry of the setting that stands for every registry. */
const ANY_REGISTRY = '*';

/** The registry that an engine asks for an image: a first part with a dot, a colon or a capital, or `localhost` (distribution/reference). */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  if (first === '' || !(/[.:A-Z]/.test(first) || first === 'localhost')) return DOCKER_HUB;
  return canonicalRegistry(first);
}

/** A registry's name in one spelling. */
function canonicalRegistry(name: string): string {
  const lower = name.toLowerCase();
  return NAMES_OF_DOCKER_HUB.has(lower) ? DOCKER_HUB : lower;
}

/**
 * For a pull: the engine connects to whatever the image's name says, from inside of its network.
 * @param allowed registries that images may come from; undefined: Docker Hub, and any for ADMIN.
 * @throws {Problem} FORBIDDEN.
 */
export function requireRegistry(caller: Caller, allowed: readonly string[] | undefined, image: string): void {
  const registry = registryOf(image);
  if (allowed === undefined) {
    if (registry === DOCKER_HUB || caller.role === 'ADMIN') return;
    const what = `To have an engine pull from the registry ${JSON.stringify(registry)} needs the role ADMIN, and "${caller.name}" has ${caller.role}`;
    throw new Problem('FORBIDDEN', `${what}. Pull the image on the host first, or name the registry in STOWAGE_ALLOWED_REGISTRIES.`);
  }
  if (allowed.includes(ANY_REGISTRY) || allowed.some((name) => canonicalRegistry(name) === registry)) return;
  throw new Problem(
    'FORBIDDEN',
    `The registry ${JSON.stringify(registry)} is not among those that STOWAGE_ALLOWED_REGISTRIES allows. Pull the image on the host first.`,
  );
}

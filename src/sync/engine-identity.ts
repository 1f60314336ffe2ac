import type { Engine } from '../engine/engine.js';
import { Problem } from '../problems.js';

/** What the engine of a host told of itself when it was last ONLINE. */
export interface KnownEngine {
  readonly id: string;
  readonly name?: string | undefined;
}

/**
 * Makes sure that it is the host's engine that answers, and not another machine's: a socket path leads to another engine on
 * each gateway's machine, and an address may be given to another machine. Its volumes would make all of the host's look
 * removed, and a change would be made there. Clones share an engine's id, a new installation and Podman bring another one,
 * so the machine's name has to differ, too. Closes an engine that it refuses.
 * @throws {Problem} HOST_UNREACHABLE.
 */
export function refuseAnotherEngine(known: KnownEngine | undefined, engine: Engine): void {
  const { info } = engine;
  if (known?.name === undefined || info.name === undefined || known.id === info.id || known.name === info.name) return;
  engine.close();
  throw new Problem(
    'HOST_UNREACHABLE',
    `Another engine answers at this endpoint: that of ${info.name} in place of ${known.name}. Nothing was changed. If this is right, give the host its endpoint anew with updateHost.`,
  );
}

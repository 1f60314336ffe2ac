import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { IMAGE, VOLUME_IMAGE, type TestEngine } from '../harness/engines.js';
import type { Chance } from '../harness/random.js';

/** Names are few, so that they come again and again. */
const VOLUME_NAMES = Array.from({ length: 40 }, (_, index) => `volume-${String(index)}`);
const CONTAINER_NAMES = Array.from({ length: 8 }, (_, index) => `container-${String(index)}`);
/** Milliseconds after which a call to an engine is not waited for any more. */
const CALL_LIMIT_MS = 10_000;
/** Longest pause between two changes of one engine, in milliseconds. */
const MAX_PAUSE_MS = 60;

/** Makes random changes on one engine until it is stopped. What an engine refuses, or is too broken to do, does not matter. */
export class Workload {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  /** Changes that were made. */
  changes = 0;

  constructor(
    private readonly engine: TestEngine,
    private readonly chance: Chance,
  ) {
    this.running = this.run();
  }

  /** Resolves when the last change has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const { docker } = this.engine;
    const kinds = [
      () => this.create(docker),
      () => this.create(docker),
      () => this.remove(docker),
      () => this.recreate(docker),
      () => this.runContainer(docker),
      () => this.runBriefly(docker),
      () => this.restart(docker),
      () => this.removeContainer(docker),
      () => this.rename(docker),
    ];
    while (!signal.aborted) {
      const late = new AbortController();
      try {
        // A call never settles when its engine is killed in the middle of an answer.
        const limit = delay(CALL_LIMIT_MS, 'late', { signal: late.signal });
        if ((await Promise.race([this.chance.oneOf(kinds)(), limit])) !== 'late') this.changes += 1;
      } catch {
        // A name that is taken or in use, or an engine that is away.
      }
      late.abort();
      await delay(this.chance.between(0, MAX_PAUSE_MS), undefined, { signal }).catch(() => undefined);
    }
  }

  private volume(): string {
    return this.chance.oneOf(VOLUME_NAMES);
  }

  private container(): string {
    return this.chance.oneOf(CONTAINER_NAMES);
  }

  private async create(docker: Docker): Promise<void> {
    await docker.createVolume({ Name: this.volume(), Labels: { made: String(this.chance.between(0, 2)) } });
  }

  private async remove(docker: Docker): Promise<void> {
    await docker.getVolume(this.volume()).remove();
  }

  private async recreate(docker: Docker): Promise<void> {
    const name = this.volume();
    await docker.getVolume(name).remove();
    await docker.createVolume({ Name: name });
  }

  private async runContainer(docker: Docker): Promise<void> {
    const made = await docker.createContainer({
      name: this.container(),
      Image: this.chance.oneOf([IMAGE, VOLUME_IMAGE]),
      Cmd: ['sleep', '1000'],
      NetworkDisabled: true,
      StopTimeout: 0,
      HostConfig: { Binds: [`${this.volume()}:/first`, `${this.volume()}:/second:ro`] },
    });
    if (this.chance.chance(0.7)) await made.start();
  }

  private async runBriefly(docker: Docker): Promise<void> {
    const made = await docker.createContainer({
      Image: IMAGE,
      Cmd: ['true'],
      NetworkDisabled: true,
      HostConfig: { AutoRemove: true, Binds: [`${this.volume()}:/first`] },
    });
    await made.start();
  }

  private async restart(docker: Docker): Promise<void> {
    const container = docker.getContainer(this.container());
    if (this.chance.chance(0.5)) await container.stop({ t: 0 });
    else await container.restart({ t: 0 });
  }

  private async removeContainer(docker: Docker): Promise<void> {
    await docker.getContainer(this.container()).remove({ force: true, v: this.chance.chance(0.5) });
  }

  private async rename(docker: Docker): Promise<void> {
    await docker.getContainer(this.container()).rename({ name: this.container() });
  }
}

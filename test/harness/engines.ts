import { startContainerEngine } from './engines-dind.js';
import { startProcessEngine } from './engine-process.js';
import { sweepStale } from './leftovers.js';
import { checkEngineName, enginesRunAs, type EngineOptions, type TestEngine } from './test-engine.js';

export { IMAGE, VOLUME_IMAGE, type TestEngine } from './test-engine.js';

// The one place in test/ that starts Docker engines.

/**
 * Starts an engine of its own with the images {@link IMAGE} and {@link VOLUME_IMAGE}, and waits until it answers.
 * What is missing on the machine is installed where that is possible.
 * @throws {Error} that says what to install, or holds the end of the engine's log.
 */
export async function startEngine(options: EngineOptions): Promise<TestEngine> {
  checkEngineName(options.name);
  await sweepStale();
  return enginesRunAs() === 'processes' ? startProcessEngine(options) : startContainerEngine(options);
}

/**
 * Starts engines side by side. When one of them fails the others are stopped.
 * @throws {Error} the same as {@link startEngine}.
 */
export async function startEngines(names: readonly string[]): Promise<TestEngine[]> {
  const outcomes = await Promise.allSettled(names.map((name) => startEngine({ name })));
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return started;
  await Promise.all(started.map((engine) => engine.stop()));
  throw failure.reason;
}

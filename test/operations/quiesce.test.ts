import { EngineError } from '../../src/engine/connection.js';
import { mayPauseLater } from '../../src/operations/quiesce.js';

test.each([
  // As Docker 20.10 with runc 1.1 answered on a machine with more to do than it could.
  [true, 500, 'Cannot pause container ee00bb32: OCI runtime pause failed: unable to freeze: unknown'],
  [true, 409, 'Container ee00bb32 is restarting, wait until the container is running'],
  [true, 404, 'No such container: ee00bb32'],
  [false, 500, 'Cannot pause container ee00bb32: cgroups: freezer is not available'],
  [false, 503, 'the engine is shutting down'],
])('that a pause may be had later is %s for HTTP %d: %s', (later, status, message) => {
  expect(mayPauseLater(new EngineError(status, message))).toBe(later);
});

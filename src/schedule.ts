import { Cron } from 'croner';
import { badInput } from './problems.js';

/** The next time of a cron expression after a moment, in UTC. @throws {Problem} BAD_USER_INPUT for what is none. */
export function nextTime(cron: string, after: Date): Date {
  let next: Date | null;
  try {
    next = new Cron(cron, { timezone: 'UTC', mode: '5-part' }).nextRun(after);
  } catch {
    next = null;
  }
  if (next === null) throw badInput(`cron ${JSON.stringify(cron.slice(0, 80))} is no cron expression of five fields with a time to come, such as "0 3 * * *".`);
  return next;
}

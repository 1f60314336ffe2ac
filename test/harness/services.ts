import { pino } from 'pino';
import { Audit } from '../../src/access/audit.js';
import type { CommandContext } from '../../src/commands/context.js';
import { readSettings } from '../../src/config.js';
import type { Database } from '../../src/database/client.js';
import { ControlConnection } from '../../src/database/control-connection.js';
import type { Services } from '../../src/graphql/context.js';
import { JournalFeed } from '../../src/journal/feed.js';
import { Metrics } from '../../src/metrics.js';
import { OperationFeed } from '../../src/operations/follow.js';
import { testSealer } from './database.js';

/** What resolvers of queries need, where no gateway runs: there are no engines to command. */
export function servicesFor(database: Database, url: string): Services {
  const log = pino({ level: 'silent' });
  const control = new ControlConnection(url, log);
  const { limits, answerCacheBytes } = readSettings({});
  const audit = new Audit(database, log, () => undefined);
  const commands = { sealer: testSealer } as CommandContext;
  const operationFeed = new OperationFeed(database, control, log);
  return {
    database,
    control,
    feed: new JournalFeed(database, control, log),
    operationFeed,
    audit,
    commands,
    limits,
    metrics: new Metrics(),
    answerCacheBytes,
    sensitivePaths: [],
  };
}

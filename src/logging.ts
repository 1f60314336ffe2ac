import { pino, type DestinationStream, type Logger } from 'pino';
import type { Settings } from './config.js';
import { MASK } from './masking.js';

/** Names of fields that hold a secret, wherever somebody may log one. */
const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'secret', 'token', 'credentials', 'secretKey', 'adminToken', 'databaseUrl', 'connectionString'];
/** What errors of PostgreSQL and its clients carry of the values that a statement had. */
const VALUES_OF_STATEMENTS = ['err.detail', 'err.parameters', 'err.values', 'err.meta.query_parameters', 'err.cause.detail', 'err.cause.parameters'];

/**
 * The log of the gateway, as lines of JSON. Secrets are masked by their path, in what is logged and one and two levels within;
 * that is the last net: nothing that holds one is to be logged at all.
 * @param destination standard output when undefined. Lines are written as they can be, without holding up the gateway.
 */
export function openLog(level: Settings['logLevel'], destination: DestinationStream = pino.destination({ dest: 1, sync: false })): Logger {
  const paths = [...SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), ...VALUES_OF_STATEMENTS];
  return pino({ level, redact: { paths, censor: MASK } }, destination);
}

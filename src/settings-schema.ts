import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { checkCredentials, formatEndpoint, parseEndpoint, type Credentials } from './engine/endpoint.js';
import { checkHostName, checkKeyValues, quote } from './engine/names.js';
import { isLoopback, parseNetwork } from './networks.js';
import { Problem } from './problems.js';
import { nextTime } from './schedule.js';

// What every setting must be, wherever it comes from. `settings-sources.ts` brings text of variables into the same form as
// values of the file. Messages say what would be right, and never repeat what may be a secret.

/** Port that the gateway listens on when none is set. */
const DEFAULT_PORT = 4000;
/** Bytes of the longest path that the kernel takes: PATH_MAX without the null byte (path_resolution(7)). */
export const MAX_PATH_BYTES = 4_095;
/** Backups that one part of a policy may keep, as setBackupPolicy has it. */
const MAX_KEPT = 1_000;
/** Characters of the shortest secret that is taken. */
export const MIN_SECRET_LENGTH = 16;

/** What a header carries unchanged (RFC 9110, 5.5). A line end is easily read with a secret from a file. */
export const SECRET_FORM = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
export const SECRET_RULE = 'must have letters, digits and signs of ASCII only, and neither spaces nor line ends around it';

const text = z.string({ error: 'must be a text; put it in quotes' }).min(1, 'must not be empty');

const secret = text.min(MIN_SECRET_LENGTH, `must have ${String(MIN_SECRET_LENGTH)} characters or more`);

const wholeNumber = (minimum: number, maximum: number) => {
  const rule = `must be a whole number from ${String(minimum)} to ${String(maximum)}`;
  return z.number({ error: rule }).int(rule).min(minimum, rule).max(maximum, rule);
};

const oneOf = <const Values extends readonly string[]>(values: Values) => z.enum(values, { error: `must be one of ${values.join(', ')}` });

const listOf = <Item extends z.ZodType>(item: Item) => z.array(item, { error: 'must be a list' });

/** A text with a rule that words tell, with the text before them. */
const checked = (holds: (value: string) => boolean, otherwise: string) => text.refine(holds, { error: ({ input }) => `${quote(String(input))} ${otherwise}` });

const absolutePath = checked((value) => value.startsWith('/'), 'is no absolute path').refine((directory) => Buffer.byteLength(directory) <= MAX_PATH_BYTES, {
  error: 'has a path that is longer than any can be',
});

/** An address, or a name whose last part is no number (RFC 1123, 2.1): that would be an address with a mistake. */
const address = checked(
  (value) => isIP(value) !== 0 || (/^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/.test(value) && !/(^|\.)\d+$/.test(value)),
  'is no address such as 127.0.0.1 or ::, and no name',
);

const registry = checked(
  (value) => /^(\*|[a-zA-Z0-9.-]+(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?)$/.test(value),
  'is no registry such as ghcr.io or registry:5000',
);

const network = text.transform((value, context) => {
  const parsed = parseNetwork(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `${quote(value)} is no network such as 10.0.0.0/8 and no address` });
  return z.NEVER;
});

/** An origin as browsers send it (RFC 6454, 6.2): scheme and host, the port unless it is the scheme's own, and no path. */
const origin = checked((value) => {
  const match = /^([a-z][a-z0-9+.-]*):\/\/[^/?#@\s]+$/.exec(value);
  return match !== null && (!/^https?$/.test(match[1] ?? '') || (URL.canParse(value) && new URL(value).origin === value));
}, 'is no origin such as https://portal.example');

/** Keys that are fetched over plain HTTP could be anybody's. */
const keysUrl = text.refine((value) => {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}, 'must be an https:// URL, or one of http:// on a loopback address');

const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const;

/** Runs a check that throws a {@link Problem}, and takes its words for the issue. */
function problemAsIssue<Value>(context: z.RefinementCtx, at: readonly PropertyKey[], check: () => Value): Value | undefined {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    context.addIssue({ code: 'custom', message: error.message, path: [...at] });
    return undefined;
  }
}

/** One host. Files of keys are read here; relative ones are looked for in `folder`. */
function declaredHost(folder: string) {
  const shape = z.strictObject(
    {
      endpoint: text,
      labels: z.record(z.string(), z.string({ error: 'must be a text; put it in quotes' }), { error: 'must be a map of labels' }).default({}),
      enabled: z.boolean({ error: 'must be true or false' }).default(true),
      tls: z.strictObject({ ca: text.optional(), cert: text.optional(), key: text.optional() }, { error: 'must be a map of ca, cert and key' }).optional(),
      ssh: z.strictObject({ privateKey: text.optional(), passphrase: text.optional() }, { error: 'must be a map of privateKey and passphrase' }).optional(),
    },
    { error: 'must be a map with an endpoint, such as unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host' },
  );
  return shape.transform((host, context) => {
    const unreadable: string[] = [];
    const read = (at: readonly string[], file: string | undefined): string | undefined => {
      if (file === undefined) return undefined;
      try {
        return readFileSync(path.resolve(folder, file), 'utf8');
      } catch (error) {
        unreadable.push(file);
        const why = (error as NodeJS.ErrnoException).code ?? String(error);
        context.addIssue({ code: 'custom', message: `must name a file that can be read, and ${path.resolve(folder, file)} cannot (${why})`, path: [...at] });
        return undefined;
      }
    };
    const { tls, ssh } = host;
    const credentials: Credentials = {
      ...(tls === undefined
        ? {}
        : { tls: present({ ca: read(['tls', 'ca'], tls.ca), cert: read(['tls', 'cert'], tls.cert), key: read(['tls', 'key'], tls.key) }) }),
      ...(ssh === undefined ? {} : { ssh: present({ privateKey: read(['ssh', 'privateKey'], ssh.privateKey), passphrase: ssh.passphrase }) }),
    };
    const labels = problemAsIssue(context, ['labels'], () =>
      checkKeyValues(
        'labels',
        Object.entries(host.labels).map(([key, value]) => ({ key, value })),
      ),
    );
    const endpoint = problemAsIssue(context, ['endpoint'], () => parseEndpoint(host.endpoint, credentials));
    if (endpoint === undefined || labels === undefined || unreadable.length > 0) return z.NEVER;
    problemAsIssue(context, [tls === undefined ? 'ssh' : 'tls'], () => {
      checkCredentials(endpoint, credentials);
    });
    return { endpoint: formatEndpoint(endpoint), labels, enabled: host.enabled, credentials };
  });
}

function present<Values extends Record<string, string | undefined>>(values: Values): { [Name in keyof Values]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [Name in keyof Values]?: string };
}

/** A name that no host could have would never be found again. */
const hostName = z.string().superRefine((name, context) => {
  problemAsIssue(context, [], () => checkHostName('the name', name));
});

/** A record tells of a wrong key in words of its own. */
const recordError = (message: string) => (issue: z.core.$ZodRawIssue) =>
  issue.code === 'invalid_key' ? (issue['issues'] as { message: string }[])[0]?.message : message;

const backupPolicy = z.strictObject(
  {
    hosts: listOf(text).min(1, 'must name a host, or be left out for all hosts').optional(),
    volumes: listOf(text).min(1, 'must name a volume; "*" in a name stands for any characters'),
    cron: text.superRefine((value, context) => {
      problemAsIssue(context, [], () => nextTime(value, new Date()));
    }),
    quiesce: oneOf(['LIVE', 'PAUSE', 'STOP']).default('LIVE'),
    keepLast: wholeNumber(1, MAX_KEPT).default(7),
    keepDaily: wholeNumber(0, MAX_KEPT).default(0),
    keepWeekly: wholeNumber(0, MAX_KEPT).default(0),
  },
  { error: 'must be a map with volumes and cron' },
);

/** The schema of every setting, by its name in the file. Relative files of the keys of hosts are looked for in `folder`. */
export function settingsSchema(folder: string) {
  return {
    databaseUrl: text
      .refine(
        (value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value),
        'must be a PostgreSQL URL such as postgresql://user:password@host:5432/stowage',
      )
      .optional(),
    dataDir: text.default('./data'),
    bind: address.default('127.0.0.1'),
    port: wholeNumber(0, 65_535).default(DEFAULT_PORT),
    hosts: z.record(hostName, declaredHost(folder), { error: recordError('must be a map of hosts by their names') }).optional(),
    backupPolicies: listOf(backupPolicy).optional(),
    adminToken: secret.regex(SECRET_FORM, SECRET_RULE).optional(),
    auth: oneOf(['token', 'none']).default('token'),
    jwtJwksUrl: keysUrl.optional(),
    jwtIssuer: text.optional(),
    jwtAudience: text.optional(),
    jwtRoleClaim: text.default('roles'),
    jwtRoles: z
      .record(text, oneOf(ROLES), { error: 'must tell roles by values of the claim' })
      .default({ VIEWER: 'VIEWER', OPERATOR: 'OPERATOR', ADMIN: 'ADMIN' }),
    jwtHostsClaim: text.optional(),
    jwtNameClaim: text.default('sub'),
    jwtClockSkewSeconds: wholeNumber(0, 300).default(30),
    secretKey: secret.optional(),
    logLevel: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    metricsPort: wholeNumber(0, 65_535).optional(),
    metricsBind: address.default('127.0.0.1'),
    resyncSeconds: wholeNumber(1, 86_400).default(300),
    engineTimeoutSeconds: wholeNumber(1, 600).default(20),
    parallelHosts: wholeNumber(1, 1_000).default(32),
    hostDeadlineSeconds: wholeNumber(1, 3_600).default(30),
    pullDeadlineSeconds: wholeNumber(1, 86_400).default(600),
    sensitivePaths: listOf(absolutePath).default([]),
    allowedHostPaths: listOf(absolutePath).optional(),
    allowedRegistries: listOf(registry).optional(),
    backups: text.regex(/^(file:\/\/\/.+|s3:\/\/[a-z0-9][a-z0-9.-]{1,62}(\/[^\s]*)?)$/, 'must be file:///folder or s3://bucket/prefix').optional(),
    backupKey: text.regex(/^AGE-SECRET-KEY-1[A-Z0-9]+$/, 'must be an identity of age (make one with age-keygen)').optional(),
    operationsPerHost: wholeNumber(1, 100).default(2),
    transferBytesPerSecond: wholeNumber(1_000, 100_000_000_000).optional(),
    measurePauseSeconds: wholeNumber(0, 86_400).default(60),
    journalDays: wholeNumber(1, 36_500).default(30),
    maxDepth: wholeNumber(1, 100).default(15),
    maxAliases: wholeNumber(0, 10_000).default(50),
    maxTokens: wholeNumber(10, 1_000_000).default(5_000),
    maxCost: wholeNumber(10, 100_000_000).default(20_000),
    maxPage: wholeNumber(1, 10_000).default(500),
    maxBodyBytes: wholeNumber(100, 100_000_000).default(1_048_576),
    statementSeconds: wholeNumber(1, 600).default(10),
    maxConnections: wholeNumber(1, 1_000_000).default(1_000),
    maxSubscriptions: wholeNumber(1, 1_000_000).default(5_000),
    maxWaitingBytes: wholeNumber(1_000, 1_000_000_000).default(262_144),
    maxRequestsPerSecond: wholeNumber(0, 10_000_000).default(10_000),
    maxFailedSignIns: wholeNumber(1, 1_000_000).default(30),
    maxSockets: wholeNumber(10, 1_000_000).default(20_000),
    maxSocketsPerAddress: wholeNumber(1, 1_000_000).optional(),
    tlsCert: text.optional(),
    tlsKey: text.optional(),
    allowedOrigins: listOf(origin).default([]),
    trustedProxies: listOf(network).default([]),
    allowedNetworks: listOf(network).optional(),
    allowedSockets: listOf(absolutePath).default([]),
    answerCacheMb: wholeNumber(0, 65_536).default(64),
    documents: text.optional(),
  };
}

/** What a right set of settings looks like, before it is given its units. */
export type SettingValues = { readonly [Key in SettingKey]: z.output<ReturnType<typeof settingsSchema>[Key]> };
/** Name of a setting in the file. */
export type SettingKey = keyof ReturnType<typeof settingsSchema>;

/** Something that is wrong with settings that are each right by themselves. */
export interface Disagreement {
  /** The setting that it is told of. */
  readonly key: SettingKey;
  readonly message: string;
}

/**
 * What is wrong with settings taken together.
 * @param values those that are right by themselves
 * @param isSet whether a setting was given, right or wrong
 */
export function disagreements(values: Partial<SettingValues>, isSet: (key: SettingKey) => boolean, nameOf: (key: SettingKey) => string): Disagreement[] {
  const found: Disagreement[] = [];
  if (values.auth === 'none' && values.bind !== undefined && !isLoopback(values.bind)) {
    found.push({ key: 'auth', message: `none is accepted on a loopback address only, and ${nameOf('bind')} is ${values.bind}` });
  }
  const together = (keys: readonly SettingKey[]) => {
    const [first] = keys.filter(isSet);
    const missing = keys.filter((key) => !isSet(key));
    if (first === undefined || missing.length === 0) return;
    found.push({ key: first, message: `belongs together with ${missing.map(nameOf).join(' and ')}, which ${missing.length === 1 ? 'is' : 'are'} not set` });
  };
  together(['tlsCert', 'tlsKey']);
  together(['jwtJwksUrl', 'jwtIssuer', 'jwtAudience']);
  return found;
}

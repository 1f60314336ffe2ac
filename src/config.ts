import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { isLoopback, parseNetwork, type Network } from './networks.js';

/** Port that the gateway listens on when STOWAGE_PORT is unset. */
const DEFAULT_PORT = 4000;

const DAY_MS = 86_400_000;
/** Bytes of the longest path that the kernel takes: PATH_MAX without the null byte (path_resolution(7)). */
export const MAX_PATH_BYTES = 4_095;

/** Every setting, read and checked once at start. */
export interface Settings {
  /** PostgreSQL to use; undefined: the embedded one under {@link Settings.dataDir}. */
  readonly databaseUrl: string | undefined;
  /** Absolute path of the folder for the embedded database and the made keys. */
  readonly dataDir: string;
  readonly bind: string;
  /** 0: any free port. */
  readonly port: number;
  /** Hosts added at start when no host of that name is known; undefined: look for the local engine. */
  readonly hosts: readonly { readonly name: string; readonly endpoint: string }[] | undefined;
  readonly adminToken: string | undefined;
  readonly auth: 'token' | 'none';
  /** undefined: only tokens of the gateway's own are taken. */
  readonly jwt: JwtSettings | undefined;
  /** Secret that seals stored keys; undefined: one is made in {@link Settings.dataDir}. */
  readonly secretKey: string | undefined;
  /** Where metrics and health are told without a token; undefined: nowhere. */
  readonly metricsPort: { readonly bind: string; readonly port: number } | undefined;
  /** Whether traces are sent, by the usual variables of OpenTelemetry. */
  readonly tracing: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Milliseconds between full comparisons of a host that shows no sign of a gap. */
  readonly resyncIntervalMs: number;
  /** Milliseconds that one call to an engine may take in all. */
  readonly engineTimeoutMs: number;
  /** Hosts that one call works on at once. */
  readonly parallelHosts: number;
  /** Milliseconds that one change on one host may take. */
  readonly hostDeadlineMs: number;
  /** Milliseconds that an engine may take to pull an image. */
  readonly pullDeadlineMs: number;
  /** Milliseconds that the journal keeps its entries. */
  readonly journalRetentionMs: number;
  /** Directories of hosts that count as sensitive beside the usual ones. */
  readonly sensitivePaths: readonly string[];
  /** Directories of hosts that ADMIN may mount; undefined: all. */
  readonly allowedHostPaths: readonly string[] | undefined;
  /** Registries that engines may be asked to pull images from, `*` for any; undefined: Docker Hub, and any for ADMIN. */
  readonly allowedRegistries: readonly string[] | undefined;
  /** Where backups lie: `file:///folder` or `s3://bucket/prefix`. */
  readonly backups: string;
  /** An identity of age that backups are encrypted to and opened with; undefined: they are not encrypted. */
  readonly backupKey: string | undefined;
  /** Operations on the content of volumes that read or write one host at once. */
  readonly operationsPerHost: number;
  /** Bytes a second that all transfers of this gateway keep to together; undefined: as fast as they can. */
  readonly transferBytesPerSecond: number | undefined;
  /** Milliseconds between two measurements of one host. */
  readonly measurePauseMs: number;
  readonly web: WebSettings;
  /** Networks that tcp:// and ssh:// endpoints may lead to; undefined: all but those that no engine is in. */
  readonly allowedNetworks: readonly Network[] | undefined;
  /** Sockets, or folders of sockets, that unix:// endpoints given through the API may name, beside those of {@link Settings.hosts}. */
  readonly allowedSockets: readonly string[];
  readonly limits: Limits;
  /** Bytes of answers that are kept until the inventory changes; 0: none is. */
  readonly answerCacheBytes: number;
  /** File with the only documents that are answered; undefined: any. */
  readonly documentsFile: string | undefined;
}

/** How the gateway meets browsers and the network. */
export interface WebSettings {
  /** Files with the certificate chain and the key, in PEM; undefined: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Origins of pages that may use the API beside the gateway's own, such as https://portal.example. */
  readonly allowedOrigins: readonly string[];
  /** Proxies whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Whether only requests to names of this machine are answered. */
  readonly loopbackOnly: boolean;
}

/** An identity provider whose JWTs are taken beside the gateway's own tokens. */
export interface JwtSettings {
  /** Where its public keys are (RFC 7517, 5). */
  readonly jwksUrl: string;
  /** What `iss` must be. */
  readonly issuer: string;
  /** What `aud` must be, or have in it. */
  readonly audience: string;
  /** Claim that tells the role: its name, or a path with dots. */
  readonly roleClaim: string;
  /** Values of that claim, and the roles that they stand for. */
  readonly roles: ReadonlyMap<string, 'VIEWER' | 'OPERATOR' | 'ADMIN'>;
  /** Claim with the names of the hosts that exist for the caller, `*` for all; undefined: all exist for everyone. */
  readonly hostsClaim: string | undefined;
  /** Claim that the journal names the caller by. */
  readonly nameClaim: string;
  /** Milliseconds that the clocks of provider and gateway may differ. */
  readonly clockSkewMs: number;
}

/** What one request may ask for. */
export interface Limits {
  /** Fields within fields. */
  readonly depth: number;
  /** Aliases in one operation. */
  readonly aliases: number;
  /** Tokens of a document. */
  readonly tokens: number;
  /** Objects that an operation may read, roughly. */
  readonly cost: number;
  /** Entries of a page. */
  readonly pageSize: number;
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** Milliseconds of one SQL statement of a query. */
  readonly statementMs: number;
  /** WebSockets and event streams that one token may have open at a time. */
  readonly connections: number;
  /** Subscriptions that one token may have at a time, over all its connections. */
  readonly subscriptions: number;
  /** Bytes that may wait in the gateway for one connection that reads too slowly. */
  readonly waitingBytes: number;
  /** Requests of one caller in a second, as a mean over some seconds, at all gateways together; 0: any number. */
  readonly requestsPerSecond: number;
  /** Wrong tokens from one address in a minute, after which tokens that are not known to be right must wait. */
  readonly failedSignIns: number;
  /** TCP connections of all clients together. */
  readonly sockets: number;
}

const hostEntry = z.string().transform((entry, context) => {
  const separator = entry.indexOf('=');
  const name = entry.slice(0, separator).trim();
  const endpoint = entry.slice(separator + 1).trim();
  if (separator < 1 || name === '' || endpoint === '') {
    context.addIssue({ code: 'custom', message: `"${entry}" is not of the form name=endpoint` });
    return z.NEVER;
  }
  return { name, endpoint };
});

const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));

/** Paths with commas between; `none` for none at all, since an empty variable counts as unset. */
const absolutePaths = z
  .string()
  .transform((list) => (list === 'none' ? [] : list.split(',').map((entry) => entry.trim())))
  .pipe(
    z.array(
      z
        .string()
        .regex(/^\//, 'is not a list of absolute paths')
        .refine((directory) => Buffer.byteLength(directory) <= MAX_PATH_BYTES, 'has a path that is longer than any can be'),
    ),
  );

const listOf = <Item>(item: z.ZodType<Item, string>) =>
  z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .pipe(z.array(item));

/** Names of registries, some with a port, with commas between; `none` for none at all, `*` for any. */
const registries = z
  .string()
  .transform((list) => (list === 'none' ? [] : list.split(',').map((entry) => entry.trim())))
  .pipe(
    z.array(
      z.string().regex(/^(\*|[a-zA-Z0-9.-]+(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?)$/, 'has an entry that is no registry such as ghcr.io or registry:5000'),
    ),
  );

const network = z.string().transform((text, context) => {
  const parsed = parseNetwork(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: `has "${text}", which is no network such as 10.0.0.0/8 and no address` });
  return z.NEVER;
});

/** An origin as browsers send it (RFC 6454, 6.2): scheme and host, the port unless it is the scheme's own, and no path. */
const origin = z.string().refine((text) => {
  const match = /^([a-z][a-z0-9+.-]*):\/\/[^/?#@\s]+$/.exec(text);
  return match !== null && (!/^https?$/.test(match[1] ?? '') || (URL.canParse(text) && new URL(text).origin === text));
}, 'has an entry that is no origin such as https://portal.example');

/** `value=ROLE` with commas between. */
const roleMapping = z.string().transform((list, context): ReadonlyMap<string, 'VIEWER' | 'OPERATOR' | 'ADMIN'> => {
  const roles = new Map<string, 'VIEWER' | 'OPERATOR' | 'ADMIN'>();
  for (const entry of list.split(',')) {
    const separator = entry.lastIndexOf('=');
    const role = z.enum(['VIEWER', 'OPERATOR', 'ADMIN']).safeParse(entry.slice(separator + 1).trim());
    const value = entry.slice(0, Math.max(separator, 0)).trim();
    if (!role.success || value === '') {
      context.addIssue({ code: 'custom', message: `has "${entry}", which is not of the form value=ROLE with VIEWER, OPERATOR or ADMIN` });
      return z.NEVER;
    }
    roles.set(value, role.data);
  }
  return roles;
});

/** Keys that are fetched over plain HTTP could be anybody's. */
const keysUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}, 'is neither an https:// URL nor one of http:// on a loopback address');

const environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'is not a PostgreSQL URL such as postgresql://user:password@host:5432/stowage')
    .optional(),
  STOWAGE_DATA_DIR: z.string().min(1).default('./data'),
  STOWAGE_BIND: z.string().min(1).default('127.0.0.1'),
  STOWAGE_PORT: wholeNumber(0, 65_535).default(DEFAULT_PORT),
  STOWAGE_HOSTS: z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .pipe(z.array(hostEntry))
    .optional(),
  STOWAGE_ADMIN_TOKEN: z.string().min(16, 'is shorter than 16 characters').optional(),
  STOWAGE_AUTH: z.enum(['token', 'none']).default('token'),
  STOWAGE_JWT_JWKS_URL: keysUrl.optional(),
  STOWAGE_JWT_ISSUER: z.string().min(1).optional(),
  STOWAGE_JWT_AUDIENCE: z.string().min(1).optional(),
  STOWAGE_JWT_ROLE_CLAIM: z.string().min(1).default('roles'),
  STOWAGE_JWT_ROLES: roleMapping.prefault('VIEWER=VIEWER,OPERATOR=OPERATOR,ADMIN=ADMIN'),
  STOWAGE_JWT_HOSTS_CLAIM: z.string().min(1).optional(),
  STOWAGE_JWT_NAME_CLAIM: z.string().min(1).default('sub'),
  STOWAGE_JWT_CLOCK_SKEW_SECONDS: wholeNumber(0, 300).default(30),
  STOWAGE_SECRET_KEY: z.string().min(16, 'is shorter than 16 characters').optional(),
  STOWAGE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  STOWAGE_METRICS_PORT: wholeNumber(0, 65_535).optional(),
  STOWAGE_METRICS_BIND: z.string().min(1).default('127.0.0.1'),
  STOWAGE_RESYNC_SECONDS: wholeNumber(1, 86_400).default(300),
  STOWAGE_ENGINE_TIMEOUT_SECONDS: wholeNumber(1, 600).default(20),
  STOWAGE_PARALLEL_HOSTS: wholeNumber(1, 1_000).default(32),
  STOWAGE_HOST_DEADLINE_SECONDS: wholeNumber(1, 3_600).default(30),
  STOWAGE_PULL_DEADLINE_SECONDS: wholeNumber(1, 86_400).default(600),
  STOWAGE_SENSITIVE_PATHS: absolutePaths.default([]),
  STOWAGE_ALLOWED_HOST_PATHS: absolutePaths.optional(),
  STOWAGE_ALLOWED_REGISTRIES: registries.optional(),
  STOWAGE_BACKUPS: z
    .string()
    .regex(/^(file:\/\/\/.+|s3:\/\/[a-z0-9][a-z0-9.-]{1,62}(\/[^\s]*)?)$/, 'is neither file:///folder nor s3://bucket/prefix')
    .optional(),
  STOWAGE_BACKUP_KEY: z
    .string()
    .regex(/^AGE-SECRET-KEY-1[A-Z0-9]+$/, 'is no identity of age (make one with age-keygen)')
    .optional(),
  STOWAGE_OPERATIONS_PER_HOST: wholeNumber(1, 100).default(2),
  STOWAGE_TRANSFER_BYTES_PER_SECOND: wholeNumber(1_000, 100_000_000_000).optional(),
  STOWAGE_MEASURE_PAUSE_SECONDS: wholeNumber(0, 86_400).default(60),
  STOWAGE_JOURNAL_DAYS: wholeNumber(1, 36_500).default(30),
  STOWAGE_MAX_DEPTH: wholeNumber(1, 100).default(15),
  STOWAGE_MAX_ALIASES: wholeNumber(0, 10_000).default(50),
  STOWAGE_MAX_TOKENS: wholeNumber(10, 1_000_000).default(5_000),
  STOWAGE_MAX_COST: wholeNumber(10, 100_000_000).default(20_000),
  STOWAGE_MAX_PAGE: wholeNumber(1, 10_000).default(500),
  STOWAGE_MAX_BODY_BYTES: wholeNumber(100, 100_000_000).default(1_048_576),
  STOWAGE_STATEMENT_SECONDS: wholeNumber(1, 600).default(10),
  STOWAGE_MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(1_000),
  STOWAGE_MAX_SUBSCRIPTIONS: wholeNumber(1, 1_000_000).default(5_000),
  STOWAGE_MAX_WAITING_BYTES: wholeNumber(1_000, 1_000_000_000).default(262_144),
  STOWAGE_MAX_REQUESTS_PER_SECOND: wholeNumber(0, 10_000_000).default(10_000),
  STOWAGE_MAX_FAILED_SIGN_INS: wholeNumber(1, 1_000_000).default(30),
  STOWAGE_MAX_SOCKETS: wholeNumber(10, 1_000_000).default(20_000),
  STOWAGE_TLS_CERT: z.string().min(1).optional(),
  STOWAGE_TLS_KEY: z.string().min(1).optional(),
  STOWAGE_ALLOWED_ORIGINS: listOf(origin).default([]),
  STOWAGE_TRUSTED_PROXIES: listOf(network).default([]),
  STOWAGE_ALLOWED_NETWORKS: listOf(network).optional(),
  STOWAGE_ALLOWED_SOCKETS: absolutePaths.default([]),
  STOWAGE_ANSWER_CACHE_MB: wholeNumber(0, 65_536).default(64),
  STOWAGE_DOCUMENTS: z.string().min(1).optional(),
  // OpenTelemetry's own, which its SDK reads itself.
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url('is not a URL such as http://collector.example:4318').optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url('is not a URL such as http://collector.example:4318/v1/traces').optional(),
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.string().optional(),
});

/** Thrown by {@link readSettings}: every wrong setting at once, each with its name. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings from environment variables. An empty variable counts as unset.
 * @throws {SettingsError} that names every wrong variable.
 */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''));
  const read = environment.safeParse(present);
  if (!read.success) {
    const lines = read.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`);
    throw new SettingsError(`These settings are wrong:\n${lines.join('\n')}`);
  }
  const values = read.data;
  if (values.STOWAGE_AUTH === 'none' && !isLoopback(values.STOWAGE_BIND)) {
    throw new SettingsError(
      `These settings are wrong:\n  STOWAGE_AUTH none is accepted on a loopback address only, and STOWAGE_BIND is ${values.STOWAGE_BIND}`,
    );
  }
  if ((values.STOWAGE_TLS_CERT === undefined) !== (values.STOWAGE_TLS_KEY === undefined)) {
    throw new SettingsError('These settings are wrong:\n  STOWAGE_TLS_CERT and STOWAGE_TLS_KEY belong together, and one of them is not set');
  }
  return {
    databaseUrl: values.DATABASE_URL,
    dataDir: path.resolve(values.STOWAGE_DATA_DIR),
    bind: values.STOWAGE_BIND,
    port: values.STOWAGE_PORT,
    hosts: values.STOWAGE_HOSTS,
    adminToken: values.STOWAGE_ADMIN_TOKEN,
    auth: values.STOWAGE_AUTH,
    jwt: jwtSettings(values),
    secretKey: values.STOWAGE_SECRET_KEY,
    metricsPort: values.STOWAGE_METRICS_PORT === undefined ? undefined : { bind: values.STOWAGE_METRICS_BIND, port: values.STOWAGE_METRICS_PORT },
    tracing: wantsTracing(values),
    logLevel: values.STOWAGE_LOG_LEVEL,
    resyncIntervalMs: values.STOWAGE_RESYNC_SECONDS * 1000,
    engineTimeoutMs: values.STOWAGE_ENGINE_TIMEOUT_SECONDS * 1000,
    parallelHosts: values.STOWAGE_PARALLEL_HOSTS,
    hostDeadlineMs: values.STOWAGE_HOST_DEADLINE_SECONDS * 1000,
    pullDeadlineMs: values.STOWAGE_PULL_DEADLINE_SECONDS * 1000,
    sensitivePaths: values.STOWAGE_SENSITIVE_PATHS,
    allowedHostPaths: values.STOWAGE_ALLOWED_HOST_PATHS,
    allowedRegistries: values.STOWAGE_ALLOWED_REGISTRIES,
    backups: values.STOWAGE_BACKUPS ?? pathToFileURL(path.join(path.resolve(values.STOWAGE_DATA_DIR), 'backups')).href,
    backupKey: values.STOWAGE_BACKUP_KEY,
    operationsPerHost: values.STOWAGE_OPERATIONS_PER_HOST,
    transferBytesPerSecond: values.STOWAGE_TRANSFER_BYTES_PER_SECOND,
    measurePauseMs: values.STOWAGE_MEASURE_PAUSE_SECONDS * 1000,
    journalRetentionMs: values.STOWAGE_JOURNAL_DAYS * DAY_MS,
    web: {
      tls:
        values.STOWAGE_TLS_CERT === undefined || values.STOWAGE_TLS_KEY === undefined
          ? undefined
          : { certFile: path.resolve(values.STOWAGE_TLS_CERT), keyFile: path.resolve(values.STOWAGE_TLS_KEY) },
      allowedOrigins: values.STOWAGE_ALLOWED_ORIGINS,
      trustedProxies: values.STOWAGE_TRUSTED_PROXIES.map(({ address, prefix }) => `${address}/${String(prefix)}`),
      loopbackOnly: values.STOWAGE_AUTH === 'none',
    },
    allowedNetworks: values.STOWAGE_ALLOWED_NETWORKS,
    allowedSockets: values.STOWAGE_ALLOWED_SOCKETS,
    limits: {
      depth: values.STOWAGE_MAX_DEPTH,
      aliases: values.STOWAGE_MAX_ALIASES,
      tokens: values.STOWAGE_MAX_TOKENS,
      cost: values.STOWAGE_MAX_COST,
      pageSize: values.STOWAGE_MAX_PAGE,
      bodyBytes: values.STOWAGE_MAX_BODY_BYTES,
      statementMs: values.STOWAGE_STATEMENT_SECONDS * 1000,
      connections: values.STOWAGE_MAX_CONNECTIONS,
      subscriptions: values.STOWAGE_MAX_SUBSCRIPTIONS,
      waitingBytes: values.STOWAGE_MAX_WAITING_BYTES,
      requestsPerSecond: values.STOWAGE_MAX_REQUESTS_PER_SECOND,
      failedSignIns: values.STOWAGE_MAX_FAILED_SIGN_INS,
      sockets: values.STOWAGE_MAX_SOCKETS,
    },
    answerCacheBytes: values.STOWAGE_ANSWER_CACHE_MB * 1024 * 1024,
    documentsFile: values.STOWAGE_DOCUMENTS,
  };
}

/** Without an endpoint nobody waits for traces: OpenTelemetry's default, a collector on this machine, is seldom there. */
function wantsTracing(values: z.infer<typeof environment>): boolean {
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  return endpoint !== undefined && values.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' && values.OTEL_TRACES_EXPORTER !== 'none';
}

/** The secret that is to be the next STOWAGE_SECRET_KEY. @throws {SettingsError} */
export function readNewSecretKey(variables: Readonly<Record<string, string | undefined>>): string {
  const secret = environment.shape.STOWAGE_SECRET_KEY.safeParse(variables['STOWAGE_NEW_SECRET_KEY'] ?? '');
  if (secret.success && secret.data !== undefined) return secret.data;
  throw new SettingsError('These settings are wrong:\n  STOWAGE_NEW_SECRET_KEY is not set, or is shorter than 16 characters');
}

/** @throws {SettingsError} when only a part of what belongs together is set. */
function jwtSettings(values: z.infer<typeof environment>): JwtSettings | undefined {
  const { STOWAGE_JWT_JWKS_URL: jwksUrl, STOWAGE_JWT_ISSUER: issuer, STOWAGE_JWT_AUDIENCE: audience } = values;
  if (jwksUrl === undefined && issuer === undefined && audience === undefined) return undefined;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) {
    throw new SettingsError(
      'These settings are wrong:\n  STOWAGE_JWT_JWKS_URL, STOWAGE_JWT_ISSUER and STOWAGE_JWT_AUDIENCE belong together, and not all of them are set',
    );
  }
  return {
    ...{ jwksUrl, issuer, audience },
    roleClaim: values.STOWAGE_JWT_ROLE_CLAIM,
    roles: values.STOWAGE_JWT_ROLES,
    hostsClaim: values.STOWAGE_JWT_HOSTS_CLAIM,
    nameClaim: values.STOWAGE_JWT_NAME_CLAIM,
    clockSkewMs: values.STOWAGE_JWT_CLOCK_SKEW_SECONDS * 1000,
  };
}

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Credentials } from './engine/endpoint.js';
import type { Network } from './networks.js';
import { MIN_SECRET_LENGTH, SECRET_FORM, SECRET_RULE, type SettingValues } from './settings-schema.js';
import { readSome, readSources, SettingsError, type Variables } from './settings-sources.js';

export { SettingsError } from './settings-sources.js';

/** Where a gateway listens when nothing is set. */
const DEFAULT_URL = 'http://127.0.0.1:4000';
const DAY_MS = 86_400_000;

/** Every setting, read and checked once at start. */
export interface Settings {
  /** PostgreSQL to use; undefined: the embedded one under {@link Settings.dataDir}. */
  readonly databaseUrl: string | undefined;
  /** Absolute path of the folder for the embedded database and the made keys. */
  readonly dataDir: string;
  readonly bind: string;
  /** 0: any free port. */
  readonly port: number;
  /** The file that was read beside the environment; undefined: none. */
  readonly configFile: string | undefined;
  /** What is not wrong and probably not meant, in words. */
  readonly warnings: readonly string[];
  /** Hosts of the settings; undefined: none are named, look for the local engine. */
  readonly hosts: readonly HostSetting[] | undefined;
  /** File that declares {@link Settings.hosts}; undefined: they are added at start when no host of that name is known, and no more. */
  readonly hostsFile: string | undefined;
  /** Which volumes are backed up when, in the order in which they are looked through; undefined: the settings say nothing of that. */
  readonly backupPolicies: readonly BackupPolicySetting[] | undefined;
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

/** A host of the settings. */
export interface HostSetting {
  readonly name: string;
  /** In normal form. */
  readonly endpoint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  /** Keys themselves, read from their files. */
  readonly credentials: Credentials;
}

/** Which volumes are backed up when. */
export type BackupPolicySetting = NonNullable<SettingValues['backupPolicies']>[number];

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
  /** Those of one address, or one network of IPv6 (/64), unless it is a trusted proxy's. */
  readonly socketsOfAddress: number;
}

/**
 * Reads the settings from environment variables and from the file that `configFile` or STOWAGE_CONFIG names (else `stowage.yaml`
 * in the working directory, if there is one). A variable goes before the file.
 * @throws {SettingsError} that names everything that is wrong.
 */
export function readSettings(variables: Variables, configFile?: string): Settings {
  const read = readSources(variables, configFile, tracingFaults(variables));
  const { values } = read;
  const dataDir = path.resolve(values.dataDir);
  return {
    configFile: read.file,
    warnings: read.warnings,
    databaseUrl: values.databaseUrl,
    dataDir,
    bind: values.bind,
    port: values.port,
    hosts: values.hosts === undefined ? undefined : Object.entries(values.hosts).map(([name, host]) => ({ name, ...host })),
    hostsFile: read.fromFile.has('hosts') ? read.file : undefined,
    backupPolicies: values.backupPolicies,
    adminToken: values.adminToken,
    auth: values.auth,
    jwt: jwtSettings(values),
    secretKey: values.secretKey,
    metricsPort: values.metricsPort === undefined ? undefined : { bind: values.metricsBind, port: values.metricsPort },
    tracing: wantsTracing(variables),
    logLevel: values.logLevel,
    resyncIntervalMs: values.resyncSeconds * 1000,
    engineTimeoutMs: values.engineTimeoutSeconds * 1000,
    parallelHosts: values.parallelHosts,
    hostDeadlineMs: values.hostDeadlineSeconds * 1000,
    pullDeadlineMs: values.pullDeadlineSeconds * 1000,
    sensitivePaths: values.sensitivePaths,
    allowedHostPaths: values.allowedHostPaths,
    allowedRegistries: values.allowedRegistries,
    backups: values.backups ?? pathToFileURL(path.join(dataDir, 'backups')).href,
    backupKey: values.backupKey,
    operationsPerHost: values.operationsPerHost,
    transferBytesPerSecond: values.transferBytesPerSecond,
    measurePauseMs: values.measurePauseSeconds * 1000,
    journalRetentionMs: values.journalDays * DAY_MS,
    web: webSettings(values),
    allowedNetworks: values.allowedNetworks,
    allowedSockets: values.allowedSockets,
    limits: {
      depth: values.maxDepth,
      aliases: values.maxAliases,
      tokens: values.maxTokens,
      cost: values.maxCost,
      pageSize: values.maxPage,
      bodyBytes: values.maxBodyBytes,
      statementMs: values.statementSeconds * 1000,
      connections: values.maxConnections,
      subscriptions: values.maxSubscriptions,
      waitingBytes: values.maxWaitingBytes,
      requestsPerSecond: values.maxRequestsPerSecond,
      failedSignIns: values.maxFailedSignIns,
      sockets: values.maxSockets,
      socketsOfAddress: values.maxSocketsPerAddress ?? Math.ceil(values.maxSockets / 2),
    },
    answerCacheBytes: values.answerCacheMb * 1024 * 1024,
    documentsFile: values.documents,
  };
}

/** The secret that is to be the next STOWAGE_SECRET_KEY. @throws {SettingsError} */
export function readNewSecretKey(variables: Variables): string {
  const secret = variables['STOWAGE_NEW_SECRET_KEY'] ?? '';
  if (secret.length >= MIN_SECRET_LENGTH) return secret;
  throw new SettingsError([`STOWAGE_NEW_SECRET_KEY: must have ${String(MIN_SECRET_LENGTH)} characters or more`]);
}

/** What a gateway that listens on all addresses is asked at on its own machine. */
const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Where the gateway that these settings start listens, for whoever asks it on its own machine. Only the settings that say so are
 * looked at: a running gateway goes on when others are made wrong.
 * @throws {SettingsError}
 */
export function readOwnUrl(variables: Variables, configFile?: string): string {
  const { bind, port, tlsCert } = readSome(['bind', 'port', 'tlsCert'], variables, configFile);
  if (port === 0) throw new SettingsError(['port: must not be 0 for this, since nobody knows which one it stands for']);
  const address = LOOPBACK_OF[bind] ?? bind;
  return `${tlsCert === undefined ? 'http' : 'https'}://${address.includes(':') ? `[${address}]` : address}:${String(port)}`;
}

/** How the commands that ask a gateway reach it. */
export interface GatewayAddress {
  readonly url: string;
  readonly token: string;
}

/** Where the commands find a gateway: `url`, else STOWAGE_URL, and STOWAGE_TOKEN. @throws {SettingsError} */
export function readGatewayAddress(variables: Variables, given?: string): GatewayAddress {
  const set = variables['STOWAGE_URL'] ?? '';
  const url = given ?? (set === '' ? DEFAULT_URL : set);
  const token = variables['STOWAGE_TOKEN'] ?? '';
  const faults: string[] = [];
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
    faults.push(`${given === undefined ? 'STOWAGE_URL' : '--url'}: must be where a gateway listens, such as ${DEFAULT_URL}`);
  if (token === '') faults.push('STOWAGE_TOKEN: must be the secret of a token');
  else if (!SECRET_FORM.test(token)) faults.push(`STOWAGE_TOKEN: ${SECRET_RULE}`);
  if (faults.length > 0) throw new SettingsError(faults);
  return { url, token };
}

function webSettings(values: SettingValues): WebSettings {
  const { tlsCert, tlsKey } = values;
  return {
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { certFile: path.resolve(tlsCert), keyFile: path.resolve(tlsKey) },
    allowedOrigins: values.allowedOrigins,
    trustedProxies: values.trustedProxies.map(({ address, prefix }) => `${address}/${String(prefix)}`),
    loopbackOnly: values.auth === 'none',
  };
}

/** undefined unless all three that belong together are set. */
function jwtSettings(values: SettingValues): JwtSettings | undefined {
  const { jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = values;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) return undefined;
  return {
    ...{ jwksUrl, issuer, audience },
    roleClaim: values.jwtRoleClaim,
    roles: new Map(Object.entries(values.jwtRoles)),
    hostsClaim: values.jwtHostsClaim,
    nameClaim: values.jwtNameClaim,
    clockSkewMs: values.jwtClockSkewSeconds * 1000,
  };
}

/** OpenTelemetry's own variables, which its SDK reads itself, of where traces go. */
const TRACE_ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

function tracingFaults(variables: Variables): string[] {
  const isRight = (url: string) => /^https?:\/\//i.test(url) && URL.canParse(url);
  const wrong = TRACE_ENDPOINTS.filter((name) => (variables[name] ?? '') !== '' && !isRight(variables[name] ?? ''));
  return wrong.map((name) => `${name}: must be a URL such as http://collector.example:4318`);
}

/** Without an endpoint nobody waits for traces: OpenTelemetry's default, a collector on this machine, is seldom there. */
function wantsTracing(variables: Variables): boolean {
  const isSet = TRACE_ENDPOINTS.some((name) => (variables[name] ?? '') !== '');
  return isSet && variables['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' && variables['OTEL_TRACES_EXPORTER'] !== 'none';
}

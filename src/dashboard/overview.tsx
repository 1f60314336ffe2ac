import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Age } from './ages';
import { EventStream } from './event-stream';
import { volumeAddress } from './event-words';
import { Badge, Empty, Loading, QueryState } from './feedback';
import { useGateway, useLiveQuery, useMayAdminister, type Answer } from './gateway-context';
import { AttentionDocument, HostsDocument, TotalsDocument, type HostsQuery } from './operations';
import { FINDINGS, formatBytes, formatCount, HOST_STATUSES, OPERATION_KINDS, type Tone } from './words';

/** Findings that are shown, and of everything else that needs somebody as many. */
const SHOWN_FINDINGS = 12;
const SHOWN_OTHERS = 5;
/** Milliseconds between two readings: what is counted over everything costs more than what is listed. */
const COUNT_AGAIN_MS = 1_000;
const LOOK_AGAIN_MS = 5_000;

/** The page that opens first: how things are, what needs somebody, and what happens. */
export function Overview() {
  const hosts = useLiveQuery(HostsDocument, {}, () => true, COUNT_AGAIN_MS);
  return (
    <div className="page overview">
      <title>Overview · Stowage</title>
      <h1>Overview</h1>
      <Totals hosts={hosts.data?.hosts ?? []} isLoading={hosts.data === undefined} />
      <div className="overview-columns">
        <div className="overview-main">
          {/* Looking for all of it takes longest in a large inventory: it is begun when the figures are there. */}
          {hosts.isLoading && hosts.data === undefined ? <AttentionToCome /> : <Attention hosts={hosts.data?.hosts ?? []} />}
          <Hosts query={hosts} />
        </div>
        <EventStream />
      </div>
    </div>
  );
}

type Host = HostsQuery['hosts'][number];

function Totals({ hosts, isLoading }: { readonly hosts: readonly Host[]; readonly isLoading: boolean }) {
  const { data } = useLiveQuery(TotalsDocument, {}, () => true, COUNT_AGAIN_MS);
  const sum = (of: (host: Host) => number) => hosts.reduce((total, host) => total + of(host), 0);
  const figures = [
    { words: 'Hosts online', value: `${formatCount(hosts.filter(({ status }) => status === 'ONLINE').length)} of ${formatCount(hosts.length)}`, href: '/' },
    { words: 'Volumes', value: formatCount(sum(({ stats }) => stats.volumes)), href: '/volumes' },
    { words: 'In use', value: data === undefined ? '…' : formatCount(data.inUse.totalCount), href: '/volumes?state=IN_USE' },
    { words: 'Shared', value: formatCount(sum(({ stats }) => stats.sharedVolumes)), href: '/volumes?shared=true' },
    { words: 'Unused', value: formatCount(sum(({ stats }) => stats.danglingVolumes)), href: '/volumes?state=DANGLING' },
    { words: 'Measured', value: formatBytes(sum(({ stats }) => Number(stats.sizeBytes ?? 0))), href: '/volumes?sort=SIZE&desc=true' },
  ];
  return (
    <ul className="totals" aria-label="Totals">
      {figures.map(({ words, value, href }) => (
        <li key={words}>
          <Link href={href}>
            <span className="total-value">{isLoading ? '…' : value}</span>
            <span className="total-words">{words}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Hosts({ query }: { readonly query: Answer<HostsQuery> }) {
  const { data } = query;
  const mayAdminister = useMayAdminister();
  return (
    <section className="card" aria-labelledby="hosts-title">
      <header className="card-head">
        <h2 id="hosts-title">Hosts</h2>
        {mayAdminister && <Link href="/hosts">Change</Link>}
      </header>
      <QueryState query={query} what="hosts" />
      {data?.hosts.length === 0 && (
        <Empty title="No host yet">
          {mayAdminister ? <Link href="/hosts">Add the first one</Link> : 'Whoever has the role ADMIN for all hosts can add one.'}
        </Empty>
      )}
      <ul className="hosts">
        {data?.hosts.map((host) => (
          <li key={host.id}>
            <div className="host-line">
              <Link href={`/volumes?host=${encodeURIComponent(host.name)}`} className="host-name">
                {host.name}
              </Link>
              <Badge tone={HOST_STATUSES[host.status].tone}>{HOST_STATUSES[host.status].words}</Badge>
              <span className="muted host-engine">{host.engine === null ? 'never reached' : `Docker ${host.engine.version}`}</span>
            </div>
            <div className="host-figures muted">
              <span>
                <b>{formatCount(host.stats.volumes)}</b> volumes
              </span>
              <span>
                <b>{formatCount(host.stats.containers)}</b> containers
              </span>
              {host.stats.sizeBytes !== null && <span>{formatBytes(host.stats.sizeBytes)}</span>}
              <span>
                as of <Age at={host.lastSyncedAt} />
              </span>
            </div>
            {host.statusReason !== null && host.status !== 'ONLINE' && <p className="host-reason">{host.statusReason}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** As high as what comes in its place usually is, so that what stands below does not move. */
function AttentionToCome() {
  return (
    <section className="card filling" aria-labelledby="attention-title">
      <header className="card-head">
        <h2 id="attention-title">What needs attention</h2>
      </header>
      <Loading what="findings" />
    </section>
  );
}

function Attention({ hosts }: { readonly hosts: readonly Host[] }) {
  const { pageOf } = useGateway();
  const query = useLiveQuery(AttentionDocument, { findings: pageOf(SHOWN_FINDINGS), others: pageOf(SHOWN_OTHERS) }, () => true, LOOK_AGAIN_MS);
  const { data, error } = query;
  const away = hosts.filter(({ status }) => status === 'UNREACHABLE');
  const count = away.length + (data?.findings.totalCount ?? 0) + (data?.failed.totalCount ?? 0);
  return (
    <section className={data === undefined && error === undefined ? 'card filling' : 'card'} aria-labelledby="attention-title">
      <header className="card-head">
        <h2 id="attention-title">What needs attention</h2>
        {data !== undefined && count > 0 && <span className="count">{formatCount(count)}</span>}
      </header>
      <QueryState query={query} what="findings" />
      {data !== undefined && count === 0 && data.unused.totalCount === 0 && (
        <Empty title="All is well">No host is away, no share is risky, nothing failed.</Empty>
      )}
      <ul className="attention">
        {away.map(({ id, name, statusReason, lastSeenAt }) => (
          <Concern key={id} tone="bad" title={`${name} is unreachable`} at={lastSeenAt}>
            {statusReason}
          </Concern>
        ))}
        {data?.failed.nodes.map(({ id, kind, error: problem, source, finishedAt }) => (
          <Concern key={id} tone="bad" title={`${OPERATION_KINDS[kind]}${source === null ? '' : ` of ${source.name}`} failed`} at={finishedAt}>
            {problem?.message} <Link href="/operations?state=FAILED">Operations</Link>
          </Concern>
        ))}
        {data?.findings.nodes.map(({ kind, message, since, volumes, hosts: where }, index) => (
          <Concern key={`${kind} ${message} ${String(index)}`} tone="warning" title={FINDINGS[kind]} at={since}>
            {volumes.length === 0 && where.length > 0 && `${where.map(({ name }) => name).join(', ')}: `}
            {message}{' '}
            {volumes.slice(0, 3).map(({ id, name, host }) => (
              <Link key={id} href={volumeAddress(host.name, name)} className="concern-link">
                {host.name}/{name}
              </Link>
            ))}
          </Concern>
        ))}
        {data !== undefined && data.findings.totalCount > data.findings.nodes.length && (
          <li className="more">
            <Link href="/map?risky=true">{formatCount(data.findings.totalCount - data.findings.nodes.length)} more findings: see the share map</Link>
          </li>
        )}
        {data !== undefined && data.unused.totalCount > 0 && (
          <Concern tone="quiet" title={`${formatCount(data.unused.totalCount)} not used for 30 days`} at={undefined}>
            The largest:{' '}
            {data.unused.nodes.map(({ id, name, host, sizeBytes }) => (
              <Link key={id} href={volumeAddress(host.name, name)} className="concern-link">
                {host.name}/{name}
                {sizeBytes !== null && ` (${formatBytes(sizeBytes)})`}
              </Link>
            ))}
            <Link href="/volumes?unusedFor=P30D&sort=SIZE&desc=true">All</Link>
          </Concern>
        )}
      </ul>
    </section>
  );
}

function Concern({
  tone,
  title,
  at,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly at: string | null | undefined;
  readonly children: ReactNode;
}) {
  return (
    <li className={`concern ${tone}`}>
      <div className="concern-head">
        <span className={`dot ${tone}`} />
        <h3>{title}</h3>
        {at !== undefined && at !== null && <Age at={at} />}
      </div>
      <p>{children}</p>
    </li>
  );
}

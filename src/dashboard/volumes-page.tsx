import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { Age } from './ages';
import { CreateVolume } from './create-volume';
import { volumeAddress } from './event-words';
import { Badge, Empty, Loading, QueryFailure } from './feedback';
import { useGateway, useLiveEvents, useMay } from './gateway-context';
import { Icon } from './icons';
import type { VolumeOrderField } from './operations';
import { columnsOf, filterOf, orderOf, type Column } from './volume-question';
import { VolumeFilters } from './volume-filters';
import { VolumeRows, type RowsView, type VolumeRow } from './volume-rows';
import { formatBytes, formatCount, VOLUME_STATES } from './words';

/** Pixels of a row; on a narrow screen it has two lines. */
const ROW_PX = 42;
const NARROW_ROW_PX = 64;
const NARROW = '(max-width: 46rem)';
/** Rows that are drawn beyond what shows. */
const OVERSCAN = 12;
/** Rows that PageUp and PageDown go. */
const PAGE_KEY_ROWS = 10;

interface ColumnForm {
  readonly title: string;
  /** Width in the grid of the table. */
  readonly width: string;
  readonly order?: VolumeOrderField;
  readonly cell: (row: VolumeRow) => ReactNode;
}

const NAME: ColumnForm = {
  title: 'Name',
  width: 'minmax(12rem, 2fr)',
  order: 'NAME',
  cell: (row) => (
    <>
      <Link href={volumeAddress(row.host.name, row.name, row.state === 'REMOVED' ? row.id : undefined)} data-row-link>
        {row.name}
      </Link>
      {row.protected && (
        <span className="lock" title="Protected">
          <Icon name="lock" />
          <span className="hidden-words">protected</span>
        </span>
      )}
    </>
  ),
};

const FORMS: Readonly<Record<Column, ColumnForm>> = {
  host: { title: 'Host', width: 'minmax(6rem, 0.8fr)', cell: ({ host }) => <span className={host.status === 'ONLINE' ? '' : 'away'}>{host.name}</span> },
  state: { title: 'State', width: '6.5rem', cell: ({ state }) => <Badge tone={VOLUME_STATES[state].tone}>{VOLUME_STATES[state].words}</Badge> },
  size: {
    title: 'Size',
    width: '6rem',
    order: 'SIZE',
    cell: ({ sizeBytes }) => (sizeBytes === null ? <span className="muted">–</span> : formatBytes(sizeBytes)),
  },
  shares: {
    title: 'Containers',
    width: '7rem',
    order: 'SHARE_COUNT',
    cell: ({ shareCount }) => (shareCount === 0 ? <span className="muted">0</span> : shareCount),
  },
  lastUsed: { title: 'Last mounted', width: '8rem', order: 'LAST_MOUNTED_AT', cell: ({ lastMountedAt }) => <Age at={lastMountedAt} /> },
  usedBy: { title: 'Last used by', width: 'minmax(7rem, 1fr)', cell: ({ lastUsedBy }) => lastUsedBy ?? <span className="muted">–</span> },
  created: { title: 'Created', width: '8rem', order: 'CREATED_AT', cell: ({ createdAt, firstSeenAt }) => <Age at={createdAt ?? firstSeenAt} /> },
  driver: { title: 'Driver', width: 'minmax(5rem, 0.6fr)', cell: ({ driver }) => driver },
  project: { title: 'Compose project', width: 'minmax(8rem, 0.8fr)', cell: ({ composeProject }) => composeProject ?? <span className="muted">–</span> },
  labels: {
    title: 'Labels',
    width: 'minmax(8rem, 1.2fr)',
    cell: ({ labels }) => labels.map(({ key, value }) => (value === '' ? key : `${key}=${value}`)).join(', ') || <span className="muted">–</span>,
  },
};
/** What a narrow screen has room for. */
const NARROW_COLUMNS: readonly Column[] = ['host', 'state', 'size'];

/** All volumes of all hosts in one table. The address bar holds what is asked. */
export function VolumesPage() {
  const [address] = useSearchParams();
  const gateway = useGateway();
  const asked = JSON.stringify([filterOf(address), orderOf(address)]);
  // What is asked is the same as long as its text is: other parts of the address do not read anything again.
  const rows = useMemo(() => new VolumeRows(gateway, filterOf(address), orderOf(address)), [gateway, asked]);
  useEffect(() => {
    rows.begin();
    return () => {
      rows.stop();
    };
  }, [rows]);
  const view = useSyncExternalStore(rows.watch, rows.readView);
  useLiveEvents({
    onEvents: (events) => {
      rows.take(events);
    },
    onReload: () => {
      rows.reload();
    },
  });
  const mayChange = useMay('OPERATOR');
  return (
    <div className="page volumes-page">
      <title>Volumes · Stowage</title>
      <div className="page-head">
        <h1>Volumes</h1>
        <span className="muted" role="status">
          {view.total === undefined ? '' : formatCount(view.total)}
          <span className="hidden-words"> volumes found</span>
        </span>
        <div className="actions">{mayChange && <CreateVolume />}</div>
      </div>
      <VolumeFilters hasColumns />
      {view.error !== undefined && (
        <QueryFailure
          error={view.error}
          onRetry={() => {
            rows.reload();
          }}
        />
      )}
      <Table key={asked} rows={rows} view={view} columns={columnsOf(address)} />
    </div>
  );
}

function Table({ rows, view, columns: asked }: { readonly rows: VolumeRows; readonly view: RowsView; readonly columns: readonly Column[] }) {
  const isNarrow = useSyncExternalStore(watchWidth, () => window.matchMedia(NARROW).matches);
  const columns = isNarrow ? NARROW_COLUMNS : asked;
  const scroller = useRef<HTMLDivElement>(null);
  const total = Math.max(view.total ?? 0, view.rows.length);
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? NARROW_ROW_PX : ROW_PX),
    overscan: OVERSCAN,
  });
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, isNarrow]);
  const shown = virtualizer.getVirtualItems();
  const [first, last] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  useEffect(() => {
    rows.lookAt(first, last);
  }, [rows, first, last]);

  const [current, setCurrent] = useState(0);
  const goTo = (index: number) => {
    const place = Math.min(Math.max(index, 0), view.rows.length - 1);
    setCurrent(place);
    virtualizer.scrollToIndex(place, { align: 'auto' });
    // Drawn after it has been scrolled to.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${String(place)}"] [data-row-link]`)?.focus()),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_KEY_ROWS, PageUp: -PAGE_KEY_ROWS, Home: -total, End: total };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    goTo(document.activeElement === scroller.current ? 0 : current + step);
  };
  const grid = { gridTemplateColumns: isNarrow ? undefined : [NAME, ...columns.map((column) => FORMS[column])].map(({ width }) => width).join(' ') };
  const forms: readonly (readonly [string, ColumnForm])[] = [['name', NAME], ...columns.map((column) => [column, FORMS[column]] as const)];
  return (
    <div className="card table-card">
      <div
        ref={scroller}
        className="table-scroll"
        role="table"
        aria-label="Volumes"
        aria-rowcount={total + 1}
        aria-colcount={forms.length}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className="table-head">
          <div role="row" aria-rowindex={1} className="table-row" style={grid}>
            {forms.map(([column, form]) => (
              <HeadCell key={column} form={form} />
            ))}
          </div>
        </div>
        {total === 0 && !view.isReading && view.error === undefined ? (
          <Nothing />
        ) : (
          <div role="rowgroup" className="table-rows" style={{ height: virtualizer.getTotalSize() }}>
            {shown.map(({ index, start, size }) => {
              const row = view.rows[index];
              return (
                <div
                  key={row?.id ?? `unread ${String(index)}`}
                  role="row"
                  aria-rowindex={index + 2}
                  data-index={index}
                  className="table-row"
                  style={{ ...grid, transform: `translateY(${String(start)}px)`, height: size }}
                  onFocus={() => {
                    setCurrent(index);
                  }}
                >
                  {forms.map(([column, form]) => (
                    <div key={column} role="cell" className={`cell ${column}`}>
                      {row === undefined ? <span className="unread">…</span> : form.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        )}
      </div>
      {view.total === undefined && view.error === undefined && <Loading what="volumes" />}
    </div>
  );
}

function Nothing() {
  const [address, setAddress] = useSearchParams();
  const isFiltered = Object.keys(filterOf(address)).length > 0;
  return (
    <div role="rowgroup">
      <div role="row">
        <div role="cell">
          <Empty title={isFiltered ? 'No volume is like that' : 'No volume yet'}>
            {isFiltered && (
              <button
                type="button"
                onClick={() => {
                  setAddress({});
                }}
              >
                Show all
              </button>
            )}
          </Empty>
        </div>
      </div>
    </div>
  );
}

function HeadCell({ form: { title, order } }: { readonly form: ColumnForm }) {
  const [address, setAddress] = useSearchParams();
  if (order === undefined) {
    return (
      <div role="columnheader" className="cell">
        {title}
      </div>
    );
  }
  const { field, direction } = orderOf(address);
  const isSorted = field === order;
  const sort = () => {
    setAddress((before) => {
      const after = new URLSearchParams(before);
      after.set('sort', order);
      // What is looked for first of times and sizes is the largest.
      const desc = isSorted ? direction === 'ASC' : order !== 'NAME';
      if (desc) after.set('desc', 'true');
      else after.delete('desc');
      return after;
    });
  };
  return (
    <div role="columnheader" className="cell" aria-sort={isSorted ? (direction === 'ASC' ? 'ascending' : 'descending') : 'none'}>
      <button type="button" className="sort" onClick={sort}>
        {title}
        {isSorted && <Icon name={direction === 'ASC' ? 'up' : 'down'} />}
      </button>
    </div>
  );
}

function watchWidth(watcher: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener('change', watcher);
  return () => {
    query.removeEventListener('change', watcher);
  };
}

import { useState } from 'react';
import { Age } from './ages';
import { Card } from './card';
import { QueryFailure } from './feedback';
import { useGateway, useMay } from './gateway-context';
import { OperationProgress } from './operation-progress';
import { MeasureVolumesDocument, type OperationLineFragment, type VolumeDetailFragment as VolumeDetail } from './operations';
import type { CombinedError } from '@urql/core';
import { Table } from './table';
import { formatBytes, formatMoment } from './words';

/** The picture's own units. */
const WIDTH = 600;
const HEIGHT = 84;
const MARGIN = 8;

interface Point {
  readonly at: number;
  readonly bytes: number;
  readonly iso: string;
  readonly from: 'measured' | 'backup';
}

const WORDS: Readonly<Record<Point['from'], string>> = { measured: 'measured', backup: 'a backup' };

/** How large it is, and was: as measured, and as its backups found it. */
export function VolumeSize({ volume }: { readonly volume: VolumeDetail }) {
  const { sizeBytes, sizeMeasuredAt, sizeUnknownBecause, sizes, backups } = volume;
  const point = (iso: string, bytes: number | string, from: Point['from']): Point => ({ at: Date.parse(iso), iso, bytes: Number(bytes), from });
  const points = [
    ...sizes.nodes.map((size) => point(size.measuredAt, size.sizeBytes, 'measured')),
    ...backups.nodes.map(({ createdAt, contentBytes }) => point(createdAt, contentBytes, 'backup')),
  ].sort((a, b) => a.at - b.at);
  const mayMeasure = useMay('OPERATOR') && volume.state !== 'REMOVED';
  return (
    <Card title="Size">
      <div className="card-body size">
        <p>
          {sizeBytes === null ? (
            <span className="muted">{sizeUnknownBecause ?? 'Not measured yet.'}</span>
          ) : (
            <>
              <b className="size-value">{formatBytes(sizeBytes)}</b>{' '}
              <span className="muted">
                measured <Age at={sizeMeasuredAt} />
              </span>
            </>
          )}
        </p>
        {points.length > 1 && <Curve points={points} />}
        {mayMeasure && <Measure host={volume.host.name} />}
      </div>
    </Card>
  );
}

/** A line through what was measured, rings for what backups found, and all of it as a table for who sees no picture. */
function Curve({ points }: { readonly points: readonly Point[] }) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const largest = Math.max(...points.map(({ bytes }) => bytes), 1);
  const placed = points.map((point) => ({
    ...point,
    x: MARGIN + ((point.at - first.at) / Math.max(last.at - first.at, 1)) * (WIDTH - 2 * MARGIN),
    y: HEIGHT - MARGIN - (point.bytes / largest) * (HEIGHT - 2 * MARGIN),
  }));
  const path = placed
    .filter(({ from }) => from === 'measured')
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
  const range = `${formatMoment(first.iso)} to ${formatMoment(last.iso)}, at most ${formatBytes(largest)}`;
  return (
    <figure>
      <svg className="curve" viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} role="img" aria-label={`Size over time: ${range}`}>
        <path className="curve-base" d={`M${String(MARGIN)} ${String(HEIGHT - MARGIN)}H${String(WIDTH - MARGIN)}`} />
        <path className="curve-line" d={path} />
        {placed.map(({ x, y, iso, bytes, from }) => (
          <circle key={`${iso} ${from}`} className={from} cx={x} cy={y} r={from === 'backup' ? 4 : 3}>
            <title>{`${formatMoment(iso)}: ${formatBytes(bytes)} (${WORDS[from]})`}</title>
          </circle>
        ))}
      </svg>
      <figcaption className="muted">{range}. The line is what was measured, rings are backups.</figcaption>
      <details>
        <summary>As a table</summary>
        <Table label="Sizes" columns={['When', 'Size', 'From']}>
          {points.toReversed().map(({ iso, bytes, from }) => (
            <tr key={`${iso} ${from}`}>
              <th scope="row">{formatMoment(iso)}</th>
              <td>{formatBytes(bytes)}</td>
              <td className="muted">{WORDS[from]}</td>
            </tr>
          ))}
        </Table>
      </details>
    </figure>
  );
}

function Measure({ host }: { readonly host: string }) {
  const { client } = useGateway();
  const [operation, setOperation] = useState<OperationLineFragment | undefined>();
  const [error, setError] = useState<CombinedError | undefined>();
  const measure = () => {
    void client
      .mutation(MeasureVolumesDocument, { input: { hosts: [host] } })
      .toPromise()
      .then((answer) => {
        setError(answer.error);
        setOperation(answer.data?.measureVolumes.operation);
      });
  };
  return (
    <>
      <button type="button" onClick={measure}>
        Measure all of {host}
      </button>
      {error !== undefined && <QueryFailure error={error} />}
      {operation !== undefined && <OperationProgress key={operation.id} operation={operation} />}
    </>
  );
}

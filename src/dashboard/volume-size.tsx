import { useState } from 'react';
import { Age } from './ages';
import { Card } from './card';
import { QueryFailure } from './feedback';
import { useGateway, useMay } from './gateway-context';
import { OperationProgress } from './operation-progress';
import { MeasureVolumesDocument, type OperationLineFragment, type VolumeDetailFragment as VolumeDetail } from './operations';
import type { CombinedError } from '@urql/core';
import { formatBytes, formatMoment } from './words';

/** The picture's own units. */
const WIDTH = 600;
const HEIGHT = 84;
const MARGIN = 8;

interface Point {
  readonly at: number;
  readonly bytes: number;
  readonly iso: string;
  readonly from: string;
}

/** How large it is, and was: as measured now, and as its backups found it. */
export function VolumeSize({ volume }: { readonly volume: VolumeDetail }) {
  const { sizeBytes, sizeMeasuredAt, sizeUnknownBecause, backups } = volume;
  const points: Point[] = backups.nodes.map(({ createdAt, contentBytes }) => ({
    at: Date.parse(createdAt),
    iso: createdAt,
    bytes: Number(contentBytes),
    from: 'backup',
  }));
  if (sizeBytes !== null && sizeMeasuredAt !== null) {
    points.push({ at: Date.parse(sizeMeasuredAt), iso: sizeMeasuredAt, bytes: Number(sizeBytes), from: 'measured' });
  }
  points.sort((a, b) => a.at - b.at);
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

function Curve({ points }: { readonly points: readonly Point[] }) {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const largest = Math.max(...points.map(({ bytes }) => bytes), 1);
  const placed = points.map((point) => ({
    ...point,
    x: MARGIN + ((point.at - first) / Math.max(last - first, 1)) * (WIDTH - 2 * MARGIN),
    y: HEIGHT - MARGIN - (point.bytes / largest) * (HEIGHT - 2 * MARGIN),
  }));
  const path = placed.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return (
    <figure>
      <svg
        className="curve"
        viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
        role="img"
        aria-label={`Size over time: ${points.map(({ iso, bytes }) => `${formatMoment(iso)} ${formatBytes(bytes)}`).join('; ')}`}
      >
        <path className="curve-base" d={`M${String(MARGIN)} ${String(HEIGHT - MARGIN)}H${String(WIDTH - MARGIN)}`} />
        <path className="curve-line" d={path} />
        {placed.map(({ x, y, iso, bytes, from }) => (
          <circle key={`${iso} ${from}`} cx={x} cy={y} r={4}>
            <title>{`${formatMoment(iso)}: ${formatBytes(bytes)} (${from})`}</title>
          </circle>
        ))}
      </svg>
      <figcaption className="muted">As backups found it, and as last measured.</figcaption>
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

import type { CombinedError } from '@urql/core';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { Age } from './ages';
import { volumeAddress } from './event-words';
import { Empty, Failure, Loading, QueryFailure } from './feedback';
import { useGateway, useMay } from './gateway-context';
import { HostResults } from './host-results';
import { ApplyPruneDocument, PrunePlanDocument, type ApplyPruneMutation, type PrunePlanQuery } from './operations';
import { VolumeFilters } from './volume-filters';
import { filterOf } from './volume-question';
import { counted, formatBytes, formatMoment } from './words';

type Plan = PrunePlanQuery['prunePlan'];
type Results = ApplyPruneMutation['applyPrune']['results'];

/** Volumes that one page lists of a plan; the plan itself has all. */
const LISTED = 500;

/** Removes volumes that nobody needs: first what would go and what is spared, and nothing goes before somebody says so. */
export function PrunePage() {
  const mayChange = useMay('OPERATOR');
  const [address] = useSearchParams();
  const asked = JSON.stringify(filterOf(address));
  return (
    <div className="page">
      <title>Clean up · Stowage</title>
      <h1>Clean up</h1>
      {mayChange ? (
        <>
          <p className="muted lead">
            Choose what to look at, and see what would go. Volumes that a container refers to, that are protected, or that are being copied are always spared.
          </p>
          <VolumeFilters hasColumns={false} />
          <Planning key={asked} />
        </>
      ) : (
        <Failure words="Removing volumes needs the role OPERATOR." />
      )}
    </div>
  );
}

function Planning() {
  const { client } = useGateway();
  const [address] = useSearchParams();
  const [step, setStep] = useState<'IDLE' | 'PLANNING' | 'APPLYING'>('IDLE');
  const [plan, setPlan] = useState<Plan | undefined>();
  const [results, setResults] = useState<Results | undefined>();
  const [error, setError] = useState<CombinedError | undefined>();
  const draw = () => {
    setStep('PLANNING');
    setResults(undefined);
    setPlan(undefined);
    void client
      .query(PrunePlanDocument, { filter: filterOf(address) }, { requestPolicy: 'network-only' })
      .toPromise()
      .then((answer) => {
        setStep('IDLE');
        setError(answer.error);
        setPlan(answer.data?.prunePlan);
      });
  };
  const apply = ({ id }: Plan) => {
    setStep('APPLYING');
    void client
      .mutation(ApplyPruneDocument, { input: { planId: id } })
      .toPromise()
      .then((answer) => {
        setStep('IDLE');
        setError(answer.error);
        setResults(answer.data?.applyPrune.results);
      });
  };
  return (
    <>
      <div>
        <button type="button" className="primary" onClick={draw} disabled={step !== 'IDLE'}>
          {step === 'PLANNING' ? 'Looking …' : plan === undefined ? 'See what would go' : 'Look again'}
        </button>
      </div>
      {error !== undefined && <QueryFailure error={error} />}
      {step === 'PLANNING' && <Loading what="the plan" />}
      {results !== undefined && <Applied results={results} />}
      {plan !== undefined && results === undefined && (
        <Planned
          plan={plan}
          isApplying={step === 'APPLYING'}
          onApply={() => {
            apply(plan);
          }}
        />
      )}
    </>
  );
}

function Planned({ plan, isApplying, onApply }: { readonly plan: Plan; readonly isApplying: boolean; readonly onApply: () => void }) {
  const { remove, spare, reclaimableBytes, expiresAt } = plan;
  return (
    <div className="plan">
      <section className="card" aria-labelledby="remove-title">
        <header className="card-head">
          <h2 id="remove-title">{counted(remove.length, 'volume')} would go</h2>
          <span className="muted">{reclaimableBytes === null ? 'none was measured' : `frees ${formatBytes(reclaimableBytes)} as far as was measured`}</span>
        </header>
        {remove.length === 0 && <Empty title="Nothing to remove" />}
        <ul className="plan-list">
          {remove.slice(0, LISTED).map(({ id, name, host, sizeBytes, lastMountedAt }) => (
            <li key={id}>
              <Link href={volumeAddress(host.name, name)}>
                {host.name}/{name}
              </Link>
              <span className="muted">
                {sizeBytes === null ? 'not measured' : formatBytes(sizeBytes)} ·{' '}
                {lastMountedAt === null ? (
                  'never mounted'
                ) : (
                  <>
                    mounted <Age at={lastMountedAt} />
                  </>
                )}
              </span>
            </li>
          ))}
          {remove.length > LISTED && <li className="muted">and {counted(remove.length - LISTED, 'more volume')}</li>}
        </ul>
        {remove.length > 0 && (
          <div className="card-body plan-end">
            <button type="button" className="danger" onClick={onApply} disabled={isApplying}>
              {isApplying ? 'Removing …' : `Remove ${counted(remove.length, 'volume')}`}
            </button>
            <span className="muted">The plan is good until {formatMoment(expiresAt)}. What comes into use before is spared.</span>
          </div>
        )}
      </section>
      <section className="card" aria-labelledby="spare-title">
        <header className="card-head">
          <h2 id="spare-title">{counted(spare.length, 'volume')} spared</h2>
        </header>
        <ul className="plan-list">
          {spare.slice(0, LISTED).map(({ volume, reason }) => (
            <li key={volume.id}>
              <Link href={volumeAddress(volume.host.name, volume.name)}>
                {volume.host.name}/{volume.name}
              </Link>
              <span className="muted">{reason}</span>
            </li>
          ))}
          {spare.length > LISTED && <li className="muted">and {counted(spare.length - LISTED, 'more volume')}</li>}
        </ul>
      </section>
    </div>
  );
}

function Applied({ results }: { readonly results: Results }) {
  const removed = results.filter((result) => result.removed).length;
  return (
    <section className="card" role="status" aria-labelledby="result-title">
      <header className="card-head">
        <h2 id="result-title">
          {counted(removed, 'volume')} removed{removed < results.length && `, ${counted(results.length - removed, 'volume')} left`}
        </h2>
      </header>
      <div className="card-body">
        <HostResults results={results.map(({ host, name, error }) => ({ where: `${host.name}/${name}`, words: 'Removed', tone: 'good' as const, error }))} />
      </div>
    </section>
  );
}

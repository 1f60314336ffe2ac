import { useSearchParams } from 'wouter';
import { Age } from './ages';
import { Empty, QueryState } from './feedback';
import { useGateway, useLiveQuery } from './gateway-context';
import { OperationProgress } from './operation-progress';
import { OperationsDocument, type OperationState } from './operations';
import { formatCount, OPERATION_STATES } from './words';

/** Operations that are shown at once. */
const SHOWN = 100;
const STATES = Object.keys(OPERATION_STATES) as readonly OperationState[];

/** What works on the content of volumes, and what came of it, newest first. */
export function OperationsPage() {
  const [address, setAddress] = useSearchParams();
  const { pageOf } = useGateway();
  const state = STATES.find((known) => known === address.get('state'));
  const query = useLiveQuery(
    OperationsDocument,
    { filter: state === undefined ? {} : { states: [state] }, first: pageOf(SHOWN) },
    ({ type }) => type === 'OPERATION_CHANGED',
  );
  const operations = query.data?.operations;
  return (
    <div className="page">
      <title>Operations · Stowage</title>
      <div className="page-head">
        <h1>Operations</h1>
        {operations !== undefined && <span className="muted">{formatCount(operations.totalCount)}</span>}
      </div>
      <div className="filters">
        <div className="field">
          <label htmlFor="operation-state" className="hidden-words">
            State
          </label>
          <select
            id="operation-state"
            value={state ?? ''}
            onChange={(event) => {
              setAddress(event.target.value === '' ? {} : { state: event.target.value });
            }}
          >
            <option value="">All states</option>
            {STATES.map((each) => (
              <option key={each} value={each}>
                {OPERATION_STATES[each].words}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div className="card">
        <QueryState query={query} what="operations" />
        {operations?.nodes.length === 0 && (
          <Empty title={state === undefined ? 'No operation yet' : 'None in this state'}>
            Clones, moves, backups and restores of volumes show here with their progress.
          </Empty>
        )}
        <ul className="operations">
          {operations?.nodes.map((operation) => (
            <li key={operation.id}>
              <OperationProgress operation={operation} />
              <p className="muted operation-who">
                {operation.requestedBy} · <Age at={operation.createdAt} />
              </p>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

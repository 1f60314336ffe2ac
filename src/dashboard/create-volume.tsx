import { Action, pairsOf, textOf } from './action-dialog';
import { useOfferedHosts } from './host-choice';
import { HostResults } from './host-results';
import { CreateVolumeDocument } from './operations';
import { HOST_STATUSES } from './words';

/** Makes a volume on one or more hosts. */
export function CreateVolume() {
  return (
    <Action
      button="Create volume"
      buttonClass="primary"
      title="Create a volume"
      submit="Create"
      document={CreateVolumeDocument}
      variables={({ form, idempotencyKey }) => {
        const [name, driver, labels, driverOptions] = [textOf(form, 'name'), textOf(form, 'driver'), pairsOf(form, 'labels'), pairsOf(form, 'options')];
        return {
          input: {
            hosts: form.getAll('host').map(String),
            labels,
            idempotencyKey,
            ...(name === undefined ? {} : { name }),
            ...(driver === undefined ? {} : { driver }),
            ...(driverOptions.length === 0 ? {} : { driverOptions }),
          },
        };
      }}
      resultOf={({ createVolume }) => createVolume.results}
      result={(results) => (
        <HostResults
          results={results.map(({ host, created, error }) => ({
            where: host.name,
            words: created ? 'Created' : 'Was there',
            tone: created ? 'good' : 'quiet',
            error,
          }))}
        />
      )}
    >
      <div className="field">
        <label htmlFor="create-name">Name</label>
        <input id="create-name" name="name" autoComplete="off" spellCheck={false} autoFocus />
        <span className="hint">The same on all hosts. Left out, the engine names it.</span>
      </div>
      <fieldset className="field">
        <legend className="field-label">Hosts</legend>
        <div className="checks">
          <HostChecks />
        </div>
      </fieldset>
      <div className="field">
        <label htmlFor="create-labels">Labels</label>
        <textarea id="create-labels" name="labels" rows={2} spellCheck={false} placeholder="team=blue" />
        <span className="hint">One key=value a line.</span>
      </div>
      <details>
        <summary>Driver and options</summary>
        <div className="field">
          <label htmlFor="create-driver">Driver</label>
          <input id="create-driver" name="driver" autoComplete="off" placeholder="local" />
        </div>
        <div className="field">
          <label htmlFor="create-options">Options</label>
          <textarea id="create-options" name="options" rows={2} spellCheck={false} />
        </div>
      </details>
    </Action>
  );
}

function HostChecks() {
  const hosts = useOfferedHosts();
  return hosts.map(({ name, status }) => (
    <label key={name} className="check">
      <input type="checkbox" name="host" value={name} defaultChecked={hosts.length === 1} />
      {name} {status !== 'ONLINE' && <span className="muted">({HOST_STATUSES[status].words.toLowerCase()})</span>}
    </label>
  ));
}

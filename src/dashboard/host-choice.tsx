import { useState } from 'react';
import { useHostNames } from './gateway-context';
import type { HostNamesQuery } from './operations';

type Host = HostNamesQuery['hosts'][number];

/**
 * Hosts to choose from in a dialog. One that goes while the dialog is open stays: otherwise a token for that host would become
 * one for all hosts, and what was to go to it would go to another. The gateway says that it is not there any more.
 */
export function useOfferedHosts(): readonly Host[] {
  const hosts = useHostNames();
  const [offered, setOffered] = useState<readonly Host[]>(hosts ?? []);
  const news = hosts?.filter(({ name }) => !offered.some((known) => known.name === name)) ?? [];
  if (news.length > 0) setOffered([...offered, ...news]);
  return offered.map((known) => hosts?.find(({ name }) => name === known.name) ?? known);
}

/** A list to choose one host from. */
export function HostSelect({
  id,
  name,
  label,
  first,
  without,
}: {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  /** The one that is chosen before anybody chooses. */
  readonly first?: string;
  /** One that cannot be chosen. */
  readonly without?: string;
}) {
  const hosts = useOfferedHosts().filter((host) => host.name !== without);
  const [chosen, setChosen] = useState(first);
  const names = new Set([...(first === undefined ? [] : [first]), ...hosts.map((host) => host.name)]);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        required
        value={chosen}
        onChange={(event) => {
          setChosen(event.target.value);
        }}
      >
        {[...names].map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </div>
  );
}

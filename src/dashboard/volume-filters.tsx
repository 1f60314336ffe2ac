import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import { useHostNames } from './gateway-context';
import { COLUMNS, columnsOf, filterOf, USUAL_COLUMNS, type Column, type Part } from './volume-question';
import { VOLUME_STATES } from './words';

/** Milliseconds after the last key before what was typed is asked. */
const TYPING_MS = 200;

const COLUMN_WORDS: Readonly<Record<Column, string>> = {
  host: 'Host',
  state: 'State',
  size: 'Size',
  shares: 'Containers',
  lastUsed: 'Last mounted',
  usedBy: 'Last used by',
  created: 'Created',
  driver: 'Driver',
  project: 'Compose project',
  labels: 'Labels',
};
const ANY = '';
const UNUSED: readonly (readonly [string, string])[] = [
  [ANY, 'Any time'],
  ['P7D', 'Not for a week'],
  ['P30D', 'Not for 30 days'],
  ['P90D', 'Not for 90 days'],
];
const SIZES: readonly (readonly [string, string])[] = [
  [ANY, 'Any size'],
  ['1000000', 'From 1 MB'],
  ['100000000', 'From 100 MB'],
  ['1000000000', 'From 1 GB'],
  ['10000000000', 'From 10 GB'],
];
const YES_OR_NO: readonly (readonly [string, string])[] = [
  [ANY, 'Any'],
  ['true', 'Yes'],
  ['false', 'No'],
];
/** Parts of the address that are among the further filters. */
const FURTHER: readonly Part[] = ['driver', 'project', 'label', 'shared', 'protected', 'anonymous', 'unusedFor', 'minSize'];

/** What of all volumes is shown. Each change is one of the address, so that the way back leads through them. */
export function VolumeFilters({ hasColumns }: { readonly hasColumns: boolean }) {
  const [address, setAddress] = useSearchParams();
  const hosts = useHostNames();
  const change = (part: Part, value: string, isTyped = false) => {
    setAddress(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === ANY) after.delete(part);
        else after.set(part, value);
        return after;
      },
      { replace: isTyped },
    );
  };
  const value = (part: Part) => address.get(part) ?? ANY;
  const further = FURTHER.filter((part) => address.has(part)).length;
  const isFiltered = Object.keys(filterOf(address)).length > 0;
  const states = Object.entries(VOLUME_STATES).map(([state, { words }]): readonly [string, string] => [state, words]);
  return (
    <div className="filters" role="search" aria-label="Volumes">
      <TypedFilter label="Search by name" isLabelHidden part="q" value={value('q')} onChange={change} />
      <Choice label="Host" part="host" value={value('host')} onChange={change} isLabelHidden>
        {[[ANY, 'All hosts'], ...(hosts ?? []).map(({ name }): readonly [string, string] => [name, name])]}
      </Choice>
      <Choice label="State" part="state" value={value('state')} onChange={change} isLabelHidden>
        {[[ANY, 'All states'], ...states]}
      </Choice>
      <Popover name="further" words={`Filters${further > 0 ? ` (${String(further)})` : ''}`}>
        <Choice label="Used" part="unusedFor" value={value('unusedFor')} onChange={change}>
          {UNUSED}
        </Choice>
        <Choice label="Size" part="minSize" value={value('minSize')} onChange={change}>
          {SIZES}
        </Choice>
        <Choice label="Shared" part="shared" value={value('shared')} onChange={change}>
          {YES_OR_NO}
        </Choice>
        <Choice label="Protected" part="protected" value={value('protected')} onChange={change}>
          {YES_OR_NO}
        </Choice>
        <Choice label="Anonymous" part="anonymous" value={value('anonymous')} onChange={change}>
          {YES_OR_NO}
        </Choice>
        <TypedFilter label="Label (key or key=value)" part="label" value={value('label')} onChange={change} />
        <TypedFilter label="Compose project" part="project" value={value('project')} onChange={change} />
        <TypedFilter label="Driver" part="driver" value={value('driver')} onChange={change} />
      </Popover>
      {hasColumns && <ColumnChoice />}
      {isFiltered && (
        <button
          type="button"
          className="plain"
          onClick={() => {
            setAddress({});
          }}
        >
          Clear
        </button>
      )}
    </div>
  );
}

function ColumnChoice() {
  return (
    <Popover words="Columns" name="columns">
      <fieldset>
        <legend className="hidden-words">Columns</legend>
        {COLUMNS.map((column) => (
          <ColumnCheck key={column} column={column} />
        ))}
      </fieldset>
    </Popover>
  );
}

/** What opens under a button. Escape closes it, and so does whatever is done elsewhere. */
function Popover({ words, name, children }: { readonly words: string; readonly name: string; readonly children: ReactNode }) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeFor = ({ target }: Event) => {
      const details = element.current;
      if (details !== null && target instanceof Node && !details.contains(target)) details.open = false;
    };
    document.addEventListener('pointerdown', closeFor);
    document.addEventListener('focusin', closeFor);
    return () => {
      document.removeEventListener('pointerdown', closeFor);
      document.removeEventListener('focusin', closeFor);
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const details = element.current;
    if (event.key !== 'Escape' || details === null) return;
    details.open = false;
    details.querySelector('summary')?.focus();
  };
  return (
    <details ref={element} className={`popover ${name}`} onKeyDown={onKeyDown}>
      <summary className="button">{words}</summary>
      <div className="popover-body">{children}</div>
    </details>
  );
}

interface FilterProps {
  readonly label: string;
  readonly part: Part;
  readonly value: string;
  readonly isLabelHidden?: boolean;
  readonly onChange: (part: Part, value: string, isTyped?: boolean) => void;
}

function Choice({
  label,
  part,
  value,
  isLabelHidden = false,
  onChange,
  children,
}: FilterProps & { readonly children: readonly (readonly [string, string] | string[])[] }) {
  const id = `filter-${part}`;
  return (
    <div className="field">
      <label htmlFor={id} className={isLabelHidden ? 'hidden-words' : ''}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          onChange(part, event.target.value);
        }}
      >
        {children.map(([key = ANY, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What is typed is asked when the typing pauses. */
function TypedFilter({ label, part, value, isLabelHidden = false, onChange }: FilterProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // The address may change otherwise, too: by the way back.
  useEffect(() => {
    setText(value);
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  const id = `filter-${part}`;
  return (
    <div className={`field typed-${part}`}>
      <label htmlFor={id} className={isLabelHidden ? 'hidden-words' : ''}>
        {label}
      </label>
      <input
        id={id}
        type="search"
        autoComplete="off"
        spellCheck={false}
        placeholder={isLabelHidden ? label : ''}
        value={text}
        onChange={(event) => {
          const typed = event.target.value;
          setText(typed);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            onChange(part, typed.trim(), true);
          }, TYPING_MS);
        }}
      />
    </div>
  );
}

function ColumnCheck({ column }: { readonly column: Column }) {
  const [address, setAddress] = useSearchParams();
  const columns = columnsOf(address);
  const change = (isShown: boolean) => {
    setAddress((before) => {
      const after = new URLSearchParams(before);
      const chosen = COLUMNS.filter((other) => (other === column ? isShown : columns.includes(other)));
      if (chosen.join() === USUAL_COLUMNS.join()) after.delete('columns');
      else after.set('columns', chosen.join());
      return after;
    });
  };
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={columns.includes(column)}
        onChange={(event) => {
          change(event.target.checked);
        }}
      />
      {COLUMN_WORDS[column]}
    </label>
  );
}

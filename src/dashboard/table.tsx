import type { ReactNode } from 'react';

/** Rows below the names of their columns. On a narrow screen it is moved sideways by itself, also with the keyboard. */
export function Table({
  label,
  columns,
  hasActions = false,
  children,
}: {
  /** What its rows are, for who does not see it. */
  readonly label: string;
  readonly columns: readonly string[];
  /** Whether each row ends with what can be done with it. */
  readonly hasActions?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className="table-wrap" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {hasActions && (
              <th scope="col">
                <span className="hidden-words">What to do</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

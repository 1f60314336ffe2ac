import { useState } from 'react';

/** Rows that have what can be done with them. */
export interface HeldRows<Row> {
  readonly rows: readonly Row[];
  /** For the dialogs of a row: told when one opens and closes. */
  readonly hold: (row: Row) => (isOpen: boolean) => void;
}

/** Keeps the row whose dialog is open, also when it goes meanwhile: what became of it is told for as long as somebody reads it. */
export function useHeldRow<Row extends { readonly id: string }>(rows: readonly Row[]): HeldRows<Row> {
  const [held, setHeld] = useState<{ readonly row: Row; readonly index: number } | undefined>();
  const isGone = held !== undefined && rows.every(({ id }) => id !== held.row.id);
  return {
    rows: isGone ? rows.toSpliced(held.index, 0, held.row) : rows,
    hold: (row) => (isOpen) => {
      setHeld(isOpen ? { row, index: rows.findIndex(({ id }) => id === row.id) } : undefined);
    },
  };
}

import type { MakeRow } from './data-rows.js';

/** An object of a row: what it holds by name, in the order of the columns. */
interface Shape {
  /** Index of its first column. */
  readonly first: number;
  /** Whether it is null when its first column is. */
  readonly optional: boolean;
  /** Places of columns, or objects inside. */
  readonly members: Map<string, number | Shape>;
}

/**
 * Makes what makes rows of values in the order of these columns; how their names are read, {@link ReadRows} tells.
 *
 * It is code of its own for each list of columns, as graphql-jit's is for each document: an object that is filled by names
 * from a list gets its hidden class step by step, and what reads it later finds many. Names come from the gateway's own
 * statements; they are written as JSON, so that any is a name.
 */
export function rowMaker(names: readonly string[]): MakeRow {
  const declarations: string[] = [];
  const declare = ({ members }: Shape): string => {
    const lines = [...members].map(
      ([name, member]) => `this[${JSON.stringify(name)}] = ${typeof member === 'number' ? `values[${String(member)}]` : made(member)};`,
    );
    const row = `Row${String(declarations.length)}`;
    declarations.push(`function ${row}(values) { ${lines.join(' ')} }\n${row}.prototype = Object.prototype;`);
    return row;
  };
  const made = (shape: Shape): string => {
    const row = `new ${declare(shape)}(values)`;
    return shape.optional ? `values[${String(shape.first)}] === null ? null : ${row}` : row;
  };
  const whole = made(shapeOf(names));
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- see above
  return new Function(`${declarations.join('\n')}\nreturn (values) => ${whole};`)() as MakeRow;
}

function shapeOf(names: readonly string[]): Shape {
  const row: Shape = { first: 0, optional: false, members: new Map<string, number | Shape>() };
  for (const [index, path] of names.entries()) {
    const steps = path.split('.');
    const name = steps.pop() ?? '';
    let shape = row;
    for (const step of steps) {
      const inner = step.replace('?', '');
      let next = shape.members.get(inner);
      if (typeof next !== 'object')
        shape.members.set(inner, (next = { first: index, optional: step.endsWith('?'), members: new Map<string, number | Shape>() }));
      shape = next;
    }
    shape.members.set(name, index);
  }
  return row;
}

/** The middle of a list of numbers; NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/** A name with its figures in milliseconds: middle, least, most, and how many there are. */
export function describeMs(name: string, numbers: readonly number[]): string {
  const show = (ms: number) => `${ms.toFixed(2)} ms`;
  return `${name.padEnd(44)} median ${show(median(numbers))}   ${show(Math.min(...numbers))} to ${show(Math.max(...numbers))}   n=${String(numbers.length)}`;
}

/** Writes a line for whoever runs a benchmark. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Milliseconds that something takes. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

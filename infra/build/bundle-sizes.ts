import type { Bundle } from './bundle-functions.ts';

/** In bytes: a cold start reads and compiles all of it. */
const SIZE_LIMITS: Readonly<Record<string, number>> = {
  api: 780_000,
  'dispose-postgresql': 850_000,
};

export function tooLarge({ name, bytes }: Bundle): boolean {
  return bytes > (SIZE_LIMITS[name] ?? Infinity);
}

/** One line a bundle: `api  759 kB (limit 780 kB)`. */
export function printSizes(bundles: readonly Bundle[]): string {
  const width = Math.max(...bundles.map(({ name }) => name.length));
  return bundles
    .map(({ name, bytes }) => {
      const limit = SIZE_LIMITS[name];
      const against = limit === undefined ? '' : ` (limit ${kilobytes(limit)})`;
      return `${name.padEnd(width)}  ${kilobytes(bytes)}${against}${tooLarge({ name, bytes }) ? ' EXCEEDED' : ''}`;
    })
    .join('\n');
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}

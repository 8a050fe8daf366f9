/**
 * How the key of an object begins that one batch of results has put into the log: with the index of its first entry, in 20
 * digits, so that keys sort as the log does.
 */
export function batchKey(kind: 'entries' | 'lists', first: number): string {
  return `${kind}/${String(first).padStart(20, '0')}`;
}

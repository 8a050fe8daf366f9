import { own } from '../../shared/domain/own.ts';
import type { StoreKindName } from '../../shared/stores/kinds.ts';
import type { BundleSize } from './bundle-functions.ts';

/**
 * In bytes. A cold start reads and compiles the whole bundle. S3's client is the largest. Its lane was 835 kB before
 * lanes read the periods that attributes state, for which they need a part of the rule parser, and before they
 * explained the order of facts of one day: 30 kB more in each lane. That plans know requests of people, purposes and
 * dependants, that lanes park under more kinds of holds, note facts that came late and say what applications are told, is
 * up to 50 kB more in each lane, and 40 kB in the API, which also takes requests and holds. That lanes read records for
 * people's copies is 16 kB more in each: with S3's client, it would have been 163 kB. That stores list the records of an id is
 * up to 12 kB more. That lanes dispose of collections page by page, and that limits of lanes and surveys of stores came
 * with it, is up to 40 kB more in each. That lanes dispose of the rows of datasets, count them, read columns and slow
 * down with their store is up to 55 kB more in each. That they read how long backups are kept is up to 3 kB more.
 * That the table has an index of the log is 5 kB more in the API and in `seal`, and nothing in the lanes, which do not use it.
 * That they keep what a vendor was asked for until it is done is up to 12 kB more in each.
 * That every function knows the templates of vendors, to check a configuration, is 4 kB more in each.
 * That one chunk alone has the requests about a record, and that none delays another stage, is 7 kB more in each lane.
 * What rules refuse, with a message for each, grows as people misread sentences: 10 kB are left for that.
 * That S3's lane names what it uses of its client is 31 kB less.
 * The API compiles policy files itself, so that a plan does not depend on the release of the command: 170 kB more. That
 * decisions can need two people is 10 kB more, and that it makes receipts 11 kB, and that it looks for
 * what a restore brought back 8 kB, and that a person confirms for a vendor 3 kB.
 */
const SIZE_LIMITS: Readonly<Record<'api' | `dispose-${StoreKindName}`, number>> = {
  api: 1_086_000,
  'dispose-dynamodb': 1_033_000,
  'dispose-http': 897_000,
  'dispose-postgresql': 1_016_000,
  'dispose-s3': 1_120_000,
};

export function tooLarge({ name, bytes }: BundleSize): boolean {
  return bytes > (limitOf(name) ?? Infinity);
}

/** One line per bundle: `api  759 kB (limit 780 kB)`. */
export function printSizes(bundles: readonly BundleSize[]): string {
  const width = Math.max(...bundles.map(({ name }) => name.length));
  return bundles
    .map(({ name, bytes }) => {
      const limit = limitOf(name);
      const against = limit === undefined ? '' : ` (limit ${kilobytes(limit)})`;
      return `${name.padEnd(width)}  ${kilobytes(bytes)}${against}${tooLarge({ name, bytes }) ? ' EXCEEDED' : ''}`;
    })
    .join('\n');
}

/** In bytes. */
export function limitOf(name: string): number | undefined {
  return own<number>(SIZE_LIMITS, name);
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} kB`;
}

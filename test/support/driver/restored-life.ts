import { driver, type Driver, type DriverOptions } from './driver.ts';

const MINUTE = 60_000;

/** A deployment, up to the time that its table is restored to, and what happened after that. */
export interface Life {
  readonly options: DriverOptions;
  /** Up to the restore point: the same each time. */
  until(d: Driver): Promise<void>;
  /** What the table forgets. */
  after(d: Driver): Promise<void>;
  readonly ids: readonly string[];
}

/** The former deployment at its end. */
export interface Former {
  readonly life: Life;
  readonly driver: Driver;
  /** What the bus had since a while before the restore point. */
  readonly archive: readonly string[];
}

export const TABLE = 'registry-restored';

export async function lived(life: Life): Promise<Former> {
  const d = await driver(life.options);
  await life.until(d);
  const point = d.clock.now();
  await life.after(d);
  return { life, driver: d, archive: d.archive.filter((body) => timeOf(body) >= point - 10 * MINUTE) };
}

/** What the bus had since the table was adopted is in the archive, too. */
export function archivedSince({ driver: former, archive }: Former, d: Driver): readonly string[] {
  return [...archive, ...d.archive.filter((body) => timeOf(body) > former.clock.now())];
}

function timeOf(body: string): number {
  return Date.parse((JSON.parse(body) as { readonly time: string }).time);
}

/**
 * The same deployment with a table that was restored: what it knew then, with the stores, the log and the time of the end.
 * `seal` ran once, and no function of the former table is running any more.
 */
export async function restored({ life, driver: former }: Former): Promise<Driver> {
  const d = await driver(life.options);
  await life.until(d);
  for (const id of life.ids) {
    const fields = former.store.fields([id]);
    d.store.remove([id]);
    if (fields !== undefined) d.store.put([id], fields);
  }
  for (const { key, bytes } of former.bucket.allObjects()) await d.bucket.putIfAbsent(key, bytes);
  const signed = await former.bucket.checkpoint();
  if (signed !== undefined) await d.bucket.putCheckpoint(signed.text, (await d.bucket.checkpoint())?.tag);
  d.clock.set(former.clock.now() + MINUTE);
  d.adopt(TABLE);
  d.toSeal();
  await d.settle();
  // Long enough for the first heartbeat of the deployment that adopted the table.
  await d.pass(45 * MINUTE);
  return d;
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { inflateRawSync } from 'node:zlib';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoConfiguration } from '../../examples/demo-configuration.ts';
import { demoStories } from '../../examples/stories/demo-stories.ts';
import { demoClient } from '../../local/demo-client.ts';
import { type Engines, startEngines } from '../../local/engines/engines.ts';
import { loadDemo } from '../../local/story/load-demo.ts';
import { dynamoClient, type LocalPorts, REGISTRY_TABLE } from '../../local/local-ports.ts';
import type { StoryResult } from '../../local/story/play-story.ts';
import { entriesOf } from '../../local/story/story-evidence.ts';
import { playStories } from '../../local/story/play-stories.ts';
import { openStoryStores, type StoryStores } from '../../local/story/story-stores.ts';
import { startSystem, type System } from '../../local/system.ts';
import type { Registry } from '../../shared/ports/registry.ts';
import type { Store } from '../../shared/ports/store.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { present } from '../../shared/domain/present.ts';
import { captureOutput } from '../support/capture-output.ts';
import { formsOf } from '../support/planted.ts';

const START = Date.parse('2025-01-06T00:00:00Z');
const REFERENCED = 'camfrog#lenchen-MARKER-PALTALK-7';

const cleanup = new AsyncDisposableStack();
const bodies: { readonly queue: string; readonly body: string }[] = [];
const output = captureOutput();
const printed: string[] = [];
let engines: Engines;
let system: System;
let stores: StoryStores;
let results: readonly StoryResult[];
/** The driver's message when a row is still referenced. */
let driverText = '';

/**
 * All five stories at once, on the embedded engines, with two mishaps: a row that another table refers to, so that
 * PostgreSQL refuses to delete it and quotes its key; and a lane whose chunks cannot be read until a bell is dead, and
 * whose store's driver then throws, quoting a row.
 */
beforeAll(async () => {
  // Without the sixth company: its new policy would wait for a person who is not here, and all lanes with it.
  const [configuration, started] = await Promise.all([loadDemo(demoConfiguration), startEngines(cleanup)]);
  engines = started;
  system = await startSystem(
    {
      configuration,
      engines,
      start: START,
      report: (service) => powertoolsReport(service),
      seen: (queue, body) => bodies.push({ queue, body }),
      wrap: withMishaps,
    },
    cleanup,
  );
  stores = await openStoryStores(configuration, engines, cleanup);
  await stores.sql(
    'paltalk-marketing',
    'create table friends (of text references marketing_profiles (member_id))',
  );
  const stream = new Writable({
    write(chunk, _, done) {
      printed.push(String(chunk));
      done();
    },
  });
  results = await playStories(demoStories, { system, stores, stream });
}, 480_000);

afterAll(async () => {
  output.stop();
  await cleanup.disposeAsync();
}, 60_000);

function withMishaps(ports: LocalPorts): LocalPorts {
  const { 'paltalk-marketing': marketing, 'parties-forms': forms } = ports.stores;
  if (marketing === undefined || forms === undefined) throw new TypeError('the stories need these stores');
  return {
    ...ports,
    registry: unreadable(ports.registry, 'parties-forms'),
    stores: { ...ports.stores, 'paltalk-marketing': referenced(marketing), 'parties-forms': broken(forms) },
  };
}

/** Another table refers to the row until its first delete has failed. */
function referenced(store: Store): Store {
  let hasFailed = false;
  return {
    ...store,
    async delete(batch) {
      if (hasFailed || !batch.some(({ locator }) => locator.includes(REFERENCED))) return store.delete(batch);
      hasFailed = true;
      await stores.sql('paltalk-marketing', `insert into friends values ('${REFERENCED}')`);
      driverText = await textOf(
        stores.sql('paltalk-marketing', `delete from marketing_profiles where member_id = '${REFERENCED}'`),
      );
      const answers = await store.delete(batch);
      await stores.sql('paltalk-marketing', 'delete from friends');
      return answers;
    },
  };
}

/** The driver throws, and says what it read. */
function broken(store: Store): Store {
  let looks = 0;
  return {
    ...store,
    async look(batch) {
      looks += 1;
      if (looks <= 3) throw new Error('invalid input in row (vegetarian, MARKER-PARTIES-5)');
      return store.look(batch);
    },
  };
}

/** No chunk of this lane can be read until a bell is dead after twelve deliveries. The hourly sweep rings again. */
function unreadable(registry: Registry, lane: string): Registry {
  let begins = 0;
  return {
    ...registry,
    async begin(key) {
      if (key.lane === lane) begins += 1;
      if (key.lane === lane && begins <= 40) throw new Error('the table does not answer');
      return registry.begin(key);
    },
  };
}

async function textOf(failing: Promise<void>): Promise<string> {
  const error: unknown = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error ? `${error.message} ${'detail' in error ? String(error.detail) : ''}` : '';
}

describe('the five stories', () => {
  test('pass: what should be gone or masked is, in the stores, and the rest remains with a reason', () => {
    expect(results.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`))).toEqual(
      [],
    );
    expect(results.map(({ name }) => name)).toEqual([
      'paloma-parties',
      'paltalk',
      'calendera',
      'paloma365',
      'odoo-events',
    ]);
  });

  test('each disposes of something, keeps something, and has its entries in the log', () => {
    for (const { disposed, kept, entries } of results) {
      expect(disposed).toBeGreaterThan(0);
      expect(kept).toBeGreaterThan(0);
      expect(entries).toBeGreaterThanOrEqual(disposed);
    }
  });

  test('are printed in lines of at most 100 columns, without colours where the output is not a terminal', () => {
    const lines = printed.flatMap((text) => text.split('\n'));
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.join('')).not.toContain('\u001b');
  });

  test('say when what is due and why, and why what remains is kept', () => {
    const text = printed.join('').replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'delete from 2025-03-02 09:30, at the latest by 2025-03-05 09:30, because “within 30 days',
    );
    expect(text).toContain('account.reconnected of 2025-02-10T08:15:00-05:00 undid the earlier ones');
    expect(text).toContain('(fallback cap: 2 years)');
    expect(text).toContain('is replaced: a statutory rule takes precedence');
  });

  test('nothing is overdue, in flight or forgotten after them', async () => {
    await system.runUntil(system.now() + 8 * 24 * 3_600_000);
    expect(bodies.filter(({ body }) => body.includes('"census/')).length).toBeGreaterThan(0);
    expect(output.text()).not.toContain('census.re-hinted');
    expect((await demoClient(system.apiUrl, 'auditor').listOverdue()).groups).toEqual([]);
    for (const lane of Object.keys(system.configuration.stores)) {
      expect((await system.ports.registry.chunks(lane)).items).toEqual([]);
      expect(await system.ports.registry.workRecords(lane)).toEqual([]);
      expect((await system.ports.registry.setAsides(lane)).items).toEqual([]);
    }
    expect((await system.ports.registry.toBeSealed()).items).toEqual([]);
    expect((await system.ports.registry.quarantined()).items).toEqual([]);
  });
});

describe('what Tenure is asked to forget', () => {
  const planted = demoStories.flatMap((story) => story.planted);
  /** Every planted text, also in its usual encodings, that occurs in one of the texts. */
  const found = (texts: readonly string[]): string[] => {
    const all = texts.join('\n').toLowerCase();
    return planted.filter((marker) => formsOf(marker).some((form) => all.includes(form.toLowerCase())));
  };
  const from = (queues: (name: string) => boolean): string[] =>
    bodies.flatMap(({ queue, body }) => (queues(queue) ? [body] : []));

  test('was there to be found: in what applications sent, wrote, and what a driver said', async () => {
    expect(found(from((queue) => queue === 'ingest')).length).toBeGreaterThan(4);
    expect(driverText).toMatch(/MARKER-PALTALK-7\) is still referenced/);
    expect(output.text()).toContain('STORE_CONSTRAINT');
    expect(output.text()).toContain('dispose.failed');
  });

  test('is in no log line and no metric', () => {
    expect(output.text()).toContain('dispose.settled');
    expect(output.text()).toContain('CloudWatchMetrics');
    expect(found([output.text()])).toEqual([]);
  });

  test('is in no message of a lane, of the sweep or of the seal', () => {
    for (const kind of ['lane-', 'sweep', 'seal']) {
      const messages = from((queue) => queue.startsWith(kind));
      expect(messages.length).toBeGreaterThan(0);
      expect(found(messages)).toEqual([]);
    }
  });

  test('is in no dead letter', () => {
    const dead = system.deadLetters();
    expect(dead.length).toBeGreaterThan(0);
    expect(found(dead)).toEqual([]);
  });

  test('is in no item of the registry: hints, holdings, tombstones, facts, cursors, results, index', async () => {
    const items = await registryItems();
    const kinds = new Set(items.map((item) => item.slice(0, 8)));
    expect(kinds.size).toBeGreaterThan(5);
    expect(items.some((item) => item.includes('disposed'))).toBe(true);
    expect(items.some((item) => item.includes('\\"entries\\":[{'))).toBe(true);
    expect(found(items)).toEqual([]);
  });

  test('is in no entry of the deletion log', async () => {
    const journal = await objectsBelow(join(engines.logFolder, 'entries'));
    expect(journal.flatMap((bytes) => entriesOf(bytes)).length).toBeGreaterThanOrEqual(
      results.reduce((sum, { entries }) => sum + entries, 0),
    );
    const objects = await objectsBelow(engines.logFolder);
    expect(found(objects.map((bytes) => Buffer.from(bytes).toString('utf8')))).toEqual([]);
  });
});

async function registryItems(): Promise<string[]> {
  const client = dynamoClient(engines);
  const documents = DynamoDBDocumentClient.from(client);
  const items: string[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(
      new ScanCommand({
        TableName: REGISTRY_TABLE,
        ...present({ ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []).map((item) => JSON.stringify(item, readable)));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  client.destroy();
  return items;
}

/** Bytes as text: what a result has compressed, and what is packed. */
function readable(_: string, value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  try {
    return inflateRawSync(value).toString();
  } catch {
    return Buffer.from(value).toString();
  }
}

async function objectsBelow(folder: string): Promise<Uint8Array[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
  );
}

import { Writable } from 'node:stream';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { existingStories, looks } from '../../examples/stories/demo-stories.ts';
import { startEngines } from '../../local/engines/engines.ts';
import { dynamoClient, REGISTRY_TABLE } from '../../local/local-ports.ts';
import { loadDemo } from '../../local/story/load-demo.ts';
import { playStories } from '../../local/story/play-stories.ts';
import type { StoryResult } from '../../local/story/play-story.ts';
import { openStoryStores } from '../../local/story/story-stores.ts';
import { startSystem, type System } from '../../local/system.ts';
import { powertoolsReport } from '../../shared/runtime/report.ts';
import { captureOutput } from '../support/capture-output.ts';

/** A company with 20,000 records in all kinds of store that registers none of them. */

const START = Date.parse('2025-01-06T00:00:00Z');

const cleanup = new AsyncDisposableStack();
const bodies: { readonly queue: string; readonly body: string }[] = [];
const output = captureOutput();
const printed: string[] = [];
let system: System;
let results: readonly StoryResult[];
let registry = '';

beforeAll(async () => {
  const [configuration, engines] = await Promise.all([loadDemo(), startEngines(cleanup)]);
  const report = (service: string) => powertoolsReport(service);
  const seen = (queue: string, body: string) => void bodies.push({ queue, body });
  system = await startSystem({ configuration, engines, start: START, looks, report, seen }, cleanup);
  const stores = await openStoryStores(configuration, engines, cleanup);
  const stream = new Writable({
    write(chunk, _, done) {
      printed.push(String(chunk));
      done();
    },
  });
  results = await playStories([], { system, stores, stream }, existingStories);
  const table = DynamoDBDocumentClient.from(dynamoClient(engines));
  const { Items = [] } = await table.send(new ScanCommand({ TableName: REGISTRY_TABLE }));
  registry = JSON.stringify(Items);
}, 900_000);

afterAll(async () => {
  output.stop();
  await cleanup.disposeAsync();
}, 60_000);

describe('the story of a company that registers nothing', () => {
  test('passes: collections of closed workspaces and rows that are too old are gone, and a wrong rule is stopped', () => {
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    expect(results).toMatchObject([{ name: 'inkwell', passed: true, disposed: 6065, kept: 13_935 }]);
    expect(printed.join('')).toContain('6,000 records in inkwell-sign-ins');
    expect(system.deadLetters()).toEqual([]);
  });

  test('leaves no id and no content in the registry, in messages other than events, in the log or in what is printed', async () => {
    const planted = existingStories.flatMap((story) => story.planted);
    const sent = bodies.filter(({ queue }) => queue !== 'ingest').map(({ body }) => body);
    const { bucket } = system.ports;
    const keys = (await Promise.all(['entries', 'lists'].map((folder) => bucket.list(folder)))).flat();
    const objects = await Promise.all(
      keys.map(async (key) => Buffer.from((await bucket.get(key)) ?? []).toString('utf8')),
    );
    const places = { registry, sent: sent.join('\n'), objects: objects.join('\n'), output: output.text() };
    for (const [place, text] of Object.entries(places)) {
      expect(text, place).not.toBe('');
      for (const marker of planted) expect(text.includes(marker), `${marker} in ${place}`).toBe(false);
    }
  });
});

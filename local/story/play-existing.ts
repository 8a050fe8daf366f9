import { isDeepStrictEqual } from 'node:util';
import { demoConfiguration } from '../../examples/demo-configuration.ts';
import type {
  Aborted,
  Counted,
  Covered,
  ErasureFiled,
  Existing,
  ExistingStep,
  ExistingStory,
  Forecasted,
  Planned,
  Told,
} from '../../examples/stories/existing-story.ts';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import { LARGEST_BATCH } from '../../shared/contract/batch.ts';
import type { LogEntryAnswer } from '../../shared/contract/log-entries.ts';
import { isoUtc } from '../../shared/domain/calendar/utc-time.ts';
import { parts } from '../../shared/domain/each.ts';
import { demoClient } from '../demo-client.ts';
import type { System } from '../system.ts';
import { demoPolicies } from './load-demo.ts';
import type { StoryPlayer } from './play-story.ts';
import { isInLog, printEntry, readLog } from './story-evidence.ts';
import type { StoryPrinter } from './story-printer.ts';
import type { StoryStores } from './story-stores.ts';

/** Plays the story of a company that registers nothing. What it has and what is left is read from its stores. */
export function existingPlayer(
  story: ExistingStory,
  system: System,
  stores: StoryStores,
  print: StoryPrinter,
): StoryPlayer {
  const as = (who: string): Client => demoClient(system.apiUrl, who);
  const failures: string[] = [];
  const had = new Map<string, number>();
  let done = 0;
  let events = 0;
  print.headline(story.title, story.about);

  async function write({ records, besides = {} }: Existing): Promise<void> {
    for (const [store, text] of Object.entries(besides)) await stores.sql(store, text);
    for (const [store, all] of Object.entries(records)) {
      await stores.writeAll(store, all);
      had.set(store, all.length);
      print.follows('+', `${all.length.toLocaleString('en')} records in ${store}`);
    }
  }

  async function tell({ by, type, entityType, ids, occurred }: Told): Promise<void> {
    const source = system.configuration.producers[by]?.source ?? '';
    const time = new Date(system.now()).toISOString();
    const all = ids.map((id) => {
      events += 1;
      const data = { entity: { type: entityType, id }, occurred };
      return { specversion: '1.0' as const, id: `${story.name}-${events}`, source, type, time, data };
    });
    for (const some of parts(all, LARGEST_BATCH)) {
      const { results } = await as(by).sendEvents(some);
      for (const { status, code } of results)
        if (status !== 'accepted') throw new Error(`an event was refused with ${code ?? 'no code'}`);
    }
    await system.settle();
    print.follows('=', ids.length === 1 ? 'One event' : `${ids.length} events`);
  }

  async function file({ by, id, entity }: ErasureFiled): Promise<void> {
    const { requests } = await as(by).fileRequest({ id, kind: 'erase', entity, jurisdiction: 'US-NY' });
    await system.settle();
    print.follows('=', `The request is ${requests[0]?.state ?? 'unknown'}.`);
  }

  async function forecast({ goes }: Forecasted): Promise<void> {
    const counts = new Map<string, number>();
    for await (const { groups } of pagesOf((cursor) =>
      as('operator').queryForecast({ by: 'day', ...cursor }),
    ))
      for (const { store, dates } of groups)
        for (const { from, count } of dates) counts.set(`${store} ${from}`, count);
    for (const { store, on, collections } of goes) {
      const found = counts.get(`${store} ${on}`) ?? 0;
      finding(found === collections, `${on}: ${found} collections of ${store} go`);
    }
  }

  async function cover({ store, uncovered }: Covered): Promise<void> {
    const names: string[] = [];
    for await (const page of pagesOf((cursor) => as('auditor').queryCoverage({ store, ...cursor })))
      for (const one of page.stores) names.push(...one.uncovered.map(({ name }) => name));
    finding(isDeepStrictEqual(names, uncovered), `${store}: not covered: ${names.join(', ') || 'nothing'}`);
  }

  async function plan({ dueAtOnce }: Planned): Promise<void> {
    const files = [...(await demoPolicies())];
    const { settings = {} } = demoConfiguration;
    const { id } = await as('operator').planPolicies({ files, settings });
    await system.settle();
    let found = 0;
    let changed = 0;
    for await (const page of pagesOf((cursor) => as('operator').queryPolicyPlan({ id, ...cursor })))
      for (const { store, counts } of page.groups) {
        if (store === dueAtOnce.store) found += counts.due;
        changed += Object.entries(counts).reduce(
          (sum, [change, n]) => sum + (change === 'unchanged' ? 0 : n),
          0,
        );
      }
    finding(
      found === dueAtOnce.collections,
      `${found} collections of ${dueAtOnce.store} would be due at once, and ${changed - found === 0 ? 'nothing else changes' : `${changed - found} others change`}`,
    );
  }

  async function abort({ lane, policy, rule, records }: Aborted): Promise<void> {
    const { lanes } = await as('operator').listLanes();
    const stop = lanes
      .find((one) => one.lane === lane)
      ?.stops?.find((one) => one.policy === policy && one.rule === rule);
    finding(
      stop?.taken === records,
      `The breaker has stopped “${rule}” after ${stop?.taken ?? 'no'} records; ${stop?.waiting ?? 'none'} wait`,
    );
    if (stop === undefined) return;
    await as('operator').abortRule(lane, { policy, rule });
    print.follows('=', 'A person aborts it: it is paused until it is corrected.');
  }

  async function count({ called, ids, left }: Counted): Promise<void> {
    for (const [store, expected] of Object.entries(left)) {
      const carried = await stores.carriers(store);
      const found = ids.reduce((sum, id) => sum + (carried.get(id) ?? 0), 0);
      finding(found === expected, `${store}: ${found.toLocaleString('en')} records of ${called}`);
    }
  }

  function finding(isRight: boolean, text: string): void {
    print.follows(isRight ? '✓' : '✗', text);
    if (!isRight) failures.push(text);
  }

  async function play(step: ExistingStep): Promise<void> {
    switch (step.kind) {
      case 'existing':
        return write(step);
      case 'told':
        return tell(step);
      case 'erasure-filed':
        return file(step);
      case 'forecasted':
        return forecast(step);
      case 'covered':
        return cover(step);
      case 'planned':
        return plan(step);
      case 'aborted':
        return abort(step);
      case 'counted':
        return count(step);
    }
  }

  async function entries(): Promise<readonly LogEntryAnswer[]> {
    const from = isoUtc(Date.parse(story.steps[0]?.at ?? ''));
    const period = { from, to: isoUtc(system.now() + 1) };
    const found: LogEntryAnswer[] = [];
    for await (const page of pagesOf((cursor) => as('auditor').queryLog({ ...period, ...cursor })))
      found.push(...page.entries.filter(({ entry }) => had.has(entry.store)));
    return found.toSorted((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity));
  }

  return {
    story,
    next() {
      const step = story.steps[done];
      return step === undefined ? undefined : Date.parse(step.at);
    },
    async step() {
      const step = story.steps[done];
      if (step === undefined) return;
      done += 1;
      print.happens(system.now(), step.says);
      await play(step);
    },
    fail(reason) {
      done = story.steps.length;
      failures.push(reason);
    },
    async finish() {
      const all = await entries();
      const log = await readLog(system.ports);
      const told = all.reduce((sum, { entry }) => sum + (entry.page?.records ?? 0), 0);
      let kept = 0;
      for (const store of had.keys())
        for (const records of (await stores.carriers(store)).values()) kept += records;
      const before = [...had.values()].reduce((sum, records) => sum + records, 0);
      print.section(`Evidence: ${all.length} entries of the deletion log, one for each page of a collection`);
      finding(
        told === before - kept,
        `The entries tell of ${told} records, and the stores have ${kept} of ${before}`,
      );
      finding(
        all.every((one) => isInLog(log, one)),
        'Each entry was also read from the object that contains it, and is the same there',
      );
      const [first] = all;
      if (first !== undefined) printEntry(print, first, log);
      const passed = failures.length === 0;
      print.section(passed ? `Passed: ${told} records disposed of, ${kept} kept.` : 'FAILED');
      for (const failure of failures) print.detail(failure);
      return { name: story.name, passed, disposed: told, kept, entries: all.length, people: [], failures };
    },
  };
}

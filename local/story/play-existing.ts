import type {
  Counted,
  ErasureFiled,
  Existing,
  ExistingStep,
  ExistingStory,
  Forecasted,
  Told,
} from '../../examples/stories/existing-story.ts';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import { LARGEST_BATCH } from '../../shared/contract/batch.ts';
import { parts } from '../../shared/domain/each.ts';
import { demoClient } from '../demo-client.ts';
import type { System } from '../system.ts';
import { type ExistingStage, number } from './existing-stage.ts';
import { decisionPlayer } from './play-decisions.ts';
import { rowsPlayer } from './play-rows.ts';
import type { StoryPlayer } from './play-story.ts';
import { printPages } from './story-pages.ts';
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
  const stage: ExistingStage = { as, system, stores, print, finding };
  const rows = rowsPlayer(stage);
  const decisions = decisionPlayer(stage);
  let done = 0;
  let events = 0;
  print.headline(story.title, story.about);

  async function write({ records, besides = {} }: Existing): Promise<void> {
    for (const [store, text] of Object.entries(besides)) await stores.sql(store, text);
    for (const [store, all] of Object.entries(records)) {
      await stores.writeAll(store, all);
      had.set(store, all.length);
      print.follows('+', `${number(all.length)} records in ${store}`);
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
      for (const { store, dataset, dates } of groups)
        for (const { from, count } of dataset === undefined ? dates : [])
          counts.set(`${store} ${from}`, count);
    for (const { store, on, collections } of goes) {
      const found = counts.get(`${store} ${on}`) ?? 0;
      finding(found === collections, `${on}: ${found} collections of ${store} go`);
    }
  }

  async function count({ called, ids, left }: Counted): Promise<void> {
    for (const [store, expected] of Object.entries(left)) {
      const wanted = new Set(ids);
      const found = (await stores.all(store)).filter(({ of }) => wanted.has(of)).length;
      finding(found === expected, `${store}: ${number(found)} records of ${called}`);
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
      case 'counted':
        return count(step);
      case 'aged':
        return rows.age(step);
      case 'covered':
        return rows.cover(step);
      case 'rows-forecasted':
        return rows.forecast(step);
      case 'paused':
      case 'resumed':
        return decisions.pause(step);
      case 'hold-on-entity':
        return decisions.hold(step);
      case 'hold-lifted':
        return decisions.lift(step);
      case 'planned':
        return decisions.plan(step);
      case 'activated':
        return decisions.activate(step);
      case 'aborted':
      case 'approved':
        return decisions.decide(step);
    }
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
      let kept = 0;
      for (const store of had.keys()) kept += (await stores.all(store)).length;
      const before = [...had.values()].reduce((sum, records) => sum + records, 0);
      const from = Date.parse(story.steps[0]?.at ?? '');
      const { entries, told } = await printPages(stage, { from, stores: new Set(had.keys()) });
      finding(
        told === before - kept,
        `The entries tell of ${number(told)} records, and the stores have ${number(kept)} of ${number(before)}`,
      );
      const passed = failures.length === 0;
      print.section(passed ? `Passed: ${number(told)} records disposed of, ${number(kept)} kept.` : 'FAILED');
      for (const failure of failures) print.detail(failure);
      return { name: story.name, passed, disposed: told, kept, entries, people: [], vendors: [], failures };
    },
  };
}

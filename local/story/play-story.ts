import { isDeepStrictEqual } from 'node:util';
import type { Asked, Sent, Story, StoryRecord, Told, Written } from '../../examples/stories/story.ts';
import { type Client, pagesOf } from '../../shared/client/client.ts';
import type { BatchAnswer, RegistrationItem } from '../../shared/contract/batch.ts';
import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import { present } from '../../shared/domain/present.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { demoClient } from '../demo-client.ts';
import { ask, type Booked, booked, planLine } from './story-books.ts';
import { findings } from './story-checks.ts';
import { evidenceOf, isInLog, printEntry, readLog } from './story-evidence.ts';
import { compareStatement, loseFromCensus } from './play-omission.ts';
import { restorePlay } from './play-restore.ts';
import type { StoryStores } from './story-stores.ts';
import { askedOf, type PeopleResult } from './story-people.ts';
import type { StoryPrinter } from './story-printer.ts';
import type { System } from '../system.ts';

export interface StoryResult {
  readonly name: string;
  readonly passed: boolean;
  /** Stages that were carried out and read back. */
  readonly disposed: number;
  /** Records that are still in their stores, each with a reason. */
  readonly kept: number;
  /** Entries of the deletion log. */
  readonly entries: number;
  /** What people and lawyers asked for, in order. */
  readonly people: readonly PeopleResult[];
  /** What vendors were asked for, and whether they have confirmed it. */
  readonly vendors: readonly VendorResult[];
  /** Why it did not pass: one sentence each. */
  readonly failures: readonly string[];
}

export interface VendorResult {
  readonly record: string;
  readonly store: string;
  /** How many requests it got. */
  readonly requests: number;
  readonly confirmed: boolean;
}

/** Plays one story step by step; the caller, which moves the clock, decides when each step's time has come. */
export interface StoryPlayer {
  readonly story: Pick<Story, 'name'>;
  /** When the next step happens; nothing after the last one. */
  next(): Instant | undefined;
  /** The clock stands at the next step. */
  step(): Promise<void>;
  finish(): Promise<StoryResult>;
  /** The story cannot go on. */
  fail(reason: string): void;
}

export function storyPlayer(
  story: Story,
  system: System,
  stores: StoryStores,
  print: StoryPrinter,
): StoryPlayer {
  const as = (who: string): Client => demoClient(system.apiUrl, who);
  const books = new Map<string, Booked>();
  const failures: string[] = [];
  const people: PeopleResult[] = [];
  const restore = restorePlay({ operator: as('operator'), stores, print, settle: () => system.settle() });
  let done = 0;
  let events = 0;
  print.headline(story.title, story.about);

  async function write(step: Written): Promise<void> {
    for (const record of step.records) books.set(record.name, await booked(system, record, system.now()));
    for (const by of new Set(step.records.map((record) => record.by))) {
      const holdings = step.records.filter((record) => record.by === by).map(registrationOf);
      accepted(await as(by).registerHoldings(holdings));
    }
    await system.settle();
    // Applications register first and write then.
    await ask(system, as('operator'), [...books.values()]);
    for (const record of step.records) {
      await stores.write(record);
      print.follows('+', `${record.name} in ${record.store}: ${record.categories.join(', ')}`);
    }
  }

  async function send(step: Sent): Promise<void> {
    const source = system.configuration.producers[step.by]?.source ?? '';
    events += 1;
    const event: CloudEvent = {
      specversion: '1.0',
      id: `${story.name}-${events}`,
      source,
      type: step.type,
      time: new Date(system.now()).toISOString(),
      data: { entity: step.entity, occurred: step.occurred, ...present({ attributes: step.attributes }) },
    };
    if (step.over === 'bus') await system.bus.putEvent(source, step.type, event);
    else accepted(await as(step.by).sendEvents([event]));
    await system.settle();
    await ask(system, as('operator'), [...books.values()]);
  }

  /** What became of the records since the last step, in the order in which it happened. */
  async function printDisposals(): Promise<void> {
    await ask(system, as('operator'), [...books.values()]);
    const news = [...books.values()].flatMap((book) => {
      const disposed = (book.answer?.disposed ?? []).slice(book.disposals);
      book.disposals += disposed.length;
      return disposed.map((stage) => ({ at: Date.parse(stage.at), name: book.record.name, stage }));
    });
    for (const { at, name, stage } of news.toSorted((a, b) => a.at - b.at)) {
      const hour = stage.log?.token.slice(0, 13) ?? 'the log, unlinked';
      const how = stage.outcome === 'confirmed-by-vendor' ? '' : ', read back';
      print.happens(at, `${name}: ${stage.outcome}${how}, entry in ${hour}.`);
    }
  }

  async function printAnswer({ entity, holds }: Asked): Promise<void> {
    const names = new Map([...books.values()].map(({ ref, record }) => [ref, record.name]));
    const held: string[] = [];
    for await (const page of pagesOf((cursor) => as('auditor').querySubject({ entity, ...cursor }))) {
      for (const { refs, state, store, purposes } of page.holdings) {
        const name = names.get(refs?.holding ?? '') ?? 'a record of another story';
        const now = state === 'disposed' ? 'disposed of' : `held for ${purposes.join(', ')}`;
        print.follows('=', `${name} in ${store}: ${now}`);
        if (state !== 'disposed') held.push(name);
      }
    }
    const asExpected = isDeepStrictEqual(held.toSorted(), holds.toSorted());
    if (!asExpected)
      failures.push(`asked about a ${entity.type}, the answer holds ${held.join(', ') || 'nothing'}`);
  }

  function vendorResult({ record, answer }: Booked): VendorResult | undefined {
    const requests = stores.requests(record)?.length;
    if (requests === undefined) return undefined;
    const confirmed = (answer?.disposed ?? []).some(({ outcome }) => outcome === 'confirmed-by-vendor');
    return { record: record.name, store: record.store, requests, confirmed };
  }

  async function vendorFailures({ record, requests, confirmed }: Told): Promise<readonly string[]> {
    await ask(system, as('operator'), [...books.values()]);
    const book = books.get(record);
    const found = book && vendorResult(book);
    if (book === undefined || found === undefined) throw new TypeError(`${record} is not at a vendor`);
    const said = `${found.requests} request${found.requests === 1 ? '' : 's'}, ${found.confirmed ? 'and the vendor has confirmed' : 'not confirmed'}`;
    print.follows('=', `${record} at ${found.store}: ${said}`);
    const isGone = (await stores.read(book.record)) === undefined;
    const isAsExpected = found.requests === requests && found.confirmed === confirmed && isGone === confirmed;
    return isAsExpected ? [] : [`of ${record}, the vendor has got ${said}`];
  }

  function printPlans(): void {
    for (const book of books.values()) {
      const line = planLine(book, (at) => print.local(at));
      const changed = book.plan !== undefined && book.plan !== line;
      book.plan = line;
      if (changed && book.answer?.state !== 'disposed') print.follows('→', line);
    }
  }

  function accepted(answer: BatchAnswer): void {
    for (const { status, code } of answer.results) {
      if (status !== 'accepted') throw new Error(`an item was refused with ${code ?? 'no code'}`);
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
      await printDisposals();
      const sent =
        step.kind === 'sent' ? ` (${step.type} over ${step.over === 'bus' ? 'the bus' : 'HTTP'})` : '';
      print.happens(system.now(), `${step.says}${sent}`);
      switch (step.kind) {
        case 'written':
          await write(step);
          break;
        case 'sent':
          await send(step);
          break;
        case 'asked':
          await printAnswer(step);
          break;
        case 'restored':
          await restore.begin(step, books);
          break;
        case 'replayed':
          failures.push(...(await restore.found(step)));
          break;
        case 'lost':
          loseFromCensus(system, print, step, books);
          break;
        case 'told':
          failures.push(...(await vendorFailures(step)));
          break;
        case 'compared':
          failures.push(...(await compareStatement(system, print, step, books)));
          break;
        case 'filed':
        case 'followed':
        case 'fetched':
        case 'lifted':
        case 'held':
        case 'unheld':
        case 'placed': {
          const { policies } = system.configuration;
          const records = [...books.values()].map(({ record }) => record);
          const desk = { as, print, settle: () => system.settle(), policies, records };
          const answered = await askedOf(step, desk);
          people.push(answered.result);
          failures.push(...answered.failures);
          await ask(system, as('operator'), [...books.values()]);
          break;
        }
        case 'checked':
          for (const { ok, text } of await findings(step, books, stores)) {
            print.follows(ok ? '✓' : '✗', text);
            if (!ok) failures.push(text);
          }
      }
      printPlans();
    },
    fail(reason) {
      done = story.steps.length;
      failures.push(reason);
    },
    async finish() {
      const all = [...books.values()];
      const start = Date.parse(story.steps[0]?.at ?? '');
      const entries = await evidenceOf(as('auditor'), all, start, system.now());
      print.section(`Evidence: ${entries.length} entries of the deletion log, as an auditor reads them`);
      const log = await readLog(system.ports);
      for (const entry of entries) {
        printEntry(print, entry, log);
        if (!isInLog(log, entry)) failures.push(`the log's object does not hold entry ${entry.index}`);
      }
      print.detail('Each entry was also read from the object that contains it, and is the same there.');
      const disposed = all.reduce((sum, book) => sum + (book.answer?.disposed.length ?? 0), 0);
      const remaining = await Promise.all(all.map(({ record }) => stores.read(record)));
      const kept = remaining.filter((row) => row !== undefined).length;
      if (disposed === 0 || entries.length < disposed)
        failures.push('what was disposed of is not all in the deletion log');
      print.section(
        failures.length === 0 ? `Passed: ${disposed} stages carried out, ${kept} records kept.` : 'FAILED',
      );
      for (const failure of failures) print.detail(failure);
      const passed = failures.length === 0;
      const vendors = all.flatMap((book) => vendorResult(book) ?? []);
      const { length } = entries;
      return { name: story.name, passed, disposed, kept, entries: length, people, vendors, failures };
    },
  };
}

function registrationOf({ attributes, ...record }: StoryRecord): RegistrationItem {
  return {
    store: record.store,
    locator: [...record.key],
    categories: [...record.categories],
    purposes: [...record.purposes],
    entities: [...record.entities],
    ...(attributes === undefined ? {} : { attributes }),
  };
}

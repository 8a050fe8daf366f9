import { isDeepStrictEqual } from 'node:util';
import type { Replayed, Restored } from '../../examples/stories/story.ts';
import type { Client } from '../../shared/client/client.ts';
import type { RestoreReplayAnswer } from '../../shared/contract/restore-replays.ts';
import type { Booked } from './story-books.ts';
import type { StoryPrinter } from './story-printer.ts';
import type { StoryStores } from './story-stores.ts';

interface Desk {
  readonly operator: Client;
  readonly stores: StoryStores;
  readonly print: StoryPrinter;
  /** Delivers what is waiting. */
  readonly settle: () => Promise<void>;
}

/** Questions about one count: it has to begin, and to end. */
const MOST_ASKED = 5;

/** A store is restored past Tenure, and the operator asks what came back with it. */
export function restorePlay({ operator, stores, print, settle }: Desk) {
  let asked: Restored | undefined;
  let id = '';
  let times = 0;

  async function ask({ store, since }: Restored, does: boolean): Promise<void> {
    times += 1;
    const answer = await operator.replayRestore({ store, since, token: `story-${times}`, do: does });
    if ('proposed' in answer) throw new Error('the replay needs a second person');
    id = answer.id;
    print.follows('→', `tenure restore replay --store ${store} --since ${since}${does ? ' --do' : ''}`);
    await settle();
  }

  async function answered(): Promise<RestoreReplayAnswer> {
    let answer = await operator.queryRestoreReplay({ id });
    for (let times = 1; times < MOST_ASKED && answer.state !== 'done'; times += 1) {
      await settle();
      answer = await operator.queryRestoreReplay({ id });
    }
    return answer;
  }

  return {
    async begin(step: Restored, books: ReadonlyMap<string, Booked>): Promise<void> {
      for (const name of step.records) {
        const book = books.get(name);
        if (book === undefined) throw new TypeError(`the story never wrote ${name}`);
        await stores.write(book.record);
        print.follows('+', `${name} is in ${step.store} again`);
      }
      asked = step;
      await ask(step, false);
    },

    /** Why it is not as the story says. */
    async found({ finds, thenDisposes }: Replayed): Promise<readonly string[]> {
      const { state, totals } = await answered();
      const known = Object.entries(totals).filter(([, count]) => count > 0);
      const told = known.map(([standing, count]) => `${standing} ${count}`).join(', ');
      print.follows('=', `${state}: ${told}`);
      if (thenDisposes === true && asked !== undefined) await ask(asked, true);
      if (state === 'done' && isDeepStrictEqual(Object.fromEntries(known), finds)) return [];
      return [`the replay of the restore is ${state}, and found: ${told || 'nothing'}`];
    },
  };
}

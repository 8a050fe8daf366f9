import type { Writable } from 'node:stream';
import type { ExistingStory } from '../../examples/stories/existing-story.ts';
import type { Story } from '../../examples/stories/story.ts';
import { existingPlayer } from './play-existing.ts';
import { storyPlayer, type StoryPlayer, type StoryResult } from './play-story.ts';
import type { StoryStores } from './story-stores.ts';
import { storyPrinter } from './story-printer.ts';
import type { System } from '../system.ts';

interface Stage {
  readonly system: System;
  readonly stores: StoryStores;
  /** Where it is printed; a story is printed when it is over. */
  readonly stream: Writable;
  readonly stopped?: () => boolean;
}

/**
 * Plays several stories on one line of time, as their applications live in one deployment. `existing`: those of companies
 * that register nothing.
 */
export async function playStories(
  stories: readonly Story[],
  stage: Stage,
  existing: readonly ExistingStory[] = [],
): Promise<readonly StoryResult[]> {
  const { system, stores, stream } = stage;
  const results = new Map<string, StoryResult>();
  const playing = new Map<StoryPlayer, ReturnType<typeof storyPrinter>>();
  for (const story of stories) {
    const print = storyPrinter(story.zone, stream);
    playing.set(storyPlayer(story, system, stores, print), print);
  }
  for (const story of existing) {
    const print = storyPrinter(story.zone, stream);
    playing.set(existingPlayer(story, system, stores, print), print);
  }
  while (playing.size > 0 && stage.stopped?.() !== true) {
    const [player] = [...playing.keys()].toSorted((a, b) => (a.next() ?? 0) - (b.next() ?? 0));
    if (player === undefined) break;
    await stepOf(player, system);
    if (player.next() !== undefined) continue;
    results.set(player.story.name, await player.finish());
    for (const line of playing.get(player)?.lines() ?? []) stream.write(`${line}\n`);
    playing.delete(player);
  }
  return [...stories, ...existing].flatMap(({ name }) => results.get(name) ?? []);
}

/** A story that breaks off fails; the others go on. */
async function stepOf(player: StoryPlayer, system: System): Promise<void> {
  try {
    const at = player.next();
    if (at !== undefined) await system.runUntil(at);
    await player.step();
  } catch (error) {
    player.fail(error instanceof Error ? error.message : 'something was thrown that is not an error');
  }
}

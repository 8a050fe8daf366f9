import type { Client } from '../../shared/client/client.ts';
import type { System } from '../system.ts';
import type { StoryPrinter } from './story-printer.ts';
import type { StoryStores } from './story-stores.ts';

/** What the steps of such a story need. `finding`: says what was found; the story fails if it is not right. */
export interface ExistingStage {
  readonly as: (who: string) => Client;
  readonly system: System;
  readonly stores: StoryStores;
  readonly print: StoryPrinter;
  readonly finding: (isRight: boolean, text: string) => void;
}

/** `20,000` */
export function number(count: number): string {
  return count.toLocaleString('en');
}

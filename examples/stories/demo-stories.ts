import { calendera } from './calendera.ts';
import type { ExistingStory } from './existing-story.ts';
import { inkwell } from './inkwell.ts';
import { odooEvents } from './odoo-events.ts';
import { paloma365 } from './paloma365.ts';
import { palomaParties } from './paloma-parties.ts';
import { paltalk } from './paltalk.ts';
import type { Story } from './story.ts';

/** In the order in which they end, on one timeline. */
export const demoStories: readonly Story[] = [palomaParties, paltalk, calendera, paloma365, odooEvents];

/** Companies that register nothing. */
export const existingStories: readonly ExistingStory[] = [inkwell];

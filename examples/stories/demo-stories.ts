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

const DAY = 86_400_000;
const HOUR = DAY / 24;

/** When rows with clocks of their own are looked for: twice on each day on which these stories show something. */
export const looks: readonly number[] = [
  ...new Set(
    existingStories.flatMap(({ steps }) => steps.map(({ at }) => Math.floor(Date.parse(at) / DAY) * DAY)),
  ),
].flatMap((day) => [day + HOUR, day + 12 * HOUR]);

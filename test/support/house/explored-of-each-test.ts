import { afterEach } from 'vitest';
import { takeExplored } from '../model/explored-so-far.ts';

/** Hands what a test explored to the report at the end of the run. */
afterEach(({ task }) => {
  const explored = takeExplored();
  if (explored !== undefined) task.meta.explored = explored;
});

import '../loopback-names.ts';
import { scoreboard } from '../scoreboard.ts';
import type { Chapter } from './chapter.ts';
import { playFailedFirstDeployment } from './failed-first-deployment.ts';
import { playRestore } from './restore.ts';
import { driveSideBySide } from './side-by-side.ts';
import { playUpgrade } from './upgrade.ts';

/** One after the other, each in an account of its own. `npm run e2e:long -- upgrade` plays only what it names. */
const CHAPTERS: Readonly<Record<string, Chapter>> = {
  'failed-first-deployment': playFailedFirstDeployment,
  restore: playRestore,
  'side-by-side': driveSideBySide,
  upgrade: playUpgrade,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(CHAPTERS, name));
if (unknown.length > 0) {
  console.error(`There is no chapter ${unknown.join(', ')}; there are ${Object.keys(CHAPTERS).join(', ')}.`);
  process.exit(2);
}

const board = scoreboard((line) => console.log(line));
let cleanup = new AsyncDisposableStack();
process.once('SIGINT', () => void cleanup.disposeAsync().finally(() => process.exit(130)));
for (const [name, play] of Object.entries(CHAPTERS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  board.step(`chapter: ${name}`);
  cleanup = new AsyncDisposableStack();
  try {
    await play(board, cleanup);
  } catch (error) {
    await board.scenario(`the chapter ${name}`, () => Promise.reject(error as Error));
  } finally {
    await cleanup.disposeAsync();
  }
}
process.exitCode = board.finish() ? 0 : 1;

import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tenure } from '../../support/run-tenure.ts';

const root = new URL('../../../', import.meta.url);
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];

/** Commands of the page, in code and in code blocks, each with the words after `tenure`. */
function commandsIn(page: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL(page, root), 'utf8');
  const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const blocks = [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  return [...code, ...blocks]
    .flatMap((line) => line.split(/ && /))
    .map((line) => /^(?:\$ )?(?:npx )?tenure ([a-z].*)$/.exec(line)?.[1])
    .filter((command) => command !== undefined)
    .map((command) => command.replaceAll(/"[^"]*"|'[^']*'/g, 'TEXT').split(/\s+/));
}

const helps = new Map<string, Promise<string>>();

function help(path: readonly string[]): Promise<string> {
  const name = path.join(' ');
  const known = helps.get(name) ?? tenure([...path, '--help']).then(({ out }) => out);
  helps.set(name, known);
  return known;
}

/** What is wrong with the command, or nothing. The help of a command that there is not is that of its group. */
async function faultOf(words: readonly string[]): Promise<string | undefined> {
  let path: readonly string[] = [];
  for (const word of words) {
    const { length } = path;
    const group = (await help(path)).includes('\nCommands:');
    if (!group || !/^[a-z][a-z-]*$/.test(word)) break;
    path = [...path, word];
    const usage = `Usage: tenure ${path.join(' ')} `;
    if ((await help(path)).startsWith(usage)) continue;
    // `tenure proposals <id>` has an argument and commands.
    if (/Usage: .*\[command\] \[/.test(await help(path.slice(0, length)))) break;
    return `the command ${path.join(' ')} does not exist`;
  }
  if (/^Usage: .*\[command\]$/m.test(await help(path))) return `${path.join(' ')} needs a command after it`;
  const options = [...words.join(' ').matchAll(/(?<!\S)--[a-z-]+/g)].map(([option]) => option);
  const known = new Set([...(await help(path)).matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, o]) => o));
  const wrong = options.find((option) => option !== '--json' && !known.has(option));
  return wrong === undefined ? undefined : `${path.join(' ')} has no option ${wrong}`;
}

describe('the commands that the documentation names', () => {
  test('are commands of tenure, with options that they have', async () => {
    const found = pages.flatMap((page) => commandsIn(page).map((words) => ({ page, words })));
    expect(found.length).toBeGreaterThan(200);
    const faults = await Promise.all(
      found.map(async ({ page, words }) => {
        const fault = await faultOf(words);
        return fault === undefined ? [] : [`${page}: tenure ${words.join(' ')}: ${fault}`];
      }),
    );
    expect(faults.flat()).toEqual([]);
  });

  test('say in their help what each argument and option is', async () => {
    const silent = await groups([]).then((all) => Promise.all(all.map(silentIn)));
    expect(silent.flat()).toEqual([]);
  });
});

/** The path of the group and of all commands below it. */
async function groups(path: readonly string[]): Promise<readonly (readonly string[])[]> {
  const [, commands = ''] = (await help(path)).split('\nCommands:\n');
  const names = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  const below = names.filter((name) => name !== 'help').map(async (name) => groups([...path, name]));
  return [path, ...(await Promise.all(below)).flat()];
}

/** Arguments and options without a description: the line ends after the name, and no further line follows below it. */
async function silentIn(path: readonly string[]): Promise<readonly string[]> {
  const silent = (await help(path)).matchAll(
    /^ {2}((?:--)?[a-z][\w-]*(?: <[^>]*>)?)(?: +\(choices.*)?$(?!\n {6})/gm,
  );
  return [...silent].map(([, name]) => `${path.join(' ')} ${name}`);
}

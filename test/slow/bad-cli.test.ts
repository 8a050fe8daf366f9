import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visible, visibleDocument } from '../../cli/visible.ts';
import { apiWorld } from '../support/api-world.ts';
import { credentialsOf, servedWorld } from '../support/api-server.ts';
import { BAD_VALUES, inherited, MARKER } from '../support/bad/bad-json.ts';
import { noteLives } from '../support/model/explored-so-far.ts';
import { GOOD_POLICY } from '../support/rules/policy-text.ts';
import { tenure } from '../support/run-tenure.ts';

/** Everything that can move the cursor, colour, ring, or turn text around. */
const UNSAFE = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const EVIL = `\u001b[2J\u001b]0;title\u0007\r\u0008\u009b31m\u202e\u2066\u2028\u007f\u00ad`;

let folder: string;
let api: Awaited<ReturnType<typeof servedWorld>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-bad-'));
  api = await servedWorld();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await api.stop();
});

function fileOf(content: string | Uint8Array, name = 'file'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Files that no command can use, whatever it expects. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  empty: '',
  'not UTF-8': Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00),
  'UTF-16': Buffer.from('{"a":1}', 'utf16le'),
  NUL: '\u0000'.repeat(100),
  'control characters': EVIL,
  'a name of control characters': JSON.stringify({ [EVIL]: EVIL }),
  'a list of control characters': JSON.stringify([{ [EVIL]: EVIL }]),
  'an alias bomb': 'a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]',
  'a circle': 'a: &a [*a]',
  'deep YAML': '- '.repeat(10_000),
  'deep mappings': '{a: '.repeat(10_000),
  'a tag': '!!js/undefined ""',
  ...Object.fromEntries(Object.entries(BAD_VALUES).map(([kind, json]) => [kind, json])),
  ...Object.fromEntries(Object.entries(BAD_VALUES).map(([kind, json]) => [`a list of ${kind}`, `[${json}]`])),
  ...Object.fromEntries(
    Object.entries(BAD_VALUES).map(([kind, json]) => [`a member of ${kind}`, `{"contract.ended":${json}}`]),
  ),
};

const rule = ['--rule', '3 years after contract.ended', '--zone', 'UTC'];
const COMMANDS: readonly (readonly [string, (path: string) => readonly string[]])[] = [
  ['policy check', (path) => ['policy', 'check', path]],
  ['rule due --events', (path) => ['rule', 'due', ...rule, '--events', path]],
  ['rule explain --facts', (path) => ['rule', 'explain', ...rule, '--facts', path, '--json']],
  ['register', (path) => ['register', path]],
  ['withdraw', (path) => ['withdraw', path, '--json']],
  ['send', (path) => ['send', path]],
];

async function run(args: readonly string[], more: Record<string, string> = {}, input = '') {
  const { accessKeyId, secretAccessKey } = credentialsOf('shop');
  const env = {
    TENURE_URL: api.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...more,
  };
  const result = await tenure(args, env, () => 0, input);
  expect(result.out + result.err).not.toMatch(UNSAFE);
  expect(result.out + result.err).not.toMatch(/^\s+at .*:\d+:\d+/m);
  // 4 is a fault of the command itself.
  expect(result.code, JSON.stringify([args, more, result.err]).slice(0, 400)).toBeLessThan(4);
  return result;
}

describe('bad inputs of the command', () => {
  test('in a file are refused with a sentence', async () => {
    const before = inherited();
    let refused = 0;
    for (const [, args] of COMMANDS) {
      for (const content of Object.values(FILES)) {
        const { code, out, err } = await run(args(fileOf(content)));
        if (code === 0) continue;
        expect(`${out}${err}`).toMatch(/\w/);
        refused += 1;
      }
      for (const content of Object.values(FILES).filter((each) => typeof each === 'string'))
        if (args('-').at(-1) === '-') {
          const { code } = await run(args('-'), {}, content);
          if (code !== 0) refused += 1;
        }
    }
    expect(inherited()).toBe(before);
    expect(refused).toBeGreaterThan(500);
    noteLives(`command, files: ${refused.toLocaleString('en')} bad inputs, each refused with a sentence`);
  });

  test('that are no file, or cannot be read, are refused with a sentence', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    let refused = 0;
    for (const [, args] of COMMANDS) {
      for (const path of [
        pipe,
        folder,
        join(folder, 'nothing'),
        '/dev/zero',
        `${folder}/${EVIL}`,
        'a\u0000b',
        '',
      ]) {
        const { code, err } = await run(args(path));
        expect(code).toBe(2);
        expect(err.split('\n')).toHaveLength(2);
        refused += 1;
      }
    }
    noteLives(`command, no files: ${refused} bad inputs, each refused with a sentence`);
  });

  test('in arguments and the environment are refused with a sentence', async () => {
    const policy = fileOf(GOOD_POLICY, 'crm.yaml');
    const odd = [
      ...Object.values(BAD_VALUES).map((json) => String(JSON.parse(json.length < 20_000 ? json : '0'))),
      EVIL,
    ];
    const calls: (readonly [readonly string[], Record<string, string>?])[] = [
      ...odd.flatMap((text) => [
        [['rule', 'check', text]] as const,
        [['rule', 'due', '--rule', text, '--zone', 'UTC']] as const,
        [['rule', 'due', '--rule', 'contract term plus 3 years', '--zone', text]] as const,
        [['subject', text, text]] as const,
        [['pause', text]] as const,
        [['quarantine', 'replay', text]] as const,
        [['log', 'list', '--subject', text, '--from', text]] as const,
        [['policy', 'check', policy, '--set', text]] as const,
        [['policy', 'check', policy, '--set', `${text}/x=1 day`]] as const,
        [[text]] as const,
        [['lanes', `--${text}`]] as const,
        [['lanes'], { TENURE_URL: text }] as const,
        [['lanes'], { TENURE_URL: `https://${text}.example`, AWS_REGION: `${text} ` }] as const,
        [['lanes'], { AWS_REGION: `${text}\n` }] as const,
        [['lanes'], { AWS_ACCESS_KEY_ID: `${text}\n` }] as const,
        [['lanes'], { AWS_SECRET_ACCESS_KEY: `a\r\n${text}` }] as const,
      ]),
      ...[
        'ftp://a',
        'file:///etc/passwd',
        'javascript:1',
        'https://u:p@a',
        'https://a?b=c',
        'https://a#b',
        '//a',
        'https://',
        'http://[',
        'http://a:99999',
      ].map((url) => [['lanes'], { TENURE_URL: url }] as const),
    ];
    let refused = 0;
    for (const [args, env] of calls) {
      const { code } = await run(args, env);
      if (code !== 0) refused += 1;
    }
    expect(refused).toBeGreaterThan(400);
    noteLives(`command, arguments: ${refused.toLocaleString('en')} bad inputs, each refused with a sentence`);
  });

  test('settings of a policy that is not there are a mistake with a suggestion', async () => {
    const policy = fileOf(GOOD_POLICY, 'crm.yaml');
    const good = ['policy', 'check', policy, '--set', 'crm/fair period=90 days'];
    expect(await run(good)).toMatchObject({ code: 0 });
    expect((await run([...good, '--set', 'crn/fair period=90 days'])).out).toBe(
      `${policy}:2:9 settings are given for the policy "crn", which no file contains; did you mean "crm"?\n`,
    );
    expect((await run([...good, '--set', 'other/fair period=90 days'])).out).toBe(
      `${policy}:2:9 settings are given for the policy "other", which no file contains; it is one of "crm"\n`,
    );
  });
});

describe('what the command shows', () => {
  test('has no control characters, whatever the API answers', async () => {
    const world = await servedWorld(apiWorld());
    await world.registry.putQuarantined({
      id: `a${EVIL}`,
      receivedAt: 0,
      code: `C${EVIL}`,
      reason: `r${EVIL}`,
      producer: `p${EVIL}`,
      sealed: '',
    });
    const { accessKeyId, secretAccessKey } = credentialsOf('operator');
    const env = {
      TENURE_URL: world.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const list = await run(['quarantine', 'list'], env);
    expect(list).toMatchObject({ code: 0, err: '' });
    expect(list.out).toContain(visible(`p${EVIL}`));
    const { items } = JSON.parse((await run(['quarantine', 'list', '--json'], env)).out) as {
      items: { code: string }[];
    };
    expect(items[0]?.code).toBe(`C${EVIL}`);
    await world.stop();
  });

  test('is escaped one character at a time, in JSON without changing it', () => {
    expect(visible('a\u001b[1m\u202eb\n')).toBe(String.raw`a\u001b[1m\u202eb\u000a`);
    expect(visible('Zoë 👩🏽\u200d💻 می\u200cخواهم')).toBe('Zoë 👩🏽\u200d💻 می\u200cخواهم');
    const data = { [EVIL]: [`\u{E0001}${EVIL}`, MARKER] };
    const shown = visibleDocument(JSON.stringify(data, null, 2));
    expect(shown).not.toMatch(UNSAFE);
    expect(JSON.parse(shown)).toEqual(data);
  });
});

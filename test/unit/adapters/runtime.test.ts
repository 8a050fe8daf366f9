import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { REPORT_CODES } from '../../../shared/ports/report.ts';
import { readConfiguration } from '../../../shared/runtime/configuration-file.ts';
import { eachRecord } from '../../../shared/runtime/batch-failures.ts';
import { type EnvOf, parseEnvironment } from '../../../shared/runtime/environment.ts';
import { codeOf } from '../../../shared/domain/error-code.ts';
import { declaredOnly, levelOf, metricOf } from '../../../shared/runtime/report.ts';
import { configuration } from '../../support/api-world.ts';

const MARKER = 'zoe.marker@example.org';

describe('the environment', () => {
  const Env = z.object({
    TABLE_NAME: z.string().min(1),
    QUEUE_URL: z.url(),
    LEASE_SECONDS: z.coerce.number().int(),
  });

  test('is typed once it is complete', () => {
    const env: EnvOf<typeof Env> = {
      TABLE_NAME: 'registry',
      QUEUE_URL: 'https://sqs/1',
      LEASE_SECONDS: '600',
    };
    expect(parseEnvironment(Env, env)).toEqual({
      TABLE_NAME: 'registry',
      QUEUE_URL: 'https://sqs/1',
      LEASE_SECONDS: 600,
    });
  });

  test('names all that is missing or wrong at once, and no value', () => {
    const parse = (): unknown => parseEnvironment(Env, { LEASE_SECONDS: MARKER, TABLE_NAME: '' });
    expect(parse).toThrowError(
      "The function's environment is not valid (missing: QUEUE_URL, TABLE_NAME; invalid: LEASE_SECONDS)",
    );
    expect(parse).not.toThrowError(MARKER);
  });
});

describe('the configuration of a function', () => {
  test('is what was compiled', () => {
    expect(readConfiguration(JSON.stringify(configuration))).toEqual(configuration);
  });

  test.each([
    [`{ "stores": "${MARKER}`, 'not JSON'],
    [JSON.stringify({ ...configuration, operators: MARKER }), 'operators'],
    [JSON.stringify({ ...configuration, foldProfile: {} }), 'foldProfile.digest'],
  ])('is refused when it is another file (%#)', (text, where) => {
    expect(() => readConfiguration(text)).toThrowError(
      `config.json was not written by synth (${where}): deploy the function with its own asset.`,
    );
  });
});

describe('of an error', () => {
  test.each([
    [Object.assign(new Error(MARKER), { code: 'STORE_TIMEOUT' }), 'STORE_TIMEOUT'],
    [Object.assign(new Error(MARKER), { code: '23505' }), '23505'],
    [Object.assign(new Error(MARKER), { code: MARKER, name: 'ThrottlingException' }), 'ThrottlingException'],
    [Object.assign(new Error(MARKER), { name: MARKER }), 'UNKNOWN'],
    [new TypeError(MARKER), 'TypeError'],
    [MARKER, 'UNKNOWN'],
    [undefined, 'UNKNOWN'],
  ])('only its code or class is reported (%#)', (error, code) => {
    expect(codeOf(error)).toBe(code);
  });
});

describe('a batch of queue messages', () => {
  test('returns what has to come again and what failed, and nothing else', async () => {
    const errors: unknown[] = [];
    const records = ['a', 'b', 'c', 'd'].map((messageId) => ({ messageId }));
    const failures = await eachRecord(
      records,
      async ({ messageId }) => {
        if (messageId === 'b') throw new Error('broken');
        return messageId === 'c' ? 'again' : 'done';
      },
      (error) => errors.push(error),
    );
    expect(failures).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'c' }] });
    expect(errors).toHaveLength(1);
  });
});

describe('a report', () => {
  test('drops undeclared fields and values that are not names', () => {
    const fields = {
      store: 'orders',
      count: 3,
      email: MARKER,
      code: MARKER,
      seconds: Number.NaN,
      status: '200',
    };
    expect(declaredOnly(fields)).toEqual({ store: 'orders', count: 3, code: 'not-a-name' });
  });

  test('is one log line, and a warning goes to standard error; what a person is notified of is a metric, too', () => {
    const script = new URL('../../support/report-lines.ts', import.meta.url).pathname;
    const run = spawnSync(process.execPath, [script, MARKER], {
      encoding: 'utf8',
      env: {
        ...process.env,
        POWERTOOLS_DEV: '',
        NODE_OPTIONS: '',
        POWERTOOLS_METRICS_NAMESPACE: 'Tenure/shop',
      },
    });
    expect(run.stdout + run.stderr).not.toContain(MARKER);
    const [settled, left, denied, caughtUp, none, ...more] = linesOf(run.stdout);
    expect(more).toEqual([]);
    expect(settled).toMatchObject({
      level: 'INFO',
      message: 'dispose.settled',
      service: 'ingest',
      store: 'orders',
      count: 2,
    });
    expect(left).toMatchObject({ message: 'dispose.left', code: 'STORE_DENIED', count: 3 });
    expect(denied).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'Tenure/shop', Dimensions: [['service']] }] },
      service: 'tenure',
      incident: 1,
    });
    expect(denied).not.toHaveProperty('store');
    expect(caughtUp).toMatchObject({ message: 'sweep.caught-up' });
    expect(none).toMatchObject({ service: 'tenure', 'waiting-too-long': 0 });
    expect(linesOf(run.stderr)).toMatchObject([{ level: 'WARN', message: 'api.failed' }]);
  });

  test('is a metric only where an alarm looks at it: the rest is read from the log', () => {
    const measured = REPORT_CODES.filter((code) => metricOf(code, {}) !== undefined);
    expect(measured).toEqual([
      'ingest.behind',
      'sweep.caught-up',
      'sweep.waiting-too-long',
      'census.re-hinted',
      'dispose.capped',
      'dispose.stopped',
      'dispose.came-back',
      'survey.appeared',
      'survey.never-present',
      'bus.refused',
    ]);
    expect(metricOf('sweep.waiting-too-long', { code: 'overdue' })).toEqual({
      name: 'waiting-too-long',
      value: 2,
    });
    expect(metricOf('sweep.waiting-too-long', { code: 'seal-lag' })).toEqual({
      name: 'waiting-too-long',
      value: 1,
    });
    for (const code of [
      'AccessDenied',
      'AccessDeniedException',
      'NotAuthorizedException',
      'STORE_DENIED',
      '42501',
    ])
      expect(metricOf('seal.failed', { code })).toEqual({ name: 'incident', value: 1 });
    for (const code of ['LOG_FORKED', 'LOG_DAMAGED'])
      expect(metricOf('seal.failed', { code })).toEqual({ name: 'incident', value: 1 });
    for (const code of ['STORE_TIMEOUT', '425011', 'ThrottlingException'])
      expect(metricOf('seal.failed', { code })).toBeUndefined();
  });

  test('of every code is explained in docs/logging.md, with its level', () => {
    const page = readFileSync(new URL('../../../docs/logging.md', import.meta.url), 'utf8');
    const explained = [...page.matchAll(/^\| `([a-z]+\.[a-z-]+)` \| (\w+) \|/gm)].map(
      ([, code, level]) => `${code} ${level}`,
    );
    expect(explained).toEqual(REPORT_CODES.map((code) => `${code} ${levelOf(code)}`));
  });
});

function linesOf(output: string): Record<string, unknown>[] {
  return output
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Environment as SweepEnvironment, laneUrls } from '../../../functions/sweep/config.ts';
import { databasePassword } from '../../../shared/adapters/secrets/database-login.ts';
import {
  configurationOf,
  laneConfiguration,
} from '../../../shared/domain/configuration/configuration-part.ts';
import { SOFTWARE } from '../../../shared/domain/version.ts';
import { deployedConfiguration } from '../../../shared/runtime/deployed-configuration.ts';
import { parseEnvironment } from '../../../shared/runtime/environment.ts';
import { warmStart, whileTimeIsLeft } from '../../../shared/runtime/warm-start.ts';
import { loadDemo } from '../../../local/story/load-demo.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanup.splice(0)) await clean();
});

describe('a warm start', () => {
  test('starts once, with the first event', async () => {
    const start = vi.fn(async () => ({}));
    const started = warmStart(start);
    expect(start).not.toHaveBeenCalled();
    const [first, second] = await Promise.all([started(), started()]);
    expect(second).toBe(first);
    expect(start).toHaveBeenCalledOnce();
  });

  test('that failed is tried again with the next event', async () => {
    const start = vi.fn(async () => 'started').mockRejectedValueOnce(new Error('no table'));
    const started = warmStart(start);
    await expect(started()).rejects.toThrow('no table');
    expect(await started()).toBe('started');
  });

  test('leaves half a minute for ending well, and of a short function a third', () => {
    let left = 31_000;
    const context = { getRemainingTimeInMillis: () => left };
    const long = whileTimeIsLeft(context, 300);
    const short = whileTimeIsLeft(context, 60);
    expect([long(), short()]).toEqual([true, true]);
    left = 30_000;
    expect([long(), short()]).toEqual([false, true]);
    left = 20_000;
    expect(short()).toBe(false);
  });
});

describe('the configuration beside a function', () => {
  async function beside(text: string | undefined): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-function-'));
    cleanup.push(() => rm(folder, { recursive: true }));
    if (text !== undefined) await writeFile(join(folder, 'config.json'), text);
    return pathToFileURL(join(folder, 'index.mjs')).href;
  }

  test('is read as synth wrote it', async () => {
    const configuration = laneConfiguration('parties-profiles', await loadDemo());
    const bundle = await beside(JSON.stringify({ software: SOFTWARE, ...configuration }));
    expect(await deployedConfiguration(bundle)).toEqual({ software: SOFTWARE, ...configuration });
  });

  test('of another release, or none at all, stops the function and says what to do', async () => {
    const configuration = configurationOf('api', await loadDemo());
    const other = await beside(JSON.stringify({ software: 'tenure/0.0.9', ...configuration }));
    const invalid = { code: 'DEPLOYMENT_INVALID', message: expect.stringContaining('from one release') };
    await expect(deployedConfiguration(other)).rejects.toMatchObject(invalid);
    await expect(deployedConfiguration(await beside(undefined))).rejects.toMatchObject(invalid);
  });

  test('is what a function needs: a lane knows its own store, only the api knows principals, only lanes where data lies', async () => {
    const whole = await loadDemo();
    const lane = laneConfiguration('parties-profiles', whole);
    expect(Object.keys(lane.stores)).toEqual(['parties-profiles']);
    expect(lane.stores['parties-profiles']?.options).toEqual(whole.stores['parties-profiles']?.options);
    expect([lane.operators, lane.auditors]).toEqual([[], []]);
    expect(Object.keys(lane.producers)).toEqual(Object.keys(whole.producers));
    for (const { principals, stores } of Object.values(lane.producers)) {
      expect(principals).toEqual([]);
      expect(Object.keys(stores).filter((store) => store !== 'parties-profiles')).toEqual([]);
    }

    const parts = (['api', 'ingest', 'sweep', 'seal'] as const).map((name) => {
      const text = JSON.stringify(configurationOf(name, whole));
      return [name, text.includes('arn:aws:iam'), text.includes('form_answers')];
    });
    expect(parts).toEqual([
      ['api', true, false],
      ['ingest', false, false],
      ['sweep', false, false],
      ['seal', false, false],
    ]);
    expect(Object.keys(configurationOf('sweep', whole).stores)).toEqual(Object.keys(whole.stores));
  });
});

describe('the queues of lanes', () => {
  const env = {
    TABLE_NAME: 'registry',
    TABLE_ADOPTED: 'no',
    KEY_ARN: 'arn:aws:kms:eu-central-1:111122223333:key/1',
    BUS_NAME: 'bus',
    ARCHIVE_NAME: 'archive',
    EXPORTS_BUCKET: 'exports',
    SCHEDULE_GROUP: 'group',
    SCHEDULER_ROLE_ARN: 'arn:aws:iam::111122223333:role/wake',
    SCHEDULE_DEAD_LETTER_ARN: 'arn:aws:sqs:eu-central-1:111122223333:dead',
    SWEEP_QUEUE_ARN: 'arn:aws:sqs:eu-central-1:111122223333:sweep',
    SWEEP_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/sweep',
    SEAL_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/seal',
  };

  test('have the account and region of the sweep’s queue, and the prefix that the function is given', () => {
    const parsed = parseEnvironment(SweepEnvironment, { ...env, LANE_QUEUE_PREFIX: 'tenure_1a2b3c4d_' });
    expect(laneUrls(parsed.SWEEP_QUEUE_URL, parsed.LANE_QUEUE_PREFIX, ['crm', 'web-shop'])).toEqual({
      crm: 'https://sqs.eu-central-1.amazonaws.com/111122223333/tenure_1a2b3c4d_crm',
      'web-shop': 'https://sqs.eu-central-1.amazonaws.com/111122223333/tenure_1a2b3c4d_web-shop',
    });
  });

  test('have a prefix of what a queue’s name may have, and no other', () => {
    for (const LANE_QUEUE_PREFIX of ['', 'https://q/', 'a b', 'arn:q'])
      expect(() => parseEnvironment(SweepEnvironment, { ...env, LANE_QUEUE_PREFIX })).toThrow(
        'LANE_QUEUE_PREFIX',
      );
  });
});

describe('a database login', () => {
  const who = { host: 'db.example.com', port: 5432, user: 'tenure' };
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:crm-AbCdEf';

  test('by IAM is a token signed for host, port and user in the store’s region', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const token = await databasePassword('iam', 'eu-central-1')?.(who);
    expect(token).toMatch(/^db\.example\.com:5432\/\?/);
    expect(token).toContain('Action=connect');
    expect(token).toContain('DBUser=tenure');
    expect(token).toContain('eu-central-1%2Frds-db');
  });

  test('by a secret is asked for with every connection, so that a rotated one is found', async () => {
    const mock = mockClient(SecretsManagerClient);
    cleanup.push(() => mock.restore());
    mock
      .on(GetSecretValueCommand, { SecretId: arn })
      .resolvesOnce({ SecretString: '{"username":"tenure","password":"first"}' })
      .resolvesOnce({ SecretString: 'second' });
    const password = databasePassword(arn, 'eu-central-1');
    expect(await password?.(who)).toBe('first');
    expect(await password?.(who)).toBe('second');
  });

  test('whose secret holds no password is an error that does not quote it', async () => {
    const mock = mockClient(SecretsManagerClient);
    cleanup.push(() => mock.restore());
    for (const SecretString of ['', '{"password":""}', '{"hunter2":1}', '{hunter2']) {
      mock.on(GetSecretValueCommand).resolves({ SecretString });
      const found = await databasePassword(arn, 'eu-central-1')?.(who).catch((error: unknown) => error);
      expect(found).toMatchObject({ code: 'LOGIN_UNREADABLE' });
      expect(String(found)).not.toContain('hunter2');
    }
  });

  test('of a store that needs none is none', () => {
    expect(databasePassword('none', 'eu-central-1')).toBeUndefined();
  });
});

import { readFileSync } from 'node:fs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { textsOf, vendorSecrets } from '../../../shared/adapters/secrets/vendor-secrets.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vendor-AbCdEf';
const MINUTE = 60_000;

describe('the secret of a vendor', () => {
  const mock = mockClient(SecretsManagerClient);
  const errors: unknown[] = [];
  let now = Date.parse('2026-03-01T10:00:00Z');
  beforeEach(() => {
    mock.reset();
    errors.splice(0);
  });
  afterEach(() => mock.reset());
  const secrets = () => vendorSecrets({ now: () => now }, (error) => errors.push(error));
  const answers = (...texts: readonly string[]): void => {
    let on = mock.on(GetSecretValueCommand, { SecretId: ARN });
    for (const SecretString of texts) on = on.resolvesOnce({ SecretString });
  };

  test('is read once in five minutes, and again when the vendor lets nothing in', async () => {
    answers('{"token":"a"}', '{"token":"b"}', '{"token":"c"}');
    const read = secrets();
    expect(await read(ARN, false)).toEqual({ token: 'a' });
    now += 4 * MINUTE;
    expect(await read(ARN, false)).toEqual({ token: 'a' });
    expect(await Promise.all([read(ARN, true), read(ARN, true)])).toEqual([{ token: 'b' }, { token: 'b' }]);
    now += 5 * MINUTE;
    expect(await read(ARN, false)).toEqual({ token: 'c' });
    expect(mock.calls()).toHaveLength(3);
  });

  test('that could not be read is asked for again, and the reason is told', async () => {
    const refused = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    mock.on(GetSecretValueCommand).rejectsOnce(refused).resolves({ SecretString: '{"token":"a"}' });
    const read = secrets();
    await expect(read(ARN, false)).rejects.toThrow('no');
    expect(errors).toEqual([refused]);
    expect(await read(ARN, false)).toEqual({ token: 'a' });
  });

  test.each(['', 'hunter2', '{"token":{"hunter2":1}}', '["hunter2"]', '{"token":2}', 'null', '{hunter2'])(
    'that is not a JSON object of texts (%s) is an error that does not quote it',
    (secret) => {
      let error: unknown;
      try {
        textsOf(secret);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'SECRET_UNREADABLE' });
      expect(String(error)).not.toContain('hunter2');
    },
  );
});

test('nothing that is deployed trusts another authority, or connects to another server than the vendor’s', () => {
  const handler = readFileSync(new URL('../../../functions/dispose/handler.ts', import.meta.url), 'utf8');
  expect(handler).toContain('vendorSecrets(');
  expect(handler).not.toMatch(/authorities|endpoint/);
});

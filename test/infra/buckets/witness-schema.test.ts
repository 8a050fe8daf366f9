import { describe, expect, test, vi } from 'vitest';
import { DeploymentSettings } from '../../../infra/deployment-schema.ts';
import { WitnessSettings, witnessVariable } from '../../../infra/witness-schema.ts';
import retention from '../../../retention.config.ts';
import { witnessesIn } from '../../../shared/adapters/signing/https-witness.ts';
import { witnessVkeyOf } from '../../../shared/domain/log/cosignature.ts';
import { vkeyOf } from '../../../shared/domain/log/note.ts';
import { ofType, synthesized } from '../../support/house/synthesized.ts';
import { testKey, testWitness } from '../../support/log/note-keys.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000 });

const server = (n: number) => ({
  name: `w${n}`,
  url: `https://w${n}.example/witness`,
  key: witnessVkeyOf(testWitness(`w${n}.example/key`, 100 + n).key),
});
const servers = [1, 2, 3].map(server);
const right = { servers, needed: 2, ifMissing: 'wait' } as const;
const [first = server(1), second = server(2)] = servers;

describe('the settings of witnesses', () => {
  test('are read by the function as they are written', () => {
    const { all = [], ...rest } = witnessesIn(witnessVariable(WitnessSettings.parse(right))) ?? {};
    expect(rest).toEqual({ needed: 2, ifMissing: 'wait' });
    expect(all.map(({ name, key }) => [name, witnessVkeyOf(key)])).toEqual(
      servers.map(({ name, key }) => [name, key]),
    );
    expect(witnessVariable(undefined)).toBe('none');
  });

  test('with the most and the longest witnesses leave room for the other variables of a function', () => {
    const longest = [1, 2, 3, 4, 5].map((n) => ({
      name: `w${n}`.padEnd(30, 'x'),
      url: `https://w${n}.example/`.padEnd(150, 'x'),
      key: witnessVkeyOf(testWitness(`w${n}`.padEnd(105, 'x'), 100 + n).key),
    }));
    const text = witnessVariable(WitnessSettings.parse({ ...right, servers: longest }));
    expect(text.length).toBeLessThan(2200);
  });

  test.each([
    ['no witness', { servers: [] }],
    ['six', { servers: [1, 2, 3, 4, 5, 6].map(server) }],
    ['more than there are', { needed: 4 }],
    ['none that has to cosign', { needed: 0 }],
    ['another way', { ifMissing: 'hope' }],
    ['a name twice', { servers: [first, { ...second, name: first.name }] }],
    ['a URL twice', { servers: [first, { ...second, url: `${first.url}/` }] }],
    ['a key twice', { servers: [first, { ...second, key: first.key }] }],
    [
      'one key under two names',
      { servers: [first, { ...second, key: witnessVkeyOf(testWitness('other', 101).key) }] },
    ],
    ['the key of a log', { servers: [first, { ...second, key: vkeyOf(testKey().key) }] }],
    [
      'a key whose id is another one',
      { servers: [first, { ...second, key: second.key.replace('+', '+f') }] },
    ],
    ['plain HTTP', { servers: [first, { ...second, url: 'http://w2.example' }] }],
    ['a URL with a query', { servers: [first, { ...second, url: 'https://w2.example/?a=b' }] }],
    ['a URL with a password', { servers: [first, { ...second, url: 'https://a:b@w2.example/' }] }],
    ['the URL of the call', { servers: [first, { ...second, url: 'https://w2.example/add-checkpoint' }] }],
    ['what is unknown', { extra: 1 }],
  ])('are refused with %s', (_what, wrong) => {
    expect(WitnessSettings.safeParse({ ...right, ...wrong }).success).toBe(false);
  });

  test('reach the function seal, and no other one', () => {
    const deletionLog = { ...retention.deployment.deletionLog, witnesses: right };
    const deployment = DeploymentSettings.parse({ ...retention.deployment, deletionLog });
    const { service } = synthesized({ ...retention, deployment });
    const named = ofType(service, 'AWS::Lambda::Function').filter(({ Properties }) =>
      JSON.stringify(Properties['Environment'] ?? {}).includes('w1.example'),
    );
    expect(named.map(({ id }) => id.replace(/[0-9A-F]+$/, ''))).toEqual([expect.stringMatching(/^Seal/)]);
    expect(named[0]?.Properties['VpcConfig']).toBeUndefined();
  });
});

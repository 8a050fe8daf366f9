import { expect, test } from 'vitest';
import deployment from '../../../examples/deployment/retention.config.ts';
import { compileConfiguration } from '../../../shared/domain/configuration/compile-configuration.ts';
import { printConfigurationProblem } from '../../../shared/domain/configuration/configuration-problem.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';
import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../../examples/deployment/', import.meta.url);
const policies = loadPolicies(
  deployment.policies.map((path) => ({ path, text: readFileSync(new URL(path, FOLDER), 'utf8') })),
);

/** What is said of the vendor of the example with these options. */
function said(changes: object): readonly string[] {
  if (!policies.ok) throw new Error('the policies of the example are valid');
  const { lane: _lane, ...newsletter } = deployment.stores['newsletter'] ?? { options: {} };
  const { deployment: _deployment, stores: _stores, operators, auditors, ...rest } = deployment;
  const stores = {
    newsletter: { ...newsletter, options: { ...newsletter.options, ...changes } },
  };
  const producers = Object.fromEntries(
    Object.entries(rest.producers).map(([name, one]) => [name, { ...one, stores: { newsletter: {} } }]),
  );
  const compiled = compileConfiguration(
    { ...rest, operators, auditors, stores, producers },
    policies.policySet,
    STORE_KINDS,
  );
  return compiled.ok ? [] : compiled.problems.map(printConfigurationProblem);
}

const ASK = { method: 'DELETE', path: '/v1/{recipient}', confirmed: [{ status: [204] }] };
const asked = (changes: object) => ({ delete: { ...ASK, ...changes } });

test('the vendor of the example is valid', () => {
  expect(said({})).toEqual([]);
});

test.for<readonly [string, object, readonly string[]]>([
  [
    'an origin without TLS',
    { origin: 'http://api.mailings.example' },
    ['origin: expected an origin such as https://api.example.com; requests are sent over HTTPS only'],
  ],
  [
    'a name in a path that is not there',
    asked({ path: '/v1/{email}' }),
    ['delete.path: names {email}; use one of: recipient, action, request.id, secret.<name>'],
  ],
  [
    'a text of a secret that is not configured',
    { secret: undefined },
    [
      'headers.authorization: names {secret.token}, and the store has no secret; set options.secret to the ARN of one',
    ],
  ],
  [
    'an ARN without the characters at its end',
    { secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:newsletter' },
    [
      'secret: expected the whole ARN of a secret, with the 6 characters that Secrets Manager adds at its end, and without *',
    ],
  ],
  ['an option with another name', { orign: 1 }, [' unknown option "orign"; did you mean "origin"?']],
  [
    'a list of answers with another name',
    asked({ confirmd: [] }),
    ['delete: unknown option "confirmd"; did you mean "confirmed"?'],
  ],
  [
    'a part of a request that nothing is like',
    asked({ timeout: 1 }),
    [
      'delete: unknown option "timeout"; use one of: method, path, headers, body, form, confirmed, accepted, gone, refused, follow',
    ],
  ],
  [
    'a field of an answer with another name',
    asked({ confirmed: [{ status: [204], wher: {} }] }),
    ['delete.confirmed.0: unknown option "wher"; did you mean "where"?'],
  ],
  [
    'a place in an answer that is not one',
    asked({ confirmed: [{ status: [204], where: { state: ['x'] } }] }),
    [
      'delete.confirmed.0.where.state: expected a place in the JSON of the answer, such as /status (RFC 6901)',
    ],
  ],
])('%s: the mistake is named where it is, with what to do', ([, changes, messages]) => {
  expect(said(changes)).toEqual(
    messages.map((message) => `stores.newsletter.options${message.startsWith(' ') ? ':' : '.'}${message}`),
  );
});

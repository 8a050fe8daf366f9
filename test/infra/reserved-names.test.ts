import { describe, expect, test } from 'vitest';
import { checkLanes } from '../../infra/check-deployment.ts';
import { registryAccess, type RegistryUser } from '../../infra/registry-access.ts';
import { configuration } from '../support/api-world.ts';

const LANE = 'a-lane';
const USERS: readonly RegistryUser[] = [
  { verb: 'api' },
  { verb: 'seal' },
  { verb: 'sweep' },
  { verb: 'ingest', stores: [LANE] },
  { verb: 'dispose', lane: LANE, findsRecords: true },
];

/** Of all data keys, by family and scope: a lane has those of the scope that is its name. */
const SCOPES = new Set(
  USERS.flatMap((user) => registryAccess(user).dataKeys).flatMap(({ scopes }) =>
    scopes === 'every' ? [] : scopes,
  ),
);

describe('a store', () => {
  const [one] = Object.values(configuration.stores);
  const store = { ...one!, kind: 'dynamodb' };

  test.each([...SCOPES].filter((scope) => scope !== LANE))(
    'cannot be called "%s", because it would share data keys that are not of a store',
    (name) => {
      const problems = checkLanes({ ...configuration, stores: { [name]: store } }, {});
      expect(problems.map(({ message }) => message)).toEqual([
        `"${name}" is reserved; choose another store name`,
      ]);
    },
  );

  test('may have another name, and the scopes of requests and of the quarantine are among those that are asked about', () => {
    expect([...SCOPES]).toEqual(expect.arrayContaining([LANE, 'request', 'quarantine']));
    const problems = checkLanes({ ...configuration, stores: { [LANE]: store } }, {});
    expect(problems.filter(({ message }) => message.includes('reserved'))).toEqual([]);
  });
});

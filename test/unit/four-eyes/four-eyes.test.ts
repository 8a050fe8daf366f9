import { describe, expect, test } from 'vitest';
import { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import { configurationOf } from '../../../shared/domain/configuration/configuration-part.ts';
import { checkFourEyes, isSamePerson, proposalLife } from '../../../shared/domain/guard/four-eyes.ts';
import { configuration } from '../../support/api-world.ts';

const OPS = 'arn:aws:iam::111122223333:role/aws-reserved/sso/Ops';
const SECOND = 'arn:aws:iam::111122223333:role/Second';
const session = (role: string, name: string) => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`;
const user = (name: string) => `arn:aws:iam::111122223333:user/team/${name}`;
const personal = { fourEyes: { personalSessions: [OPS] } };

describe('two callers', () => {
  test.for([
    ['the same session', session('Ops', 'anna'), session('Ops', 'anna')],
    ['sessions of one role', session('Ops', 'anna'), session('Ops', 'ben')],
    ['one name in two roles', session('Ops', 'anna'), session('Second', 'ANNA')],
    ['a user and a session of that name', user('anna'), session('Ops', 'anna')],
    ['a user twice', user('anna'), user('anna')],
    ['the root user twice', 'arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:root'],
    ['tokens of one issuer', 'issuer:https://a.example', 'issuer:https://a.example'],
    ['a role and a session of it', OPS, session('Ops', 'anna')],
  ] as const)('with %s may be one person', ([, one, other]) => {
    expect(isSamePerson({ fourEyes: {} }, one, other)).toBe(true);
    expect(isSamePerson({ fourEyes: {} }, other, one)).toBe(true);
  });

  test.for([
    ['sessions of two roles', session('Ops', 'anna'), session('Second', 'ben')],
    ['two users', user('anna'), user('ben')],
    ['a user and a session of another name', user('anna'), session('Ops', 'ben')],
    [
      'roles of one name in two accounts',
      session('Ops', 'a'),
      'arn:aws:sts::444455556666:assumed-role/Ops/b',
    ],
  ] as const)('with %s are two people', ([, one, other]) => {
    expect(isSamePerson({ fourEyes: {} }, one, other)).toBe(false);
  });

  test('with sessions of one role are two people where its sessions are named after people', () => {
    expect(isSamePerson(personal, session('Ops', 'anna'), session('Ops', 'ben'))).toBe(false);
    expect(isSamePerson(personal, session('Ops', 'anna'), session('Ops', 'Anna'))).toBe(true);
    expect(isSamePerson(personal, session('Second', 'anna'), session('Second', 'ben'))).toBe(true);
    expect(isSamePerson(personal, OPS, session('Ops', 'ben'))).toBe(true);
  });
});

describe('fourEyes', () => {
  const FourEyes = RetentionConfig.shape.fourEyes;

  test('is off unless it is configured, and proposals then last a day', () => {
    expect(FourEyes.safeParse(undefined).success).toBe(true);
    expect(proposalLife({})).toBe(86_400_000);
    expect(proposalLife({ fourEyes: { expiresAfterHours: 72 } })).toBe(259_200_000);
  });

  test.for([
    [{ expiresAfterHours: 0 }, 'write after how many hours a proposal expires, from 1 to 720'],
    [{ expiresAfterHours: 721 }, 'write after how many hours a proposal expires'],
    [{ personalSessions: OPS }, 'list roles of operators whose session names say who it is'],
    [{ expiresAfterHour: 1 }, 'four eyes has no key "expiresAfterHour"; did you mean "expiresAfterHours"?'],
  ] as const)('%j is refused', ([fourEyes, message]) => {
    expect(FourEyes.safeParse(fourEyes).error?.issues[0]?.message).toContain(message);
  });

  test('needs two operators who can be told apart', () => {
    const problems = (operators: readonly string[], fourEyes: { personalSessions?: string[] }) =>
      checkFourEyes({ operators, fourEyes }).map(({ path }) => path);
    expect(problems([], {})).toEqual(['fourEyes']);
    expect(problems([OPS], {})).toEqual(['fourEyes']);
    expect(problems([OPS, OPS.replace('aws-reserved/sso/', '')], {})).toEqual(['fourEyes']);
    expect(problems([OPS, SECOND], {})).toEqual([]);
    expect(problems([OPS], { personalSessions: [OPS] })).toEqual([]);
    expect(problems([OPS], { personalSessions: [SECOND] })).toEqual(['fourEyes.personalSessions.0']);
    expect(problems([user('anna')], { personalSessions: [user('anna')] })).toEqual([
      'fourEyes.personalSessions.0',
    ]);
    expect(checkFourEyes({ operators: [] })).toEqual([]);
  });

  test('is known to the api only, like all that names people', () => {
    const whole = { ...configuration, ...personal };
    expect(configurationOf('api', whole)).toHaveProperty('fourEyes');
    for (const name of ['ingest', 'sweep', 'seal'] as const)
      expect(configurationOf(name, whole)).not.toHaveProperty('fourEyes');
  });
});

import { describe, expect, test } from 'vitest';
import {
  callerOf,
  principalKey,
  producerByPrincipal,
} from '../../../shared/domain/configuration/principal.ts';
import { configuration, principals } from '../../support/api-world.ts';

describe('a principal', () => {
  test('is the role that a session has assumed, whatever path the role has', () => {
    expect(principalKey('arn:aws:sts::111122223333:assumed-role/shop/session-1')).toBe(
      principalKey('arn:aws:iam::111122223333:role/apps/eu/shop'),
    );
  });

  test.each([
    ['arn:aws:sts::999999999999:assumed-role/shop/session'],
    ['arn:aws-cn:sts::111122223333:assumed-role/shop/session'],
    ['arn:aws:iam::111122223333:user/shop'],
    ['arn:aws:sts::111122223333:assumed-role/shop'],
    ['arn:aws:sts::111122223333:federated-user/shop'],
    [''],
  ])('%s is not the producer', (arn) => {
    expect(producerByPrincipal(configuration, arn)).toBeUndefined();
  });

  test('has the roles that the configuration names, and no others', () => {
    expect(callerOf(configuration, principals.shop)).toEqual({
      producer: 'shop',
      operator: false,
      auditor: false,
    });
    expect(callerOf(configuration, principals.operator)).toEqual({ operator: true, auditor: false });
    expect(callerOf(configuration, principals.auditor)).toEqual({ operator: false, auditor: true });
    expect(callerOf(configuration, principals.nobody)).toEqual({ operator: false, auditor: false });
  });

  test('may be a user as well', () => {
    const arn = 'arn:aws:iam::111122223333:user/people/anna';
    expect(callerOf({ ...configuration, operators: [arn] }, arn).operator).toBe(true);
  });
});

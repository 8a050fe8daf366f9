import { describe, expect, it } from 'vitest';
import { checkHost, isPublic, publicLookup } from '../../../shared/stores/http/vendor-address.ts';

describe('an address that a request to a vendor may go to', () => {
  it.each(['93.184.215.14', '8.8.8.8', '2606:4700:4700::1111', '172.15.0.1', '172.32.0.1', '100.128.0.1'])(
    '%s is a public one',
    (address) => expect(isPublic(address)).toBe(true),
  );

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '169.254.170.2',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:8.8.8.8',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:0:0:0:0:0:1',
    'ff02::1',
    '2001:db8::1',
    'not-an-address',
    '',
  ])('%s is not', (address) => expect(isPublic(address)).toBe(false));

  it.each([
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:a9fe:a9fe]/',
  ])('%s is refused before a connection, because it is an address and no name', (url) =>
    expect(() => checkHost(new URL(url).hostname)).toThrow('is not a public one'),
  );

  it('a name of one’s own machine is refused when it is looked up', async () => {
    const found = await new Promise((resolve) => publicLookup('localhost', { all: true }, resolve));
    expect(found).toMatchObject({ code: 'VENDOR_ADDRESS_REFUSED' });
  });
});

import { describe, expect, test } from 'vitest';
import { tenure } from '../../support/run-tenure.ts';

describe('tenure policy check and rule check', () => {
  const example = (name: string): string =>
    new URL(`../../../examples/policies/${name}.yaml`, import.meta.url).pathname;

  test('print a rule as it is understood', async () => {
    expect(await tenure(['rule', 'check', 'contract term plus 3 years'])).toEqual({
      code: 0,
      out: '3 years after contract.ended\n',
      err: '',
    });
    const own = await tenure(['rule', 'check', '{cap} after lease']);
    expect(own).toMatchObject({ code: 0, out: '{cap} after lease\n' });
    expect(own.err).toContain('"cap"');
  });

  test('point at what is wrong with a rule', async () => {
    const wrong = await tenure(['rule', 'check', '3 yeers after contract.ended']);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/^3 yeers after contract\.ended\n {2}\^ .*did you mean "years"\?\n$/);
    const json = await tenure(['rule', 'check', '3 yeers after contract.ended', '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, code: 'RULE_SYNTAX', line: 1, column: 3 });
  });

  test('read policies as a deployment does, settings included', async () => {
    const file = example('calendera');
    expect((await tenure(['policy', 'check', example('paloma-parties')])).out).toMatch(
      /^paloma-parties \S+: /,
    );
    const missing = await tenure(['policy', 'check', file]);
    expect(missing.code).toBe(1);
    expect(missing.out).toMatch(/calendera\.yaml:\d+:\d+ the setting "reasonable period" has no value/);
    const set = ['--set', 'calendera/reasonable period=90 days', '--set', 'calendera/booking period=2 years'];
    const json = await tenure(['policy', 'check', file, ...set, '--json']);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({ ok: true, policies: [{ name: 'calendera' }], problems: [] });
  });

  test('say which file cannot be read', async () => {
    expect(await tenure(['policy', 'check', '/nowhere.yaml'])).toEqual({
      code: 2,
      out: '',
      err: '/nowhere.yaml could not be read: check the path and your permission.\n',
    });
  });
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { NOTICE_SOURCE, noticeDetail } from '../../../shared/contract/notice.ts';
import { NOTICE_KINDS, NOTICES, POLICY_NOTICES } from '../../../shared/domain/record/notice.ts';
import { matchesPattern } from '../../support/event-pattern.ts';

const page = readFileSync(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
const [, list = '', template = ''] = page.split('```yaml\n').map((part) => part.split('\n```')[0] ?? '');

test('the page about notifications lists every kind with its type', () => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| `(retention\.[\w.]+)` \|/gm)].map(([, kind, type]) => [
    kind,
    type,
  ]);
  expect(rows).toEqual(Object.entries(NOTICES));
  expect(parseDocument(list).toJS()).toEqual({ notify: POLICY_NOTICES, notifyBefore: '7 days' });
});

test('its rule takes exactly what it says, and what it shows is in the event', () => {
  // CloudFormation's own tags are left as they are.
  const parsed = parseDocument(template, { logLevel: 'silent' }).toJS() as {
    readonly Resources: {
      readonly Rule: {
        readonly Properties: {
          readonly EventPattern: Readonly<Record<string, unknown>>;
          readonly Targets: readonly {
            readonly InputTransformer: { readonly InputPathsMap: Readonly<Record<string, string>> };
          }[];
        };
      };
    };
  };
  const { EventPattern: pattern, Targets: targets } = parsed.Resources.Rule.Properties;
  const data = { store: 'orders', outcome: 'failed', code: 'STORE_UNREACHABLE', records: [] };
  const taken = NOTICE_KINDS.filter((kind) => {
    const { type, detail } = noticeDetail({ id: 'n', kind, at: 0, data });
    const event = { source: NOTICE_SOURCE, 'detail-type': type, detail: JSON.parse(detail) as unknown };
    for (const path of Object.values(targets[0]?.InputTransformer.InputPathsMap ?? {})) {
      const found = path
        .slice(2)
        .split('.')
        .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], event);
      expect([path, typeof found]).toEqual([path, 'string']);
    }
    return matchesPattern(pattern, event);
  });
  expect(taken).toEqual(['blocked', 'failed']);
});

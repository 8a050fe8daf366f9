import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import { RetentionConfig } from '../../../shared/domain/configuration/configuration-schema.ts';
import { DeploymentSettings, LaneSettings } from '../../../infra/deployment-schema.ts';
import { BUILT_IN_ALIASES } from '../../../shared/domain/rule/resolve.ts';
import type { PolicySettings } from '../../../shared/policy-files/settings.ts';
import { mistakesIn } from '../../support/rules/policy-text.ts';

const page = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```(\S+)( mistake)?\n([\s\S]*?)^```$/gm)].map(
  ([, kind, mistake, text]) => ({
    kind,
    mistake: mistake !== undefined,
    text: text ?? '',
  }),
);
const [whole = '', ...parts] = blocks
  .filter(({ kind, mistake }) => kind === 'yaml' && !mistake)
  .map(({ text }) => text);

/** The page's first policy, with the sections of a part in the place of its own, and a value for every setting. */
function inPlace(part: string): { text: string; settings: PolicySettings } {
  const sections = parseDocument(part).toJS() as Record<string, unknown>;
  const kept = whole
    .split(/\n(?=[a-z])/i)
    .filter((section) => !((/^\w+/.exec(section)?.[0] ?? '') in sections));
  const names = Object.keys((sections['settings'] ?? {}) as object);
  return {
    text: `${kept.join('\n').trimEnd()}\n\n${part}`,
    settings: { crm: Object.fromEntries(names.map((name) => [name, '90 days'])) },
  };
}

describe('the page about policy files', () => {
  it('begins with a whole policy that loads', () => {
    expect(whole).toMatch(/^format: 1\n/);
    expect(mistakesIn(whole, {})).toEqual([]);
  });

  it.each(parts.map((part) => [part.split('\n', 3).join(' '), part]))(
    'has a part that loads: %s',
    (_start, part) => {
      const { text, settings } = inPlace(part);
      expect(mistakesIn(text, settings)).toEqual([]);
    },
  );

  it('shows mistakes as they are printed', () => {
    const mistake = blocks.find((block) => block.mistake)?.text ?? '';
    const printed = blocks.find(({ kind }) => kind === 'text')?.text ?? '';
    expect(`${mistakesIn(inPlace(mistake).text, {}).join('\n')}\n`).toBe(printed);
  });

  it('names every built-in noun', () => {
    for (const [noun, event] of Object.entries(BUILT_IN_ALIASES)) {
      if (noun !== 'subscription term') expect(page).toContain(`\`${noun}\``);
      expect(page).toContain(`\`${event}\``);
    }
  });
});

describe('the page about the configuration', () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

  it('names every section, and every field of a deployment and of a lane', () => {
    for (const { shape } of [RetentionConfig, DeploymentSettings, LaneSettings])
      for (const name of Object.keys(shape)) expect(text).toContain(`\`${name}\``);
  });

  it('gives every time with its default', () => {
    for (const [name, seconds] of Object.entries(DEFAULT_TIMING))
      expect(text).toContain(`| \`${name}\` | ${seconds} |`);
  });
});

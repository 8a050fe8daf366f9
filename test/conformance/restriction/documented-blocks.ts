import { readFileSync } from 'node:fs';

const PAGES = new URL('../../../docs/stores/', import.meta.url);

/** The examples in the section about restriction of a kind's page, in order. */
export function documentedBlocks(kind: string, language: 'sql' | 'json' | 'ts'): readonly string[] {
  const [, section = ''] = readFileSync(new URL(`${kind}.md`, PAGES), 'utf8').split('\n## Restriction\n');
  const [text = ''] = section.split('\n## ');
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, block = '']) => block);
}

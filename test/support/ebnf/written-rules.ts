import { readdirSync, readFileSync } from 'node:fs';
import { parseRule } from '../../../shared/domain/rule/parse.ts';

const root = new URL('../../../', import.meta.url);

/**
 * Every text in the project that is a rule, in whatever file: the corpora, the pages, the policies, the tests. What is
 * between quotation marks or backticks, or is the value of a YAML key, is tried.
 */
export function writtenRules(): string[] {
  const texts = ['docs', 'examples', 'test', 'local', 'cli'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:md|ts|ya?ml|json|jsonl)$/.test(name))
      .flatMap((name) => pieces(readFileSync(new URL(`${folder}/${name}`, root), 'utf8'))),
  );
  return [...new Set(texts)].filter((text) => text.length > 2 && text.length < 1000 && parseRule(text).ok);
}

function pieces(text: string): string[] {
  const quoted = [...text.matchAll(/'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`([^`\n]+)`/g)];
  const values = [...text.matchAll(/^\s*(?:- )?[\w-]+: *(?![\s>|'"])(.+)$/gm)].map(([, value = '']) =>
    value.trim(),
  );
  return [...quoted.map(([, a, b, c]) => (a ?? b ?? c ?? '').replaceAll(/\\(['"\\])/g, '$1')), ...values];
}

import { readFileSync } from 'node:fs';
import type { Attributes } from '../../../shared/domain/record/about.ts';

/**
 * Sentences, what people make of them when they write or retype them, and what each means. The meanings are dates that
 * were computed by hand-written arithmetic, by people who had not seen what the parser answers.
 */
export interface Sentence {
  readonly id: string;
  /** What kind of statement it is, such as `later-of`. */
  readonly pattern: string;
  readonly sentence: string;
  readonly zone: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly fiscalYearEnd?: string;
  readonly holidays?: readonly string[];
  /** The facts tell different readings apart. */
  readonly cases: readonly Case[];
  readonly mutations: readonly Mutation[];
}

export interface Case {
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly attributes?: Attributes;
  readonly expect: Expected;
}

export interface Mutation {
  /** What the writer did, such as `forgotten comma`. */
  readonly kind: string;
  readonly text: string;
  /** The same as the sentence, one other meaning with a result for each case, or more than one meaning. */
  readonly means: 'same' | 'unclear' | readonly Expected[];
}

export type Result = 'undetermined' | 'never' | 'does not apply';
export type Expected = Result | readonly ExpectedStage[];
interface ExpectedStage {
  readonly action: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly result?: Result;
}

const FILES = ['a.jsonl', 'b.jsonl'];

export const SENTENCES: readonly Sentence[] = FILES.flatMap((file) =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Sentence),
);

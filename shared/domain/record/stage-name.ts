import type { StoreAction } from './actions.ts';

/**
 * Which stage of a holding is meant. Several may have one action: `part` says what part of the record each is about.
 * Absent: the whole record, by the rules. `purpose:<name>`: the fields that only an ended purpose needed.
 * `subject:<role>`: the fields of one person in a record about several.
 */
export interface StageName {
  readonly action: StoreAction;
  readonly part?: string;
}

/** The same name where the action is called `stage`: in results, entries and completed stages. */
export interface NamedStage {
  readonly stage: StoreAction;
  readonly part?: string;
}

export function isSameStage(a: NamedStage, b: NamedStage): boolean {
  return a.stage === b.stage && a.part === b.part;
}

/** In keys: two stages have the same text only if they are the same. */
export function stageKey({ stage, part }: NamedStage): string {
  return part === undefined ? stage : `${stage}#${part}`;
}

const PURPOSE = 'purpose:';

export function purposePart(purpose: string): string {
  return `${PURPOSE}${purpose}`;
}

/** Nothing if the part is not about a purpose. */
export function purposeOfPart(part: string): string | undefined {
  return part.startsWith(PURPOSE) ? part.slice(PURPOSE.length) : undefined;
}

const SUBJECT = 'subject:';

export function subjectPart(role: string): string {
  return `${SUBJECT}${role}`;
}

/** Nothing if the part is not about people. */
export function roleOfPart(part: string): string | undefined {
  return part.startsWith(SUBJECT) ? part.slice(SUBJECT.length) : undefined;
}

/** Every part that a stage of the holding may be about, besides the whole record. */
export function partsOf({
  variants,
}: {
  readonly variants: readonly {
    readonly purposes: readonly string[];
    readonly entities: readonly { readonly role?: string }[];
  }[];
}): readonly string[] {
  const parts = variants.flatMap(({ purposes, entities }) => [
    ...purposes.map(purposePart),
    ...entities.flatMap(({ role }) => (role === undefined ? [] : [subjectPart(role)])),
  ]);
  return [...new Set(parts)];
}

import type { Configuration } from '../configuration/configuration.ts';
import { effectivePolicies, policyOf } from '../configuration/effective-policies.ts';
import type { LeftOutReason } from '../export/archive-file.ts';
import { own } from '../own.ts';
import type { AboutEntity } from '../record/about.ts';
import type { Holding, HoldingVariant } from '../record/holding.ts';
import type { EntityRef, Instant } from '../record/ids.ts';
import type { Mask, Masks } from '../record/masks.ts';
import { covers } from './effects.ts';
import { mayBeExported } from './may-be-exported.ts';
import type { PersonRequest } from './request.ts';

/** Whose copy it is, and of what. */
export interface CopyAsked {
  readonly request: Pick<PersonRequest, 'entityType' | 'scope' | 'filer'>;
  /** The person, and the accounts by which applications know the person. */
  readonly reached: readonly EntityRef[];
  /** Who asks as an account: the person whose account it is, if that is known. */
  readonly knownAs?: EntityRef | undefined;
}

export interface InCopy {
  /** Those that the copy is about, in order. */
  readonly categories: readonly string[];
  readonly purposes: readonly string[];
  readonly may:
    | { readonly kind: 'not'; readonly reason: LeftOutReason }
    /** `without`: the fields that are about others. Without any, the record may be copied whole. */
    | { readonly kind: 'be-copied'; readonly without: Masks };
}

/** What a producer asks for is what it registered itself. */
export function isInScope(holding: Pick<Holding, 'variants'>, asked: CopyAsked): boolean {
  return inScope(holding, asked).length > 0;
}

/** What of a record may be in a copy for this person. Pure. */
export function inCopy(
  configuration: Pick<Configuration, 'entityTypes' | 'policies' | 'requests'>,
  holding: Pick<Holding, 'state' | 'variants'>,
  asked: CopyAsked,
  now: Instant,
): InCopy {
  const variants = inScope(holding, asked);
  const about = {
    categories: inOrder(variants.flatMap(({ categories }) => categories)),
    purposes: inOrder(variants.flatMap(({ purposes }) => purposes)),
  };
  const not = (reason: LeftOutReason): InCopy => ({ ...about, may: { kind: 'not', reason } });
  if (variants.length === 0 || holding.state === 'disposed' || holding.state === 'withdrawn')
    return not('gone');
  if (isOfOtherApplications(holding, asked)) return not('other-applications');
  const all = holding.variants.flatMap(({ categories }) => categories);
  if (!mayBeExported(configuration, all)) return not('region');
  const without = fieldsOfOthers(configuration, holding, asked, now);
  return without === undefined ? not('about-others') : { ...about, may: { kind: 'be-copied', without } };
}

/**
 * A producer that may register in a store that is shared could otherwise register the record of another application, and get it as
 * a copy.
 */
function isOfOtherApplications(
  { variants }: Pick<Holding, 'variants'>,
  { request: { filer } }: CopyAsked,
): boolean {
  return filer.role === 'producer' && variants.some(({ producer }) => producer !== filer.producer);
}

function inScope(
  { variants }: Pick<Holding, 'variants'>,
  { request, reached }: CopyAsked,
): readonly HoldingVariant[] {
  const { scope, filer } = request;
  return variants.filter(({ producer, purposes, categories, entities }) => {
    if (filer.role === 'producer' && filer.producer !== producer) return false;
    if (!entities.some(({ ref }) => reached.includes(ref))) return false;
    return categories.some((category) => covers(scope, { category, producer, purposes }));
  });
}

/**
 * The fields that policies name for the parts of others in the record, by whichever producer it was registered. Nothing if a part of one of
 * them is not known.
 */
function fieldsOfOthers(
  configuration: Pick<Configuration, 'entityTypes' | 'policies'>,
  { variants }: Pick<Holding, 'variants'>,
  asked: CopyAsked,
  now: Instant,
): Masks | undefined {
  const effective = effectivePolicies(configuration.policies, now);
  const entities = variants.flatMap((variant) => variant.entities);
  const isOther = othersAmong(configuration, entities, asked);
  const fields: [string, Mask][] = [];
  for (const variant of variants) {
    for (const { role } of variant.entities.filter(isOther)) {
      if (role === undefined) return undefined;
      for (const category of variant.categories) {
        const policy = policyOf(category, effective);
        const named = Object.entries(own(own(policy?.categories, category)?.subjects?.fields, role) ?? {});
        if (named.length === 0) return undefined;
        fields.push(...named);
      }
    }
  }
  return Object.fromEntries(fields);
}

/**
 * All persons and accounts but those of who asks, of whatever type, and whatever else has a role in the record. Who asks as
 * an account may be a person of the record, but only the one who is known to have it. Who asks as something else, such as a
 * contract, may be one person of each type: of several it is not known which.
 */
function othersAmong(
  { entityTypes }: Pick<Configuration, 'entityTypes'>,
  entities: readonly AboutEntity[],
  { request: { entityType }, reached, knownAs }: CopyAsked,
): (entity: AboutEntity) => boolean {
  const known = Object.values(entityTypes).map(({ identifies }) => identifies);
  const isPersonal = (type: string): boolean =>
    known.includes(type) || own(entityTypes, type)?.identifies !== undefined;
  const isOnlyOne = (one: string): boolean =>
    new Set(entities.filter(({ type }) => type === one).map(({ ref }) => ref)).size === 1;
  return ({ type, ref, role }) => {
    if (reached.includes(ref) || ref === knownAs) return false;
    if (type === entityType) return true;
    if (isPersonal(entityType)) return isPersonal(type) || role !== undefined;
    return isPersonal(type) && !isOnlyOne(type);
  };
}

function inOrder(words: readonly string[]): readonly string[] {
  return [...new Set(words)].toSorted();
}

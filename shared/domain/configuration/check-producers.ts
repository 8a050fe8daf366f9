import { isStoreAction } from '../record/actions.ts';
import type { Action } from '../record/actions.ts';
import { columnsIn } from '../columns/fact-columns.ts';
import { checkPrefixes } from './check-prefixes.ts';
import type { ConfigurationProblem } from './configuration-problem.ts';
import type { Configuration, ProducerConfiguration, StoreKinds } from './configuration.ts';
import { maskPath } from '../record/mask-tree.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import type { CategoryPolicy, Policy } from './policy.ts';
import { principalKey } from './principal.ts';
import { eventsOf } from '../rule/walk.ts';
import { didYouMean } from '../suggest.ts';

/** What a producer is granted must exist, must not belong to another producer, and must be supported by its stores. */
export function checkProducers(configuration: Configuration, kinds: StoreKinds): ConfigurationProblem[] {
  const producers = Object.entries(configuration.producers);
  return [
    ...producers.flatMap(([name, producer]) => [
      ...unknownGrants(name, producer, configuration),
      ...categoryProblems(name, producer, configuration, kinds),
    ]),
    ...repeated(
      producers.map(([name, { source }]) => ({
        path: `producers.${name}.source`,
        owner: name,
        value: source,
      })),
    ),
    ...repeated(
      producers.flatMap(([name, { principals }]) =>
        principals.map((arn, i) => ({
          path: `producers.${name}.principals.${i}`,
          owner: name,
          value: principalKey(arn),
        })),
      ),
    ),
    ...checkPrefixes(configuration),
    ...unsendableJurisdictions(configuration),
  ];
}

function unknownGrants(
  name: string,
  producer: ProducerConfiguration,
  { stores, policies }: Configuration,
): ConfigurationProblem[] {
  const categories = new Set(policies.policies.flatMap((policy) => Object.keys(policy.categories)));
  const events = new Set(policies.policies.flatMap((policy) => Object.keys(policy.events)));
  const unknown = (
    path: string,
    what: string,
    word: string,
    known: Iterable<string>,
  ): ConfigurationProblem[] => {
    const choices = [...known];
    if (choices.includes(word)) return [];
    const hint = didYouMean(word, choices) || '; remove it, or declare it';
    return [{ path: `producers.${name}.${path}`, message: `${what} "${word}"${hint}` }];
  };
  return [
    ...Object.keys(producer.stores).flatMap((store) =>
      unknown(`stores.${store}`, 'there is no store', store, Object.keys(stores)),
    ),
    ...producer.categories.flatMap((it, i) =>
      unknown(`categories.${i}`, 'no policy has the category', it, categories),
    ),
    ...producer.events.flatMap((it, i) => unknown(`events.${i}`, 'no policy declares the event', it, events)),
  ];
}

/** Every category that a producer may register, with every store that it may register it in, in every policy version. */
function categoryProblems(
  name: string,
  producer: ProducerConfiguration,
  configuration: Configuration,
  kinds: StoreKinds,
): ConfigurationProblem[] {
  const problems = new Map<string, ConfigurationProblem>();
  const report = (path: string, message: string): void => {
    problems.set(`${path} ${message}`, { path: `producers.${name}.${path}`, message });
  };
  for (const [index, category] of producer.categories.entries()) {
    for (const policy of configuration.policies.policies) {
      const rules = own(policy.categories, category);
      if (rules === undefined) continue;
      const granted = { category, rules, policy, configuration };
      if (policy.purposes === undefined)
        report(
          `categories.${index}`,
          `version "${policy.version}" of the policy "${policy.name}" declares no purposes, so nothing can be registered under "${category}"; list them in the policy, such as \`purposes: [service]\``,
        );
      const asking = [{ what: `"${category}"`, rules }, ...rolesOf(category, rules), ...purposesOf(policy)];
      for (const store of Object.keys(producer.stores)) {
        for (const message of regionProblems(granted, store)) report(`stores.${store}`, message);
        for (const each of asking)
          for (const message of storeProblems({ ...granted, ...each }, store, kinds))
            report(`stores.${store}`, message);
      }
      for (const message of unsendableEvents(granted, name, producer)) report(`categories.${index}`, message);
    }
  }
  return [...problems.values()];
}

/** A category that a producer may register, and what one version of its policy says of it. */
interface Granted {
  readonly category: string;
  readonly rules: CategoryPolicy;
  readonly policy: Policy;
  readonly configuration: Configuration;
}

function regionProblems({ category, policy, configuration }: Granted, storeName: string): string[] {
  const store = own(configuration.stores, storeName);
  if (store === undefined || policy.regions.includes(store.region)) return [];
  return [
    `the store is in ${store.region}, but the policy "${policy.name}" keeps "${category}" in ${policy.regions.join(', ')} only; grant a store in an allowed region, or give the category to another producer`,
  ];
}

/** What a policy asks of a store, by a category or by a purpose that its data is held for. */
interface Asking extends Granted {
  readonly what: string;
}

function storeProblems(
  { what, rules, policy, configuration }: Asking,
  storeName: string,
  kinds: StoreKinds,
): string[] {
  const store = own(configuration.stores, storeName);
  if (store === undefined) return [];
  const messages: string[] = [];
  const capabilities = own(kinds, store.kind)?.capabilities;
  const verbs = capabilities?.verbs(store.options) ?? actionsOf(rules);
  for (const action of actionsOf(rules).filter((each) => !verbs.includes(each))) {
    const needs = `a rule of ${what} (policy "${policy.name}") requires the action ${action}`;
    const option = action === 'restrict' ? capabilities?.restrictOption : undefined;
    messages.push(
      option === undefined
        ? `${needs}, which stores of kind ${store.kind} do not support (supported: ${verbs.join(', ')}); change the rule or grant another store`
        : `${needs}, which this store (of kind ${store.kind}) cannot do yet; add \`${option}\` to its options, change the rule, or grant another store`,
    );
  }
  for (const [field, [first, ...inside]] of maskPathsOf(rules)) {
    if (inside.length > 0 && capabilities?.nestedMasks(store.options) === false) {
      messages.push(
        `${what} (policy "${policy.name}") masks "${field}", a field inside "${first}", but this store (of kind ${store.kind}) only masks whole fields; mask "${first}", or grant another store (if the dot or the bracket is part of the name, write \\ before it)`,
      );
    }
    if (store.keys.some((key) => key.name === first)) {
      messages.push(
        `"${first}" is a key column of the store, and ${what} (policy "${policy.name}") masks it, so the record could no longer be found; remove it from the masks, or use another key`,
      );
    }
    if (first !== undefined && first === capabilities?.markerField(store.options)) {
      messages.push(
        `"${first}" says which records of the store are restricted, and ${what} (policy "${policy.name}") masks it; remove it from the masks`,
      );
    }
  }
  return messages;
}

/** The masked fields, each with the names on the way to it. */
function maskPathsOf({ masks }: CategoryPolicy): [field: string, path: string[]][] {
  return Object.keys(masks ?? {}).map((field) => [
    field,
    (maskPath(field) ?? []).map((step) => (step.kind === 'field' ? step.name : '[]')),
  ]);
}

/** The policies of every category that may be registered in a store. */
export function rulesIn({ producers, policies }: Configuration, store: string): readonly CategoryPolicy[] {
  const categories = new Set(
    Object.values(producers).flatMap((producer) =>
      own(producer.stores, store) === undefined ? [] : producer.categories,
    ),
  );
  return policies.policies.flatMap((policy) => [
    ...Object.entries(policy.categories).flatMap(([category, rules]) =>
      categories.has(category) ? [rules, ...rolesOf(category, rules).map((role) => role.rules)] : [],
    ),
    ...(Object.keys(policy.categories).some((category) => categories.has(category))
      ? purposesOf(policy).map(({ rules }) => rules)
      : []),
  ]);
}

/** What purposes ask of a store, as a category would: their fields are masked, and records without a purpose deleted. */
function purposesOf(policy: Policy): { readonly what: string; readonly rules: CategoryPolicy }[] {
  return Object.entries(policy.purposePolicies ?? {}).map(([purpose, { rule, fields: masks }]) => ({
    what: `the purpose "${purpose}"`,
    rules: { rules: rule === undefined ? [] : [rule], ...present({ masks }) },
  }));
}

/** The same for the people in a record: each one's fields are masked on request. */
function rolesOf(
  category: string,
  { subjects }: CategoryPolicy,
): { readonly what: string; readonly rules: CategoryPolicy }[] {
  return Object.entries(subjects?.onRequest === 'redact' ? subjects.fields : {}).map(([role, masks]) => ({
    what: `the role "${role}" of "${category}"`,
    rules: { rules: [], masks },
  }));
}

export function actionsOf({ rules, masks }: CategoryPolicy): Action[] {
  const actions = rules.flatMap(({ rule }) => rule.stages.map(({ action }) => action).filter(isStoreAction));
  return [...new Set([...actions, ...(masks === undefined ? [] : ['anonymise' as const])])];
}

/** If no producer may send an event that a rule waits for, the data would be kept for ever without a warning. */
function unsendableEvents(
  { category, rules, policy, configuration }: Granted,
  name: string,
  producer: ProducerConfiguration,
): string[] {
  const { producers, entityTypes } = configuration;
  const ends = Object.values(policy.purposePolicies ?? {}).flatMap(({ rule }) => rule ?? []);
  const needed = new Set([...rules.rules, ...ends].flatMap(({ rule }) => [...eventsOf(rule)]));
  const clocks = clocksOf(configuration, name, category);
  return [...needed].flatMap((event) => {
    const entity = own(policy.events, event)?.entity;
    const type = entity === undefined ? undefined : own(entityTypes, entity);
    if (entity === undefined || type === undefined) return [];
    const senders = type.ids === 'owned' ? [producer] : Object.values(producers);
    if (senders.some(({ events }) => events.includes(event))) return [];
    if (clocks.has(event) || isColumn(configuration, event, type.ids === 'owned' ? name : undefined))
      return [];
    const who =
      type.ids === 'owned'
        ? `this producer may not send it, and no other producer can send it for this producer's ${entity} ids`
        : 'no producer may send it';
    return [
      `"${category}" waits for the event "${event}", but ${who}, so its data would never become due; grant the event`,
    ];
  });
}

/** Whether a column says that the event happened: of this producer, or of any. */
function isColumn(configuration: Configuration, event: string, producer: string | undefined): boolean {
  return columnsIn(configuration).some(
    (column) => column.event === event && (producer === undefined || column.producer === producer),
  );
}

/** What columns say, in the producer's datasets of the category. */
function clocksOf({ stores }: Configuration, producer: string, category: string): ReadonlySet<string> {
  const datasets = Object.values(stores).flatMap((store) => store.datasets ?? []);
  const ofCategory = datasets.filter((one) => one.producer === producer && one.category === category);
  return new Set(ofCategory.flatMap(({ clock }) => Object.keys(clock)));
}

/** Nothing would ever say where anybody is. */
function unsendableJurisdictions({ producers, policies }: Configuration): ConfigurationProblem[] {
  const sendable = new Set(Object.values(producers).flatMap(({ events }) => events));
  const missing = policies.policies.flatMap(({ name, jurisdictionFrom: from }) =>
    from === undefined || sendable.has(from.event) ? [] : [{ name, event: from.event }],
  );
  return [...new Map(missing.map((one) => [one.name, one])).values()].map(({ name, event }) => ({
    path: 'producers',
    message: `the policy "${name}" takes the jurisdiction from the event "${event}", which no producer may send; grant it to a producer, or remove \`jurisdictionFrom\``,
  }));
}

interface Named {
  readonly path: string;
  readonly owner: string;
  readonly value: string;
}

function repeated(names: readonly Named[]): ConfigurationProblem[] {
  return names.flatMap(({ path, owner, value }, i) => {
    const first = names.find((other, j) => j < i && other.value === value);
    if (first === undefined || first.owner === owner) return [];
    return [
      {
        path,
        message: `the producer "${first.owner}" already uses this value; each producer needs its own, so that none can act as another`,
      },
    ];
  });
}

import type { Document, Statement } from './policies.ts';

/** A policy with one thing changed, and what has to notice it. */
export interface Mutant {
  /** The name of the document. */
  readonly policy: string;
  readonly change: string;
  readonly document: Document;
  /** A wider policy has to turn a denial, a narrower one something allowed. */
  readonly noticedBy: 'allowed' | 'denied';
  /** Actions that the change is about. */
  readonly isAbout: (action: string) => boolean;
}

/** A policy with one thing changed in every place where it says something. */
export function mutantsOf(policy: string, document: Document): readonly Mutant[] {
  return document.Statement.flatMap((statement, index) =>
    changesOf(statement).map(({ change, statement: changed, isWider, isAbout }): Mutant => ({
      policy,
      change: `${statement.Sid ?? `statement ${index}`} ${change}`,
      document: {
        ...document,
        Statement: document.Statement.toSpliced(index, 1, ...(changed === undefined ? [] : [changed])),
      },
      noticedBy: isWider === (statement.Effect === 'Allow') ? 'denied' : 'allowed',
      isAbout,
    })),
  );
}

interface Change {
  readonly change: string;
  /** Absent if it was removed. */
  readonly statement: Statement | undefined;
  /** Whether it applies to more requests than before. */
  readonly isWider: boolean;
  readonly isAbout: (action: string) => boolean;
}

function changesOf(statement: Statement): readonly Change[] {
  const actions = [statement.Action].flat();
  const resources = [statement.Resource ?? []].flat();
  const matches = (action: string): boolean => actions.some((pattern) => isLike(action, pattern));
  const services = [...new Set(actions.map((action) => action.split(':')[0] ?? ''))];
  const isOfResourcePolicy = statement.Principal !== undefined;
  return [
    ...actions.map((action): Change => ({
      change: `without ${action}`,
      statement:
        actions.length === 1
          ? undefined
          : { ...statement, Action: actions.filter((each) => each !== action) },
      isWider: false,
      isAbout: (asked) => isLike(asked, action),
    })),
    ...services
      .filter((service) => !actions.includes(`${service}:*`))
      .map((service): Change => ({
        change: `with ${service}:*`,
        statement: { ...statement, Action: [...actions, `${service}:*`] },
        isWider: true,
        isAbout: (asked) => asked.startsWith(`${service}:`) && !matches(asked),
      })),
    ...(resources.length < 2
      ? []
      : resources.map((resource): Change => ({
          change: `without ${resource}`,
          statement: { ...statement, Resource: resources.filter((each) => each !== resource) },
          isWider: false,
          isAbout: matches,
        }))),
    // The policy of a resource is about nothing else.
    ...(resources.includes('*') || resources.length === 0 || isOfResourcePolicy
      ? []
      : [
          {
            change: 'on everything',
            statement: { ...statement, Resource: '*' },
            isWider: true,
            isAbout: matches,
          },
        ]),
    ...withoutExceptions(statement, matches),
    ...withoutConditions(statement, matches),
    ...(isOfResourcePolicy && !isEveryone(statement.Principal)
      ? [
          {
            change: 'for everyone',
            statement: { ...statement, Principal: '*' },
            isWider: true,
            isAbout: matches,
          },
        ]
      : []),
  ];
}

function withoutExceptions(statement: Statement, isAbout: (action: string) => boolean): readonly Change[] {
  const { NotResource, ...rest } = statement;
  if (NotResource === undefined) return [];
  return [{ change: 'without exceptions', statement: { ...rest, Resource: '*' }, isWider: true, isAbout }];
}

/** One key less. */
function withoutConditions(statement: Statement, isAbout: (action: string) => boolean): readonly Change[] {
  const { Condition = {}, ...bare } = statement;
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.keys(keys).flatMap((key): Change[] => {
      const { [key]: _, ...rest } = keys;
      const { [operator]: __, ...others } = Condition;
      const left = Object.keys(rest).length === 0 ? others : { ...others, [operator]: rest };
      const changed = Object.keys(left).length === 0 ? bare : { ...bare, Condition: left };
      return [{ change: `without ${operator} ${key}`, statement: changed, isWider: true, isAbout }];
    }),
  );
}

function isEveryone(principal: unknown): boolean {
  return principal === '*' || JSON.stringify(principal) === '{"AWS":"*"}';
}

function isLike(action: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

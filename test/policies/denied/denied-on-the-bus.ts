import { API_SOURCE } from '../../../shared/contract/bus.ts';
import { NOTICE_SOURCE } from '../../../shared/contract/notice.ts';
import { SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import { NOTICES } from '../../../shared/domain/record/notice.ts';
import { type Case, type Who } from '../cases.ts';
import { type Cast, denied, FOREIGN, shortName } from '../cast.ts';
import { putEvents } from '../port-calls.ts';

/** A source is a promise about who speaks. What the bus takes, `ingest` believes. */
export function deniedOnTheBus(cast: Cast): readonly Case[] {
  const { deployed, roles, producers } = cast;
  const { account, region } = deployed;
  const sends = (name: string, who: Who, ...sources: readonly string[]): Case =>
    denied(name, who, putEvents(deployed, sources));
  /** Everybody who may put events by his own policies. */
  const speakers: readonly (readonly [string, Who])[] = [
    ['an administrator of the account', cast.administrator],
    ['the root user', cast.root],
    ['a stranger', cast.stranger],
    ['someone without credentials', cast.anonymous],
    ['the api', roles.api],
    ['the sweep', roles.sweep],
  ];
  const own: readonly (readonly [string, Who, string])[] = [
    ...producers.map(({ name, who, source }) => [`the producer ${name}`, who, source] as const),
    ['the api', roles.api, API_SOURCE],
    ['the sweep', roles.sweep, SWEEP_SOURCE],
  ];
  const sources = own.map(([, , source]) => source);
  const others = [...speakers, ...own.map(([name, who]) => [name, who] as const)];
  const foreign = sources.flatMap((source) =>
    [...new Map(others)]
      .filter(([name]) => !own.some(([speaker, , its]) => speaker === name && its === source))
      .map(([name, who]) => sends(`${name} does not speak as ${source}`, who, source)),
  );
  const unknown = [...new Map(others)].map(([name, who]) =>
    sends(`${name} does not speak under a source that is not configured`, who, 'com.example.unknown'),
  );
  const mixed = own.map(([name, who, source]) =>
    sends(
      `${name} does not speak for others in the same request`,
      who,
      source,
      ...sources.filter((each) => each !== source).slice(0, 1),
    ),
  );
  const half = own.map(([name, who, source]) =>
    sends(`${name} does not add an unknown source to its own`, who, source, 'com.example.unknown'),
  );
  // Whatever the source: a rule of an application may look at the type alone.
  const notices = own
    .filter(([name]) => name !== 'the sweep')
    .flatMap(([name, who, source]) => [
      ...Object.values(NOTICES).map((type) =>
        denied(`${name} does not announce ${type}`, who, putEvents(deployed, [source], [type])),
      ),
      sends(`${name} does not speak as ${NOTICE_SOURCE}`, who, NOTICE_SOURCE),
    ]);
  const bus = shortName(cast.bus);
  const changes: readonly (readonly [string, string])[] = [
    ['events:DeleteEventBus', cast.bus],
    ['events:PutRule', `arn:aws:events:${region}:${account}:rule/${bus}/other`],
    ...cast.rules.flatMap((rule) =>
      ['events:DeleteRule', 'events:DisableRule', 'events:RemoveTargets'].map(
        (action) => [action, rule] as const,
      ),
    ),
    ['events:DeleteArchive', deployed.the('AWS::Events::Archive').arn],
    ['events:UpdateArchive', deployed.the('AWS::Events::Archive').arn],
  ];
  const control = changes.flatMap(([action, resource]) => [
    ...Object.entries(roles).map(([name, who]) =>
      denied(`${name} does not use ${action} on ${shortName(resource)}`, who, { action, resource }),
    ),
    denied(`a stranger does not use ${action} on ${shortName(resource)}`, cast.stranger, {
      action,
      resource,
    }),
    ...producers.map(({ name, who }) =>
      denied(`the producer ${name} does not use ${action} on ${shortName(resource)}`, who, {
        action,
        resource,
      }),
    ),
  ]);
  return [
    ...foreign,
    ...unknown,
    ...mixed,
    ...half,
    ...notices,
    ...control,
    sends(
      'the role of the same name in another account does not speak as the api',
      {
        kind: 'administrator',
        arn: cast.everyRole.find(({ who }) => sameRole(who, roles.api))?.arn.replace(account, FOREIGN) ?? '',
      },
      API_SOURCE,
    ),
    ...[
      ...cast.lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
      ['ingest', roles.ingest] as const,
      ['seal', roles.seal] as const,
    ].map(([name, who]) => sends(`${name} sends no heartbeat`, who, SWEEP_SOURCE)),
    ...producers.map(({ name, who, source }) =>
      denied(`the producer ${name} does not send on another bus`, who, {
        ...putEvents(deployed, [source]),
        resource: `arn:aws:events:${region}:${account}:event-bus/default`,
      }),
    ),
    sends('an operator puts nothing on the bus', cast.operator, API_SOURCE),
    sends('an auditor puts nothing on the bus', cast.auditor, API_SOURCE),
  ];
}

function sameRole(a: Who, b: Who): boolean {
  return a.kind === 'role' && b.kind === 'role' && a.arn === b.arn;
}

import type { Asked, Case, Context, Who } from '../cases.ts';
import { type Cast, denied, FOREIGN, shortName } from '../cast.ts';

/** Queues take messages from those who may send them; roles are assumed by the service that they were made for. */
export function deniedQueuesAndRoles(cast: Cast): readonly Case[] {
  return [...queues(cast), ...schedules(cast), ...assumed(cast)];
}

function queues(cast: Cast): readonly Case[] {
  const { roles, lanes, deployed } = cast;
  const { account, region } = deployed;
  type Asking = readonly [action: string, queue: string, context?: Context];
  const on = (name: string, who: Who, [action, resource, context = {}]: Asking): Case =>
    denied(name, who, { action: `sqs:${action}`, resource, context });
  const events: Who = { kind: 'service', name: 'events.amazonaws.com' };
  const other: Who = { kind: 'service', name: 's3.amazonaws.com' };
  const [rule = ''] = cast.rules;
  const bus = shortName(cast.bus);
  const insecure = { 'aws:SecureTransport': 'false' };
  return [
    ...cast.everyQueue.flatMap((queue) => {
      const name = shortName(queue);
      return [
        ...['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'GetQueueAttributes'].map(
          (action) =>
            on(`an administrator does not use ${action} on ${name} without TLS`, cast.administrator, [
              action,
              queue,
              insecure,
            ]),
        ),
        ...['SendMessage', 'ReceiveMessage', 'PurgeQueue', 'SetQueueAttributes'].map((action) =>
          on(`a stranger does not use ${action} on ${name}`, cast.stranger, [action, queue]),
        ),
        on(`someone without credentials sends nothing to ${name}`, cast.anonymous, ['SendMessage', queue]),
        on(`another service does not send to ${name} for a rule`, other, [
          'SendMessage',
          queue,
          {
            'aws:SourceArn': rule,
          },
        ]),
        on(`a rule of another bus does not deliver to ${name}`, events, [
          'SendMessage',
          queue,
          {
            'aws:SourceArn': `arn:aws:events:${region}:${account}:rule/other/rule`,
          },
        ]),
        ...[`${bus}-2/rule`, bus].map((path) =>
          on(`the rule ${path}, which is not of this bus, does not deliver to ${name}`, events, [
            'SendMessage',
            queue,
            { 'aws:SourceArn': `arn:aws:events:${region}:${account}:rule/${path}` },
          ]),
        ),
        on(`a rule of another account does not deliver to ${name}`, events, [
          'SendMessage',
          queue,
          {
            'aws:SourceArn': rule.replace(account, FOREIGN),
          },
        ]),
        on(`EventBridge takes nothing from ${name}`, events, [
          'ReceiveMessage',
          queue,
          {
            'aws:SourceArn': rule,
          },
        ]),
        on(`EventBridge does not empty ${name}`, events, [
          'PurgeQueue',
          queue,
          {
            'aws:SourceArn': rule,
          },
        ]),
        on(`an operator sends nothing to ${name}`, cast.operator, ['SendMessage', queue]),
        ...cast.everyRole.map(({ name: role, who }) =>
          on(`${role} does not delete ${name}`, who, ['DeleteQueue', queue]),
        ),
      ];
    }),
    ...lanes.flatMap(({ store, who, queue }) => [
      on(`the api does not ring the lane ${store}`, roles.api, ['SendMessage', queue]),
      on(`ingest does not ring the lane ${store}`, roles.ingest, ['SendMessage', queue]),
      on(`seal does not ring the lane ${store}`, roles.seal, ['SendMessage', queue]),
      on(`the sweep takes nothing from the lane ${store}`, roles.sweep, ['ReceiveMessage', queue]),
      on(`the lane ${store} sends nothing to ingest`, who, ['SendMessage', cast.queues.ingest]),
      on(`the lane ${store} sends nothing to the sweep`, who, ['SendMessage', cast.queues.sweep]),
      on(`the lane ${store} takes nothing from seal`, who, ['ReceiveMessage', cast.queues.seal]),
      ...lanes
        .filter((other) => other.store !== store)
        .flatMap((other) => [
          on(`the lane ${store} does not ring ${other.store}`, who, ['SendMessage', other.queue]),
          on(`the lane ${store} takes no message of ${other.store}`, who, ['ReceiveMessage', other.queue]),
        ]),
    ]),
    on('the api takes nothing from ingest', roles.api, ['ReceiveMessage', cast.queues.ingest]),
    on('the api asks for no seal', roles.api, ['SendMessage', cast.queues.seal]),
    on('the sweep takes nothing from ingest', roles.sweep, ['ReceiveMessage', cast.queues.ingest]),
    on('the sweep sends nothing to ingest past the bus', roles.sweep, ['SendMessage', cast.queues.ingest]),
    on('seal sends nothing to ingest', roles.seal, ['SendMessage', cast.queues.ingest]),
    on('seal sends nothing to itself', roles.seal, ['SendMessage', cast.queues.seal]),
  ];
}

function schedules(cast: Cast): readonly Case[] {
  const { roles, lanes, schedulerRole, scheduleGroup, deployed } = cast;
  const { account, region } = deployed;
  const schedule = (path: string): string => `arn:aws:scheduler:${region}:${account}:schedule/${path}`;
  const makers: readonly (readonly [string, Who])[] = [
    ['ingest', roles.ingest],
    ['the sweep', roles.sweep],
    ...lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  const passing = (resource: string, to: string): Asked => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': to },
  });
  const due = schedule(`${scheduleGroup}/due-20260301T1005`);
  return [
    ...makers.flatMap(([name, who]) => [
      ...cast.everyRole
        .filter(({ arn }) => arn !== schedulerRole)
        .map((other) =>
          denied(
            `${name} does not pass ${other.name} to the scheduler`,
            who,
            passing(other.arn, 'scheduler.amazonaws.com'),
          ),
        ),
      ...['lambda.amazonaws.com', 'ec2.amazonaws.com', 'events.amazonaws.com'].map((to) =>
        denied(`${name} does not pass the role of schedules to ${to}`, who, passing(schedulerRole, to)),
      ),
      denied(`${name} makes no schedule in another group`, who, {
        action: 'scheduler:CreateSchedule',
        resource: schedule('default/due-20260301T1005'),
      }),
      denied(`${name} makes no schedule with another name`, who, {
        action: 'scheduler:CreateSchedule',
        resource: schedule(`${scheduleGroup}/hourly`),
      }),
      ...['DeleteSchedule', 'UpdateSchedule', 'GetSchedule'].map((action) =>
        denied(`${name} does not use ${action}`, who, { action: `scheduler:${action}`, resource: due }),
      ),
    ]),
    ...(['api', 'seal'] as const).flatMap((name) => [
      denied(`${name} makes no schedule`, roles[name], { action: 'scheduler:CreateSchedule', resource: due }),
      denied(`${name} passes no role`, roles[name], passing(schedulerRole, 'scheduler.amazonaws.com')),
    ]),
  ];
}

function assumed(cast: Cast): readonly Case[] {
  const { schedulerRole } = cast;
  const assuming = (resource: string, context: Context = {}): Asked => ({
    action: 'sts:AssumeRole',
    resource,
    context,
  });
  const scheduler = { kind: 'service', name: 'scheduler.amazonaws.com' } as const;
  const lambda = { kind: 'service', name: 'lambda.amazonaws.com' } as const;
  return [
    ...cast.everyRole.flatMap(({ name, arn }) => [
      denied(`an administrator does not assume ${name}`, cast.administrator, assuming(arn)),
      denied(`a stranger does not assume ${name}`, cast.stranger, assuming(arn)),
      denied(`someone without credentials does not assume ${name}`, cast.anonymous, assuming(arn)),
      denied(
        `EC2 does not assume ${name}`,
        { kind: 'service', name: 'ec2.amazonaws.com' },
        assuming(arn, { 'aws:SourceAccount': cast.deployed.account }),
      ),
      ...[lambda, scheduler].map((service) =>
        denied(`${service.name} puts no tags on a session of ${name}`, service, {
          action: 'sts:TagSession',
          resource: arn,
          context: { 'aws:SourceAccount': cast.deployed.account },
        }),
      ),
      ...(arn === schedulerRole
        ? [
            denied(`Lambda does not assume ${name}`, lambda, assuming(arn)),
            denied(
              `the scheduler does not assume ${name} for another account`,
              scheduler,
              assuming(arn, { 'aws:SourceAccount': FOREIGN }),
            ),
          ]
        : [
            denied(
              `the scheduler does not assume ${name}`,
              scheduler,
              assuming(arn, { 'aws:SourceAccount': cast.deployed.account }),
            ),
          ]),
    ]),
    ...Object.entries(cast.roles).map(([name, who]) =>
      denied(`${name} does not change what roles may do`, who, {
        action: 'iam:PutRolePolicy',
        resource: schedulerRole,
      }),
    ),
  ];
}

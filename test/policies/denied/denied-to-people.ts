import { type Role, ROUTES } from '../../../shared/contract/routes.ts';
import type { Case, Who } from '../cases.ts';
import { type Cast, denied, FOREIGN, shortName } from '../cast.ts';
import { routesOf } from '../people-calls.ts';

/** People and applications use the API, each the routes of their role. */
export function deniedToPeople(cast: Cast): readonly Case[] {
  const { deployed } = cast;
  const { account, region } = deployed;
  const roles = [...new Set(Object.values(ROUTES).flatMap((route): readonly Role[] => route.roles))];
  const everyRoute = [...new Set(roles.flatMap((role) => routesOf(role, deployed)))];
  const calling = (name: string, who: Who, resource: string): Case =>
    denied(`${name} does not call ${resource.split('/').slice(2).join('/')}`, who, {
      action: 'execute-api:Invoke',
      resource,
    });
  const others = (name: string, who: Who, role: Role): readonly Case[] => {
    const own = routesOf(role, deployed);
    return everyRoute.filter((route) => !own.includes(route)).map((route) => calling(name, who, route));
  };
  const lambda = deployed.functions.map(({ arn }) => arn);
  const ofOtherApi = everyRoute.map((route) => route.replace(/:([a-z0-9]+)\/\$default/, ':another/$default'));
  const people: readonly (readonly [string, Who])[] = [
    ['an operator', cast.operator],
    ['an auditor', cast.auditor],
    ...cast.producers.map(({ name, who }) => [`the producer ${name}`, who] as const),
  ];
  return [
    ...cast.producers.flatMap(({ name, who }) => others(`the producer ${name}`, who, 'producer')),
    ...others('an operator', cast.operator, 'operator'),
    ...others('an auditor', cast.auditor, 'auditor'),
    ...everyRoute.map((route) => calling('someone without a signature', cast.anonymous, route)),
    ...everyRoute.map((route) => calling('an administrator of another account', cast.stranger, route)),
    ...people.flatMap(([name, who]) => [
      ...ofOtherApi.slice(0, 3).map((route) => calling(`${name} of this API`, who, route)),
      ...everyRoute.map((resource) =>
        denied(`${name} empties no cache of ${resource.split('/').slice(2).join('/')}`, who, {
          action: 'execute-api:InvalidateCache',
          resource,
        }),
      ),
      ...lambda.map((resource) =>
        denied(`${name} does not call ${shortName(resource)} past the API`, who, {
          action: 'lambda:InvokeFunction',
          resource,
        }),
      ),
    ]),
    ...lambda.flatMap((resource) => [
      denied(
        `another API does not call ${shortName(resource)}`,
        { kind: 'service', name: 'apigateway.amazonaws.com' },
        {
          action: 'lambda:InvokeFunction',
          resource,
          context: {
            'aws:SourceArn': `arn:aws:execute-api:${region}:${account}:another/$default/POST/v1/events`,
          },
        },
      ),
      denied(
        `another service does not call ${shortName(resource)} for a route`,
        { kind: 'service', name: 's3.amazonaws.com' },
        {
          action: 'lambda:InvokeFunction',
          resource,
          context: { 'aws:SourceArn': everyRoute[0] ?? '' },
        },
      ),
      denied(`a stranger does not call ${shortName(resource)}`, cast.stranger, {
        action: 'lambda:InvokeFunction',
        resource,
      }),
      denied(
        `an API does not change ${shortName(resource)}`,
        { kind: 'service', name: 'apigateway.amazonaws.com' },
        {
          action: 'lambda:UpdateFunctionCode',
          resource,
          context: { 'aws:SourceArn': everyRoute[0] ?? '' },
        },
      ),
    ]),
    ...deployed.ofType('AWS::SNS::Topic').flatMap(({ arn }) => [
      denied(
        'an alarm of another account does not write to people',
        { kind: 'service', name: 'cloudwatch.amazonaws.com' },
        {
          action: 'sns:Publish',
          resource: arn,
          context: { 'aws:SourceAccount': FOREIGN },
        },
      ),
      denied('an administrator does not write to people without TLS', cast.administrator, {
        action: 'sns:Publish',
        resource: arn,
        context: { 'aws:SecureTransport': 'false' },
      }),
      denied(
        'another service does not write to people',
        { kind: 'service', name: 's3.amazonaws.com' },
        { action: 'sns:Publish', resource: arn, context: { 'aws:SourceAccount': account } },
      ),
      denied('a stranger does not write to people', cast.stranger, { action: 'sns:Publish', resource: arn }),
      denied(
        'CloudWatch does not delete the topic',
        { kind: 'service', name: 'cloudwatch.amazonaws.com' },
        {
          action: 'sns:DeleteTopic',
          resource: arn,
          context: { 'aws:SourceAccount': account },
        },
      ),
    ]),
  ];
}

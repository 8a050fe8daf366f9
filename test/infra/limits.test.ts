import { describe, expect, test } from 'vitest';
import retention from '../../retention.config.ts';
import { ROUTES } from '../../shared/contract/routes.ts';
import { ofType, ownFunctions, type Resource, synthesized } from '../support/house/synthesized.ts';

const { service } = synthesized();
const { service: limited } = synthesized({
  ...retention,
  deployment: {
    ...retention.deployment,
    concurrency: { api: 50, ingest: 40, sweep: 10, seal: 2 },
    requestsPerSecond: { producers: 1000, people: 20 },
  },
});

interface Limit {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}
const both = (requests: number): Limit => ({
  ThrottlingRateLimit: requests,
  ThrottlingBurstLimit: requests,
});

function stageOf(template: typeof service) {
  const [stage, ...more] = ofType(template, 'AWS::ApiGatewayV2::Stage');
  if (stage === undefined || more.length > 0) throw new Error('there is not exactly one stage');
  return stage.Properties as { DefaultRouteSettings: Limit; RouteSettings: Record<string, Limit> };
}

/** The routes that a producer may call, as API Gateway names them. */
const OF_PRODUCERS = Object.values(ROUTES)
  .filter(({ roles }) => (roles as readonly string[]).includes('producer'))
  .map(({ method, path }) => `${method} ${path}`);

describe('the requests in a second', () => {
  test('are limited for each producer route by itself, so that a flood leaves the routes of operators free', () => {
    const { DefaultRouteSettings, RouteSettings } = stageOf(service);
    expect(DefaultRouteSettings).toEqual(both(50));
    expect(RouteSettings).toEqual(Object.fromEntries(OF_PRODUCERS.map((route) => [route, both(500)])));
    expect(Object.keys(RouteSettings)).not.toContain('POST /v1/lanes/{lane}/pause');
  });

  test('are configured for producers and for people', () => {
    const { DefaultRouteSettings, RouteSettings } = stageOf(limited);
    expect(DefaultRouteSettings).toEqual(both(20));
    expect(new Set(Object.values(RouteSettings).map((each) => each.ThrottlingRateLimit))).toEqual(
      new Set([1000]),
    );
  });

  test('are set only after their routes exist', () => {
    const { Resources } = service.toJSON() as {
      readonly Resources: Record<string, Resource & { readonly DependsOn?: readonly string[] }>;
    };
    const stage = Object.values(Resources).find(({ Type }) => Type === 'AWS::ApiGatewayV2::Stage');
    const routes = ofType(service, 'AWS::ApiGatewayV2::Route').filter(({ Properties }) =>
      OF_PRODUCERS.includes(String(Properties['RouteKey'])),
    );
    expect(routes).toHaveLength(OF_PRODUCERS.length);
    expect(stage?.DependsOn).toEqual(expect.arrayContaining(routes.map(({ id }) => id)));
  });
});

describe('the invocations at the same time', () => {
  const reserved = (template: typeof service, name: string): unknown =>
    ownFunctions(template).find(({ id }) => id.startsWith(name))?.Properties['ReservedConcurrentExecutions'];
  const polls = (template: typeof service, name: string): readonly unknown[] =>
    ofType(template, 'AWS::Lambda::EventSourceMapping')
      .filter(({ id }) => id.startsWith(name) && id.includes('FunctionFeed'))
      .map(
        ({ Properties }) =>
          (Properties['ScalingConfig'] as { MaximumConcurrency: number } | undefined)?.MaximumConcurrency,
      );

  test('are not reserved by default, because a new account has only ten; ingest takes at most 20', () => {
    for (const name of ['Api', 'Ingest', 'Sweep', 'Seal']) expect(reserved(service, name)).toBeUndefined();
    expect(polls(service, 'Ingest')).toEqual([20]);
    expect(polls(service, 'Sweep')).toEqual([undefined]);
  });

  test('are reserved as configured, and a queue is never polled by more than that', () => {
    expect(['Api', 'Ingest', 'Sweep', 'Seal'].map((name) => reserved(limited, name))).toEqual([
      50, 40, 10, 2,
    ]);
    expect(['Ingest', 'Sweep', 'Seal'].flatMap((name) => polls(limited, name))).toEqual([40, 10, 2]);
  });

  test.each([
    ['ingest', 1, 'from 2 to 1000'],
    ['api', 0, 'from 1 to 1000'],
  ])('are refused for %s as %d', (name, value, right) => {
    expect(() =>
      synthesized({
        ...retention,
        deployment: { ...retention.deployment, concurrency: { [name]: value } },
      }),
    ).toThrow(right);
  });
});

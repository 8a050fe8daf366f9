import type { Body } from '../../shared/contract/parse.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import type { AnswerOf, InputOf, RouteName } from '../../shared/contract/routes.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { Caller } from '../../shared/domain/configuration/principal.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ArchiveLinks } from '../../shared/ports/exports.ts';
import type { LogFiles } from '../../shared/ports/log.ts';
import type { Keys } from '../../shared/ports/keys.ts';
import type { Queues } from '../../shared/ports/queues.ts';
import type { Registry } from '../../shared/ports/registry.ts';
import type { Report } from '../../shared/ports/report.ts';
import type { Tokens } from '../../shared/ports/tokens.ts';
import type { Quotas } from '../../shared/runtime/quotas.ts';

/** Everything that the API uses. */
export interface ApiPorts {
  readonly configuration: Configuration;
  readonly registry: Registry;
  readonly keys: Keys;
  readonly bus: Bus;
  readonly queues: Queues;
  readonly exports: ArchiveLinks;
  readonly log: LogFiles;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly report: Report;
  /** The table's name, where it was restored and adopted. */
  readonly adopted?: string;
}

/** What this process keeps between requests. */
export interface ApiCore extends ApiPorts {
  readonly quotas: Quotas;
}

export interface Request<Name extends RouteName> {
  readonly caller: Caller;
  /** Who signed the request: an ARN, of an assumed role with its session, or the issuer of a token. */
  readonly principal: string;
  readonly input: InputOf<Name>;
  /** Items of a batch that are refused whatever their content, by their index. */
  readonly faultyItems: Body['faultyItems'];
  /** The store's name, for routes with `:lane` in their path. */
  readonly lane: string;
}

export type Reply<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly status?: 200 | 202 | 400 | 503 }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly retryAfterSeconds?: number };

export type Operation<Name extends RouteName> = (
  ports: ApiCore,
  request: Request<Name>,
) => Promise<Reply<AnswerOf<Name>>>;

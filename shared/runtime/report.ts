import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Report, ReportCode, ReportFields } from '../ports/report.ts';

/**
 * Every field that may be logged, and the form of its values. Anything else is dropped at run time, even if it passed
 * the type checker.
 */
const FIELDS: { readonly [Name in keyof Required<ReportFields>]: 'name' | 'number' } = {
  store: 'name',
  producer: 'name',
  policy: 'name',
  outcome: 'name',
  stage: 'name',
  code: 'name',
  count: 'number',
  seconds: 'number',
  route: 'name',
  status: 'number',
  witness: 'name',
  month: 'name',
};

/** Names come from configuration and code. The pattern excludes characters of e-mail addresses and locators. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$/;

/** Codes that need a person's attention at some point. Every other code is `info`. */
const WARNINGS: ReadonlySet<ReportCode> = new Set<ReportCode>([
  'ingest.behind',
  'ingest.quarantined',
  'census.re-hinted',
  'holding.set-aside',
  'export.unread',
  'facts.unread',
  'facts.unusable',
  'survey.unseen',
  'survey.appeared',
  'survey.never-present',
  'dispose.capped',
  'dispose.slowed',
  'dispose.stopped',
  'dispose.before-the-fact',
  'dispose.came-back',
  'dispose.recovery-unread',
  'ingest.failed',
  'ingest.late-fact',
  'sweep.waiting-too-long',
  'sweep.failed',
  'timers.refused',
  'dispose.failed',
  'seal.drop-refused',
  'seal.failed',
  'seal.index-wrong',
  'seal.key-not-recorded',
  'seal.unwitnessed',
  'seal.witness-missing',
  'seal.voided',
  'bus.refused',
  'api.failed',
]);

export function levelOf(code: ReportCode): 'info' | 'warning' {
  return WARNINGS.has(code) ? 'warning' : 'info';
}

/** How AWS services and the connectors report missing permissions. */
const DENIED = /^(AccessDenied|NotAuthorized|UnauthorizedOperation)|^(STORE_DENIED|42501)$/;

/** A service of AWS that a function needs; a store that is down is retried, and waits too long in the end. */
const UNREACHABLE = /^(?!STORE_)[A-Z0-9_]+_UNREACHABLE$/;

/** What should not happen, and is over when it is reported: an alarm of its own looks at it. */
const INCIDENTS: ReadonlySet<ReportCode> = new Set<ReportCode>([
  'dispose.capped',
  'dispose.stopped',
  'dispose.came-back',
  'census.re-hinted',
  'bus.refused',
  'ingest.behind',
  'survey.appeared',
  'survey.never-present',
]);

/** The bucket of the deletion log and the registry do not agree: nothing is sealed until a person has looked. */
const LOG_STOPPED: ReadonlySet<string> = new Set(['LOG_FORKED', 'LOG_DAMAGED']);

/** A witness says that it was shown a log that is not the beginning of this one. */
const LOG_CONTRADICTED: ReadonlySet<string> = new Set(['WITNESS_CONTRADICTS']);

/** An item that the API could not make durable, and an event that the bus could not deliver. */
const UNDELIVERED: ReadonlySet<string> = new Set(['NOT_DURABLE', 'DEAD_LETTER']);

const QUARTER_OF_AN_HOUR = 900;

/** With this value a deadline is missed; with 1 something else waits too long. */
const OVERDUE = 2;

/**
 * The only metrics. One of each code, store and outcome would cost more than all else of an idle deployment, and the log
 * tells what an alarm is about. `waiting-too-long` is 0 from an hourly sweep that came to its end: its alarms end, and
 * another one goes off when no 0 comes.
 */
export function metricOf(
  code: ReportCode,
  fields: Pick<ReportFields, 'code' | 'seconds'>,
): { readonly name: 'waiting-too-long' | 'incident'; readonly value: number } | undefined {
  if (code === 'sweep.caught-up') return { name: 'waiting-too-long', value: 0 };
  if (code === 'sweep.waiting-too-long')
    return { name: 'waiting-too-long', value: fields.code === 'overdue' ? OVERDUE : 1 };
  // SQS leaves a message out of the age of its queue once it was received three times.
  const isFailingForLong = code === 'ingest.failed' && (fields.seconds ?? 0) > QUARTER_OF_AN_HOUR;
  const isBroken = [DENIED, UNREACHABLE].some((pattern) => pattern.test(fields.code ?? ''));
  const isIncident =
    INCIDENTS.has(code) ||
    [LOG_STOPPED, LOG_CONTRADICTED, UNDELIVERED].some((codes) => codes.has(fields.code ?? ''));
  if (isIncident || isFailingForLong || isBroken) return { name: 'incident', value: 1 };
  return undefined;
}

/** One for all functions: a metric is paid for once for each value of its dimension. */
const SERVICE = 'tenure';

/**
 * Structured log lines and EMF metrics over Powertools; Lambda collects both of the process's streams.
 * `POWERTOOLS_METRICS_NAMESPACE` keeps two deployments in one account apart.
 */
export function powertoolsReport(service: string): Report {
  const logger = new Logger({ serviceName: service });
  const namespace = process.env['POWERTOOLS_METRICS_NAMESPACE'] ?? 'Tenure';
  return (code, fields = {}) => {
    try {
      const declared = declaredOnly(fields);
      if (levelOf(code) === 'warning') logger.warn(code, declared);
      else logger.info(code, declared);
      const { seconds } = declared;
      const metric = metricOf(code, {
        code: String(declared['code'] ?? ''),
        ...(typeof seconds === 'number' && { seconds }),
      });
      if (metric === undefined) return;
      const metrics = new Metrics({ namespace, serviceName: SERVICE });
      metrics.addMetric(metric.name, MetricUnit.Count, metric.value);
      metrics.publishStoredMetrics();
    } catch {
      // A failure to report must not stop the work that is reported.
    }
  };
}

export function declaredOnly(fields: object): Readonly<Record<string, string | number>> {
  const declared: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(FIELDS, name)) continue;
    const kind = FIELDS[name as keyof ReportFields];
    if (kind === 'number' && typeof value === 'number' && Number.isFinite(value)) declared[name] = value;
    if (kind === 'name' && typeof value === 'string')
      declared[name] = NAME.test(value) ? value : 'not-a-name';
  }
  return declared;
}

import type { CalendarUnit, RunDay, Unit } from '../../../shared/domain/calendar/units.ts';
import type {
  AgeTest,
  AttributeReference,
  Condition,
  Moment,
  Pick,
  Rule,
  StageAction,
  Suspension,
  Test,
  When,
} from '../../../shared/domain/rule/ast.ts';

type NameOf<Type> = Type extends string ? Type : Type extends object ? keyof Type & string : never;

export type Construct =
  | `moment ${Moment['kind']}`
  | `condition ${Condition['kind']}`
  | `when ${When['kind']}`
  | `test ${Test['kind'] | AgeTest['kind']}`
  | `suspension ${Suspension}`
  | `action ${StageAction}`
  | `pick ${Pick}`
  | `side ${'after' | 'before'}`
  | `unit ${NameOf<CalendarUnit>}`
  | `run ${NameOf<RunDay> | 'zone'}`
  | `period ${Unit | 'holidays' | 'setting' | keyof AttributeReference}`
  | `stage ${'notBefore' | 'notAfter' | 'label' | 'or' | 'repeats'}`;

/** Everything that a rule can consist of: a new construct of the language does not compile until it is added here. */
const EVERY: Readonly<Record<Construct, true>> = {
  'moment event': true,
  'moment date': true,
  'moment date-in': true,
  'moment after': true,
  'moment before': true,
  'moment end-of': true,
  'moment last-day-of': true,
  'moment next-day': true,
  'moment weekday-of': true,
  'moment run': true,
  'moment nth': true,
  'moment birthday': true,
  'moment later': true,
  'moment earlier': true,
  'moment if': true,
  'moment suspended': true,
  'moment override': true,
  'moment not-applicable': true,
  'moment never': true,
  'moment not-computable': true,
  'condition all': true,
  'condition any': true,
  'condition not': true,
  'condition attribute': true,
  'condition occurred': true,
  'condition age': true,
  'when before': true,
  'when after': true,
  'when by': true,
  'when from': true,
  'when within': true,
  'test is': true,
  'test less than': true,
  'test at most': true,
  'test more than': true,
  'test at least': true,
  'test starts with': true,
  'test ends with': true,
  'test contains': true,
  'test under': true,
  'suspension held': true,
  'suspension restarted': true,
  'suspension paused': true,
  'action delete': true,
  'action anonymise': true,
  'action restrict': true,
  'action archive': true,
  'action review': true,
  'action notify': true,
  'pick first': true,
  'pick last': true,
  'side after': true,
  'side before': true,
  'unit day': true,
  'unit month': true,
  'unit quarter': true,
  'unit calendar-year': true,
  'unit fiscal-year': true,
  'unit uk-tax-year': true,
  'unit tax-year': true,
  'unit academic-year': true,
  'unit yearEnding': true,
  'run day': true,
  'run zone': true,
  'run quarter': true,
  'run weekday': true,
  'run dayOfMonth': true,
  'run dayOfYear': true,
  'run weekdayOf': true,
  'period years': true,
  'period months': true,
  'period weeks': true,
  'period days': true,
  'period workingDays': true,
  'period hours': true,
  'period minutes': true,
  'period seconds': true,
  'period holidays': true,
  'period setting': true,
  'period attribute': true,
  'period event': true,
  'stage notBefore': true,
  'stage notAfter': true,
  'stage label': true,
  'stage or': true,
  'stage repeats': true,
};
export const CONSTRUCTS = Object.keys(EVERY) as readonly Construct[];

/** The constructs of a parsed rule, including its settings. */
export function constructsIn({ stages }: Rule): ReadonlySet<string> {
  const found = new Set<string>();
  for (const stage of stages) {
    found.add(`action ${stage.action}`);
    for (const part of ['notBefore', 'notAfter', 'label', 'or', 'repeats'] as const)
      if (stage[part] !== undefined) found.add(`stage ${part}`);
    visit(stage.notBefore, 'moment', found);
    visit(stage.notAfter, 'moment', found);
  }
  return found;
}

/** Reads plain data, so that it also sees constructs that the walkers of the language do not know. */
function visit(value: unknown, role: string, found: Set<string>): void {
  if (Array.isArray(value)) return value.forEach((one) => visit(one, role, found));
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'kind') found.add(`${role} ${inner}`);
    else if (key === 'how') found.add(`suspension ${inner}`);
    else if (key === 'pick' || key === 'side') found.add(`${key} ${inner}`);
    else if (key === 'unit' || key === 'every') found.add(`${key === 'unit' ? key : 'run'} ${nameOf(inner)}`);
    else if (key === 'zone') found.add('run zone');
    else if (key === 'period') for (const unit of Object.keys(inner as object)) found.add(`period ${unit}`);
    else visit(inner, roleOf(key, role), found);
  }
}

function roleOf(key: string, role: string): string {
  if (key === 'condition' || key === 'when' || key === 'test') return key;
  return key === 'of' && role === 'condition' ? role : 'moment';
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (Object.keys(value)[0] ?? '') : String(value);
}

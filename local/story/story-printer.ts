import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Instant } from '../../shared/domain/record/ids.ts';

type Style = Parameters<typeof styleText>[0];

/** Lines of at most 100 columns. */
const WIDTH = 100;
/** `2025-02-03 09:30  ` */
const MARGIN = 18;
/** `window ` */
const FIELD = 8;

/** Prints one story: its lines wait until `lines` is asked for, because several stories play at the same time. */
export interface StoryPrinter {
  headline(title: string, about: readonly string[]): void;
  /** What happens at an instant, in the story's zone. */
  happens(at: Instant, text: string): void;
  /** What follows from it. `sign` is one character. */
  follows(sign: Sign, text: string): void;
  section(text: string): void;
  detail(text: string): void;
  /** One fact of a detail, under its name. */
  field(name: string, text: string): void;
  local(at: Instant): string;
  lines(): readonly string[];
}

export type Sign = '+' | '→' | '✓' | '✗' | '=';

const STYLES: Readonly<Record<Sign, Style>> = {
  '+': 'gray',
  '→': 'yellow',
  '✓': 'green',
  '✗': 'red',
  '=': 'cyan',
};

/** Colours only where `stream` is a terminal that wants them. */
export function storyPrinter(zone: string, stream: Writable): StoryPrinter {
  const printed: string[] = [];
  const style = (format: Style, text: string): string => styleText(format, text, { stream });
  const margin = ' '.repeat(MARGIN);
  const local = (at: Instant): string => localTime(at, zone);

  function put(first: string, rest: string, text: string, format?: Style): void {
    const [head = '', ...more] = wrapped(text, WIDTH - visibleLength(first));
    const painted = (line: string): string => (format === undefined ? line : style(format, line));
    printed.push(`${first}${painted(head)}`, ...more.map((line) => `${rest}${painted(line)}`));
  }

  return {
    headline(title, about) {
      printed.push('', style('bold', `━━ ${title} ${'━'.repeat(Math.max(0, WIDTH - title.length - 4))}`));
      for (const line of wrapped(about.join(' '), WIDTH - 3)) printed.push(`   ${line}`);
      printed.push(style('gray', `   Times are those of ${zone}.`), '');
    },
    happens: (at, text) => put(`${style('bold', local(at))}  `, margin, text),
    follows: (sign, text) => put(`${margin}${style(STYLES[sign], sign)} `, `${margin}  `, text),
    section: (text) => printed.push('', `   ${style('bold', text)}`),
    detail: (text) => put('   ', '      ', text),
    field: (name, text) => put(`      ${style('gray', name.padEnd(FIELD))}`, ' '.repeat(6 + FIELD), text),
    local,
    lines: () => printed,
  };
}

/** `2025-02-03 09:30` */
function localTime(at: Instant, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function visibleLength(text: string): number {
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  return text.replaceAll(/\u001b\[[0-9;]*m/g, '').length;
}

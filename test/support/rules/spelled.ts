const ONES = 'one two three four five six seven eight nine'.split(' ');
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const IRREGULAR: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

interface Style {
  /** Between tens and ones. */
  readonly joint: '-' | ' ';
  readonly and: ' and ' | ' ';
}
export const STYLES: readonly Style[] = [
  { joint: '-', and: ' and ' },
  { joint: ' ', and: ' ' },
];

/** A number from 1 to 999 in words. */
export function spelled(number: number, style: Style): string {
  if (number >= 100) {
    const hundreds = `${ONES[Math.floor(number / 100) - 1]} hundred`;
    return number % 100 === 0 ? hundreds : hundreds + style.and + spelled(number % 100, style);
  }
  if (number < 20) return [...ONES, ...TEENS][number - 1] ?? '';
  const tens = TENS[Math.floor(number / 10) - 2] ?? '';
  return number % 10 === 0 ? tens : tens + style.joint + spelled(number % 10, style);
}

export function spelledOrdinal(number: number, style: Style): string {
  const cardinal = spelled(number, style);
  const [last = ''] = /[a-z]+$/.exec(cardinal) ?? [];
  const ending = IRREGULAR[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return cardinal.slice(0, cardinal.length - last.length) + ending;
}

/** Longer words are never a typing error of a name; the limit bounds the cost. */
const LONGEST = 60;

/** Words of one or two letters are similar to too many others. */
const SHORTEST = 3;

/** The candidate that `word` is most likely a typing error of: at most two edits or `most`, and fewer for short words. */
export function suggest(word: string, candidates: Iterable<string>, most = 3): string | undefined {
  if (word.length > LONGEST || word.length < SHORTEST) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(most, wanted.length <= 3 ? 1 : wanted.length <= 12 ? 2 : 3);
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (candidate.length < SHORTEST && distance > 1) continue;
    if (distance < bestDistance || (distance === bestDistance && best === undefined)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "x"?` or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = suggest(word, candidates);
  return candidate === undefined || candidate === word.toLowerCase() ? '' : `; did you mean "${candidate}"?`;
}

/** Levenshtein distance where two neighbouring letters exchanged count as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

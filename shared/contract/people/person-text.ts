import * as z from 'zod';

/** One part of the text: records that have the same fate, and why. */
const Paragraph = z.object({
  /** What it says of them, as a sentence. */
  says: z.string(),
  /** Kinds of data, in the words of the policies. */
  categories: z.array(z.string()),
  /** Single records. With `all` it is 0. */
  records: z.int(),
  /** It is about all records of these categories, however many there are. */
  all: z.exactOptional(z.literal(true)),
  /** The rule that decides, and the sentence of the policy or law that it was written from. */
  rule: z.exactOptional(z.string()),
  sentence: z.exactOptional(z.string()),
  document: z.exactOptional(z.string()),
  notes: z.array(z.string()),
});

/** What the person gets to read: plain words, without ids and without saying where data lies. */
export const PersonText = z.object({
  title: z.string(),
  introduction: z.string(),
  paragraphs: z.array(Paragraph),
  /** What the person can do. */
  rights: z.array(z.string()),
  /** The same as a page of its own, to print or to send. */
  html: z.string(),
});
export type PersonText = z.output<typeof PersonText>;

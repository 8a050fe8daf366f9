/** Masks text that arrives in pieces, and holds one record at a time. */
export interface Masker {
  /** Returns what can be written so far. Throws `UnfitContent`. */
  write(text: string): string;
  /** Returns the rest after the last piece. */
  end(): string;
  /** Whether something had to be masked. */
  isChanged(): boolean;
}

/** For an object of zero bytes, of any type. */
export const NOTHING_TO_MASK: Masker = { write: (text) => text, end: () => '', isChanged: () => false };

/** The content does not match its type, or a mask does not fit it: the object must not be reported as masked. */
export class UnfitContent extends Error {
  constructor() {
    super(
      'The content of an object cannot be masked. It is not quoted here, because it may be personal data.',
    );
    this.name = 'UnfitContent';
  }
}

/** The longest record, in characters. An object with a longer record is refused. */
export const LONGEST_RECORD = 4 * 1024 * 1024;

/** The part of an incomplete record that is held. */
export interface Held {
  add(text: string): void;
  take(): string;
}

export function held(): Held {
  let parts: string[] = [];
  let length = 0;
  return {
    add(text) {
      length += text.length;
      if (length > LONGEST_RECORD) throw new UnfitContent();
      parts.push(text);
    },
    take() {
      const text = parts.join('');
      parts = [];
      length = 0;
      return text;
    },
  };
}

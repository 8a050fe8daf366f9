/** Masks a text that comes in pieces, and holds one record of it at a time. */
export interface Masker {
  /** Gives what can be written by now; throws `UnfitContent`. */
  write(text: string): string;
  /** Gives the rest, once all was written. */
  end(): string;
  /** Whether something had to be masked. */
  isChanged(): boolean;
}

/** The content is not what its type says, or a mask does not fit it: the object must not be called masked. */
export class UnfitContent extends Error {
  constructor() {
    super('An object has content that cannot be masked; nothing of it is quoted here.');
    this.name = 'UnfitContent';
  }
}

/** Characters of one record that are held at a time; an object with a longer one is refused. */
export const LONGEST_RECORD = 4 * 1024 * 1024;

/** What is held of a record that has begun. */
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

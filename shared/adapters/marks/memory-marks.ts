import { present } from '../../domain/present.ts';
import type { Marks, MarksWalked } from '../../ports/marks.ts';

export function memoryMarks(): Marks {
  const stores = new Set<string>();
  let walked: MarksWalked | undefined;
  return {
    async markRegistered(store) {
      stores.add(store);
    },
    async noteMarksWalked(next) {
      walked = { ...next };
    },
    registeredMarks: async () => ({ stores: new Set(stores), ...present({ walked }) }),
  };
}

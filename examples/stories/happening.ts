/** `at`: the time on the virtual clock, with an offset. `says`: what happens, for people. */
export interface Happening {
  readonly at: string;
  readonly says: string;
}

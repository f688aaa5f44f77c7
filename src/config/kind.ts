/** A kind of value: how its text is read, and how it is told to people. */
export interface Kind<T> {
  /** What a good value looks like; completes "expected …". */
  readonly expects: string;
  /** What a number counts; null for values without a unit. */
  readonly unit: string | null;
  /** Values of this kind are never shown in messages. */
  readonly secret: boolean;
  /**
   * @param raw trimmed, never empty
   * @throws BadValue
   */
  parse(raw: string): T;
}

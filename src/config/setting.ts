import type { Kind } from './kind.js';
import type { Machine } from './machine.js';

/** What holds when a key is not set: a text that its kind reads, nothing, or a value found from the machine. */
export type Fallback<T> =
  | { readonly from: 'text'; readonly text: string }
  | { readonly from: 'absence'; readonly value: T }
  | { readonly from: 'machine'; readonly says: string; readonly derive: (machine: Machine) => T };

/** One key of the environment. */
export interface Setting<T> {
  readonly key: string;
  readonly kind: Kind<T>;
  readonly fallback: Fallback<T>;
  /** One sentence. */
  readonly doc: string;
}

export type SettingGroup = Readonly<Record<string, Setting<unknown>>>;

/** The values of a group of settings, under the names of their properties. */
export type ValuesOf<G extends SettingGroup> = {
  readonly [P in keyof G]: G[P] extends Setting<infer T> ? T : never;
};

/** A setting with a default, written as one would write it in `.env`. */
export function setting<T>(key: string, kind: Kind<T>, fallback: string, doc: string): Setting<T> {
  return { key, kind, fallback: { from: 'text', text: fallback }, doc };
}

/** A setting that may stay away; its value is then null. */
export function optional<T>(key: string, kind: Kind<T>, doc: string): Setting<T | null> {
  return { key, kind, fallback: { from: 'absence', value: null }, doc };
}

/** A list that may stay away; its value is then empty. `T` is what else the kind gives, like `'*'`. */
export function optionalList<T>(
  key: string,
  kind: Kind<T | readonly string[]>,
  doc: string,
): Setting<T | readonly string[]> {
  return { key, kind, fallback: { from: 'absence', value: [] }, doc };
}

/** A setting whose default depends on the machine; `says` tells how. */
export function derived<T>(
  key: string,
  kind: Kind<T>,
  says: string,
  derive: (machine: Machine) => T,
  doc: string,
): Setting<T> {
  return { key, kind, fallback: { from: 'machine', says, derive }, doc };
}

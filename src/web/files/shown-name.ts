/** Controls, line ends, halves of surrogate pairs, and marks that turn text around: `exe.jpg` that is `gpj.exe`. */
const deceptive = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** The name of a file as people may read it: what would mislead them is a visible �. */
export function shownName(name: string): string {
  return name.replace(deceptive, '\ufffd');
}

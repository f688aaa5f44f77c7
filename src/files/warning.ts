/** Something that was left out or did not go as asked, in words for the user; `code` is stable. */
export interface Warning {
  /** As the code sees it; null when it is about many files or none. */
  path: string | null;
  code: string;
  message: string;
}

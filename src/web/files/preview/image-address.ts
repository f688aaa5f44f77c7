/**
 * An address for `<img>`, in which SVG runs no script and loads nothing. Not a blob: one that is opened in a tab of
 * its own would run in the origin of the page, while `data:` has none.
 */
export function svgAddress(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

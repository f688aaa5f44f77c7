/** Lines of icons, drawn in a square of 16. */
export const icons = {
  run: 'M5 3l9 5-9 5z',
  stop: 'M4 4h8v8H4z',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10',
  link: 'M6.5 9.5l3-3M7 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M9 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1',
  attach:
    'M12.5 7.5l-4.8 4.8a2.9 2.9 0 0 1-4.1-4.1l5.5-5.5a1.9 1.9 0 0 1 2.7 2.7L6.6 10.6a.9.9 0 0 1-1.3-1.3l4.4-4.4',
  remove: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5',
  add: 'M8 3v10M3 8h10',
  zip: 'M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3',
  chevron: 'M5.5 3.5L10 8l-4.5 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 3v10',
  image: 'M2.5 3h11v10h-11zM3 11l3.5-3.5L9 10l2-2 2.5 2.5M10.5 5.5h.5',
  text: 'M4 2.5h5.5L12 5v8.5H4zM6 7h4M6 9.5h4',
  document: 'M4 2.5h5.5L12 5v8.5H4zM9 2.5V5.5h3',
  code: 'M6 4.5L2.5 8 6 11.5M10 4.5L13.5 8 10 11.5',
  archive: 'M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3',
  slides: 'M2.5 3h11v7.5h-11zM8 10.5V13M5.5 13h5',
  file: 'M4 2.5h5.5L12 5v8.5H4z',
} as const;

export type IconName = keyof typeof icons;

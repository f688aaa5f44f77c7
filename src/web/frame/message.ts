/** What a frame shows. */
export type FrameContent =
  | { kind: 'html'; html: string }
  | { kind: 'plotly'; figure: unknown }
  | { kind: 'vega'; spec: unknown; isLite: boolean };

/** From the panel to its frame. Whoever opens the frame may send anything else. */
export interface ShowMessage {
  type: 'mnt-show';
  content: FrameContent;
  /** As in CSS `color-scheme`. */
  scheme: 'light' | 'dark';
}

/** From a frame to the panel: it is ready to show, or it has another height in CSS pixels. */
export type FrameMessage = { type: 'mnt-ready' } | { type: 'mnt-height'; height: number };

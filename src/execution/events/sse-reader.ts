/** An event of a stream that `SseWriter` wrote. */
export interface ReadEvent {
  readonly event: string;
  readonly id: number;
  readonly data: unknown;
}

/** Cuts such a stream into its events, however the network cut it; pings are left out. */
export class SseReader {
  private rest = '';

  push(text: string): ReadEvent[] {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const [, event = '', id = '', data = ''] = EVENT.exec(block) ?? [];
      return event === '' ? [] : [{ event, id: Number(id), data: JSON.parse(data) as unknown }];
    });
  }
}

const EVENT = /^event: (\w+)\nid: (\d+)\ndata: (.*)$/;

/// <reference types="vite/client" />

declare module 'plotly.js-strict-dist-min' {
  const Plotly: {
    newPlot(root: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
  };
  export default Plotly;
}

declare namespace svelteHTML {
  interface IntrinsicElements {
    'mnt-code-block': {
      'message-id'?: string;
      'chat-id'?: string;
      code?: string;
      'onmnt-run'?: (event: CustomEvent<{ messageId: string; code: string }>) => void;
      'onmnt-change'?: (event: CustomEvent<{ code: string }>) => void;
      'onmnt-finished'?: (event: CustomEvent) => void;
    };
    'mnt-files': {
      'message-id'?: string;
      'chat-id'?: string;
      'attach-to'?: string | undefined;
      'onmnt-attached'?: (event: CustomEvent) => void;
    };
  }
}

import Plotly from 'plotly.js-strict-dist-min';

interface Figure {
  data?: unknown;
  layout?: Record<string, unknown>;
}

/** Draws a Plotly figure. This build of Plotly makes no functions from text, as the policy demands. */
export async function drawFigure(
  root: HTMLElement,
  figure: unknown,
  scheme: 'light' | 'dark',
): Promise<void> {
  const { data, layout } = figure as Figure;
  const colors =
    scheme === 'dark'
      ? { paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: '#e6e8ea' } }
      : {};
  await Plotly.newPlot(
    root,
    data,
    { height: 420, ...layout, ...colors, autosize: true },
    { responsive: true, displaylogo: false },
  );
}

import { parse, View, type Config, type Loader, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Charts load nothing: the policy would stop it, this says why. */
const noLoader: Loader = {
  load: refuse,
  sanitize: refuse,
  http: refuse,
  file: refuse,
};

/** Draws a Vega or Vega-Lite chart. Its expressions are interpreted, not made into functions, as the policy demands. */
export async function drawChart(
  root: HTMLElement,
  spec: unknown,
  isLite: boolean,
  scheme: 'light' | 'dark',
): Promise<void> {
  const config = scheme === 'dark' ? darkConfig : {};
  const vega = isLite ? compile(spec as TopLevelSpec, { config: config as object }).spec : (spec as Spec);
  const runtime = parse(vega, config, { ast: true });
  const view = new View(runtime, {
    expr: expressionInterpreter,
    renderer: 'svg',
    loader: noLoader,
    hover: true,
  });
  await view.initialize(root).runAsync();
}

const light = '#e6e8ea';
const faint = '#4a525b';

const darkConfig: Config = {
  background: 'transparent',
  title: { color: light, subtitleColor: light },
  style: { 'guide-label': { fill: light }, 'guide-title': { fill: light }, cell: { stroke: faint } },
  axis: { domainColor: light, gridColor: faint, tickColor: light },
};

async function refuse(): Promise<never> {
  return await Promise.reject(new Error('Charts may not load anything.'));
}

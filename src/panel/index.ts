export { servePanel } from './panel.setup.js';

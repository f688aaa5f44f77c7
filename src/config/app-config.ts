import type { ValuesOf } from './setting.js';
import type { SETTINGS } from './settings/index.js';

type Groups = typeof SETTINGS;

/**
 * The configuration of the service, read once at the start and deeply frozen; also its injection token.
 * Units are those of the environment keys: bytes, seconds, days. Directories are absolute.
 */
export abstract class AppConfig {
  abstract readonly server: ValuesOf<Groups['server']>;
  abstract readonly data: ValuesOf<Groups['data']>;
  abstract readonly database: ValuesOf<Groups['database']>;
  abstract readonly auth: ValuesOf<Groups['auth']>;
  abstract readonly workspaces: ValuesOf<Groups['workspaces']>;
  abstract readonly files: ValuesOf<Groups['files']>;
  abstract readonly storage: ValuesOf<Groups['storage']>;
  abstract readonly execution: ValuesOf<Groups['execution']>;
  abstract readonly kernels: ValuesOf<Groups['kernels']>;
  abstract readonly engine: ValuesOf<Groups['engine']>;
}

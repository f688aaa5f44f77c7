import type { SettingGroup } from '../setting.js';
import { engineSettings, kernelsSettings } from './kernel-settings.js';
import { authSettings, databaseSettings, dataSettings, serverSettings } from './service-settings.js';
import { storageSettings } from './storage-settings.js';
import { executionSettings, filesSettings, workspacesSettings } from './work-settings.js';

/** Every setting there is. Parsing, `.env.example` and the reference in `docs/` follow from this table. */
export const SETTINGS = {
  server: serverSettings,
  data: dataSettings,
  database: databaseSettings,
  auth: authSettings,
  workspaces: workspacesSettings,
  files: filesSettings,
  storage: storageSettings,
  execution: executionSettings,
  kernels: kernelsSettings,
  engine: engineSettings,
} as const satisfies Readonly<Record<string, SettingGroup>>;

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first tables. */
export class Init1795402498000 implements MigrationInterface {
  readonly name = 'Init1795402498000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...WORKSPACES, ...EXECUTIONS, ...FILES, ...SERVICE])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE workspace_entries, workspace_attachments, workspaces, executions, files, artifacts,
        api_keys, rate_limits, service_instances
    `);
  }
}

const WORKSPACES = [
  `CREATE TABLE workspaces (
    id uuid NOT NULL,
    user_id text NOT NULL,
    kind text NOT NULL,
    external_id text NOT NULL,
    chat_id text,
    state text NOT NULL,
    directory text,
    os_uid integer,
    generation bigint NOT NULL DEFAULT '0',
    bytes bigint NOT NULL DEFAULT '0',
    file_count integer NOT NULL DEFAULT '0',
    kernel_id text,
    had_kernel boolean NOT NULL DEFAULT false,
    lease_holder uuid,
    lease_owner uuid,
    lease_epoch bigint NOT NULL DEFAULT '0',
    lease_expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT workspaces_pkey PRIMARY KEY (id),
    CONSTRAINT workspaces_kind CHECK (kind IN ('message', 'chat', 'own')),
    CONSTRAINT workspaces_state CHECK (state IN ('active', 'expired', 'deleted'))
  )`,
  'CREATE UNIQUE INDEX workspaces_user_kind_external ON workspaces (user_id, kind, external_id)',
  'CREATE INDEX workspaces_user_last_used ON workspaces (user_id, last_used_at, id)',
  'CREATE INDEX workspaces_user_chat ON workspaces (user_id, chat_id)',
  'CREATE INDEX workspaces_state_last_used ON workspaces (state, last_used_at)',
  'CREATE UNIQUE INDEX workspaces_directory ON workspaces (directory)',
  'CREATE UNIQUE INDEX workspaces_os_uid ON workspaces (os_uid)',

  `CREATE TABLE workspace_entries (
    workspace_id uuid NOT NULL,
    path_sha256 bytea NOT NULL,
    path bytea NOT NULL,
    origin text NOT NULL,
    size bigint NOT NULL,
    mode integer NOT NULL,
    mtime_ns bigint,
    ctime_ns bigint,
    inode numeric,
    racy boolean NOT NULL DEFAULT true,
    sha256 bytea,
    file_id uuid,
    CONSTRAINT workspace_entries_pkey PRIMARY KEY (workspace_id, path_sha256),
    CONSTRAINT workspace_entries_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE,
    CONSTRAINT workspace_entries_origin CHECK (origin IN ('attached', 'generated', 'untracked'))
  )`,
  'CREATE INDEX workspace_entries_file ON workspace_entries (file_id)',

  `CREATE TABLE workspace_attachments (
    workspace_id uuid NOT NULL,
    file_id uuid NOT NULL,
    path bytea NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT workspace_attachments_pkey PRIMARY KEY (workspace_id, file_id),
    CONSTRAINT workspace_attachments_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
  )`,
  'CREATE INDEX workspace_attachments_file ON workspace_attachments (file_id)',
];

const EXECUTIONS = [
  `CREATE TABLE executions (
    id uuid NOT NULL,
    seq bigserial NOT NULL,
    user_id text NOT NULL,
    workspace_id uuid NOT NULL,
    workspace_ref text NOT NULL,
    message_id text,
    chat_id text,
    idempotency_key text,
    request_sha256 bytea NOT NULL,
    request bytea NOT NULL,
    status text NOT NULL,
    reason_code text,
    reason_message text,
    kernel text,
    output bytea,
    owner_id uuid NOT NULL,
    cancel_requested_at timestamptz,
    timings_ms jsonb,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT executions_pkey PRIMARY KEY (id),
    CONSTRAINT executions_status CHECK (
      status IN ('queued', 'running', 'ok', 'error', 'timeout', 'interrupted', 'died', 'stopped')
    )
  )`,
  'CREATE UNIQUE INDEX executions_seq ON executions (seq)',
  'CREATE INDEX executions_user_created ON executions (user_id, created_at, id)',
  'CREATE INDEX executions_user_message ON executions (user_id, message_id, created_at, id)',
  'CREATE INDEX executions_user_chat ON executions (user_id, chat_id, created_at, id)',
  'CREATE INDEX executions_created ON executions (created_at, id)',
  `CREATE INDEX executions_open ON executions (workspace_id, seq) WHERE status IN ('queued', 'running')`,
  'CREATE UNIQUE INDEX executions_idempotency ON executions (user_id, idempotency_key)',
  'CREATE INDEX executions_finished ON executions (finished_at)',
];

const FILES = [
  `CREATE TABLE artifacts (
    sha256 bytea NOT NULL,
    size bigint NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT artifacts_pkey PRIMARY KEY (sha256),
    CONSTRAINT artifacts_state CHECK (state IN ('stored', 'deleting'))
  )`,
  'CREATE INDEX artifacts_touched ON artifacts (touched_at)',

  `CREATE TABLE files (
    id uuid NOT NULL,
    user_id text NOT NULL,
    message_id text,
    chat_id text,
    workspace_id uuid,
    execution_id uuid,
    source text NOT NULL,
    change text,
    display boolean NOT NULL DEFAULT false,
    path bytea,
    path_sha256 bytea,
    asked_path_sha256 bytea,
    name text NOT NULL,
    version integer NOT NULL DEFAULT '1',
    latest boolean NOT NULL DEFAULT true,
    size bigint NOT NULL,
    format text NOT NULL,
    mime_type text NOT NULL,
    sha256 bytea NOT NULL,
    link_generation integer NOT NULL DEFAULT '0',
    meta jsonb NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT files_pkey PRIMARY KEY (id),
    CONSTRAINT files_source CHECK (source IN ('code_execution', 'attached')),
    CONSTRAINT files_change CHECK (change IN ('created', 'modified'))
  )`,
  'CREATE INDEX files_user_created ON files (user_id, created_at, id)',
  'CREATE INDEX files_user_message ON files (user_id, message_id, created_at, id)',
  'CREATE INDEX files_user_chat ON files (user_id, chat_id, created_at, id)',
  'CREATE INDEX files_workspace_path ON files (workspace_id, path_sha256)',
  'CREATE INDEX files_user_message_path ON files (user_id, message_id, path_sha256, version)',
  'CREATE UNIQUE INDEX files_execution_path ON files (execution_id, path_sha256)',
  'CREATE INDEX files_sha256 ON files (sha256)',
  `CREATE UNIQUE INDEX files_attached_path ON files (user_id, message_id, path_sha256)
    WHERE source = 'attached'`,
  `CREATE UNIQUE INDEX files_attached_content ON files (user_id, message_id, asked_path_sha256, sha256)
    WHERE source = 'attached'`,
];

const SERVICE = [
  `CREATE TABLE api_keys (
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    user_id text,
    role text NOT NULL,
    namespace text,
    key_hash bytea NOT NULL,
    prefix text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_kind CHECK (kind IN ('user', 'service'))
  )`,
  'CREATE UNIQUE INDEX api_keys_hash ON api_keys (key_hash)',
  'CREATE INDEX api_keys_created ON api_keys (created_at, id)',

  `CREATE TABLE rate_limits (
    key text NOT NULL,
    points integer NOT NULL,
    expire bigint,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
  )`,
  'CREATE INDEX rate_limits_expire ON rate_limits (expire)',

  `CREATE TABLE service_instances (
    id uuid NOT NULL,
    home text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT service_instances_pkey PRIMARY KEY (id)
  )`,
];

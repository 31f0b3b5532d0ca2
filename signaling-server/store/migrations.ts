/**
 * The tables, as the steps that led to them. A database says in `user_version` how many steps it has taken; a step is
 * never changed once it was released, only followed by another.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE server_keys (
    name TEXT PRIMARY KEY,
    seed BLOB NOT NULL
  ) STRICT;

  -- Which package a file became, so that it is not read again as long as it looks the same.
  CREATE TABLE sources (
    path TEXT NOT NULL,
    mode TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    packager INTEGER NOT NULL,
    package TEXT NOT NULL,
    PRIMARY KEY (path, mode)
  ) STRICT;

  -- One row for each channel ever hosted here. The same title, kind, source and content give the same channel.
  CREATE TABLE channels (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('vod', 'live')),
    source TEXT NOT NULL,
    package TEXT NOT NULL,
    seed BLOB NOT NULL,
    -- Live: when chunk 0 went on air, ms since 1970. VoD: 0.
    epoch_ms INTEGER NOT NULL,
    UNIQUE (title, kind, source, package)
  ) STRICT;

  -- VoD: the closed log of each stream; entry is protocol/record.ts's LogEntry in bytes.
  CREATE TABLE logs (
    channel TEXT NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    stream INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (channel, stream, chunk)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Channels of hosts elsewhere: what they say of themselves, as signed, and how they are to be served.
  CREATE TABLE published (
    id TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    signature TEXT NOT NULL,
    floor TEXT NOT NULL CHECK (floor IN ('server', 'peers')),
    is_listed INTEGER NOT NULL,
    is_over INTEGER NOT NULL
  ) STRICT;

  -- Their logs as far as they came; live ones are cut at the window's end.
  CREATE TABLE published_entries (
    channel TEXT NOT NULL REFERENCES published (id) ON DELETE CASCADE,
    stream INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (channel, stream, chunk)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Time of the newest request of each key that publishes here, ms since 1970: after a restart nothing older counts.
  CREATE TABLE published_times (
    channel TEXT PRIMARY KEY,
    newest_ms INTEGER NOT NULL
  ) STRICT;
  `,
];

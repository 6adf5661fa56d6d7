export { VERSION_HEADER, readBackGroup, readBackHandler, seenOf, versionOf } from './read-back.js';
export type { RowKeyOf } from './read-back.js';
export type { Scope, Seen, StateMessage, StateStore } from './state-store.js';
export { StateTopic } from './state-topic.js';
export type { StatePace, StateTopicOptions } from './state-topic.js';
export { VersionedTable, nextVersion } from './versioned-table.js';
export type { VersionedRow, VersionedTableOptions } from './versioned-table.js';

export { auditOutboxMigration } from './audit-outbox.migration.js';
export { AuditPublisher } from './audit-publisher.js';
export { writeAudit } from './audit-rows.js';

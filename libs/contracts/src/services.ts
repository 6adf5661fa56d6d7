/** The deployable services. Each is a folder of apps/, a consumer-group name part and a database schema (with `-` as `_`). */
export const SERVICES = ['gateway', 'tenant-registry', 'token-broker', 'provet-sync', 'exact-sync', 'console'] as const;
export type ServiceName = (typeof SERVICES)[number];

export const VENDORS = ['provet', 'exact'] as const;
export type Vendor = (typeof VENDORS)[number];

/** The sync service of each vendor: the only writer of that vendor's record topics. */
export const SYNC_OF = { provet: 'provet-sync', exact: 'exact-sync' } as const satisfies Record<Vendor, ServiceName>;

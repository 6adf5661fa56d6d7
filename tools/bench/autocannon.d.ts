/** The part of autocannon 9 that the benches use; the package ships no types. */
declare module 'autocannon' {
  export interface LoadRequest {
    readonly method: 'POST';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  export interface LoadOptions {
    readonly url: string;
    readonly connections: number;
    readonly duration: number;
    readonly requests: readonly LoadRequest[];
    /** Requests a second over all connections; absent = as fast as they are answered. */
    readonly overallRate?: number;
  }
  export interface LoadResult {
    readonly duration: number;
    readonly '2xx': number;
    readonly non2xx: number;
    readonly errors: number;
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  }
  export default function autocannon(options: LoadOptions): Promise<LoadResult>;
}

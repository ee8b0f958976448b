// What the tests use of s3rver, which has no types of its own.
declare module 's3rver' {
  // eslint-disable-next-line no-restricted-exports -- as it is there
  export default class S3rver {
    constructor(options: {
      address: string;
      port: number;
      silent: boolean;
      directory: string;
      configureBuckets: readonly { name: string; configs: readonly string[] }[];
    });
    run(): Promise<{ address: string; port: number }>;
    close(): Promise<void>;
  }
}

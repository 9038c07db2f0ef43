import { HEAD_LIMIT, HEAD_TIMEOUT_MS, KEEP_ALIVE_MS, REQUEST_TIMEOUT_MS, TIMEOUT_CHECK_MS } from './limits.ts';

/** The limits of a server of `node:http` or `node:https`, the same with and without TLS. */
export const HTTP_LIMITS = Object.freeze({
  maxHeaderSize: HEAD_LIMIT,
  headersTimeout: HEAD_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
});

export { asFetch, asStreamingFetch, type FetchOptions } from './as-fetch.ts';
export { OutboundError, type OutboundFailure } from './failures.ts';
export {
  createOutbound,
  type Outbound,
  type OutboundDeps,
  type OutboundAnswer,
  type OutboundRequest,
  type OutboundStream,
} from './outbound.ts';

export { asFetch, type FetchOptions } from './as-fetch.ts';
export { OutboundError, type OutboundFailure } from './failures.ts';
export {
  createOutbound,
  type Outbound,
  type OutboundDeps,
  type OutboundAnswer,
  type OutboundRequest,
} from './outbound.ts';

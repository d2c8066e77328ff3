export { matchesPattern, matchesSegment, prefixOf, wrongOfPattern } from '../../pkg/oci/index.ts';
